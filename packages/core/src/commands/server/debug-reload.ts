/**
 * DEBUG RELOAD and LOADAOF. Redis saves its data, forgets it and loads it again. Here the store is the data: every value is
 * taken through its saved form in its place, with what a load does to it (encodings that fit the limits in force, keys that
 * are due left out). Jobs of KEYDB.CRON stay as they are: the form has no place for what became of their runs.
 */
import { DEBUG_RELOAD_FAILED, DEBUG_RELOAD_OPTIONS } from "../../base/errors.ts";
import type { Context } from "../../command/context.ts";
import { expireDueKeys } from "../../keyspace/active-expire.ts";
import { exactExpiry, NO_EXPIRY, TYPE_ID } from "../../keyspace/entry.ts";
import { libraryNumbers } from "../../keyspace/function-libraries.ts";
import { walkKeys } from "../../keyspace/scan.ts";
import { dumpPayload, openPayload, readPayload } from "../../rdb/dump-payload.ts";
import { RDB_VERSION_FIELD_EXPIRY } from "../../rdb/rdb-format.ts";
import type { ValueLimits } from "../../rdb/rdb-object.ts";
import { valueLimits } from "../generic/value-limits.ts";

/** Due keys deleted at a time. */
const STEP_KEYS = 256;

interface Options {
  merges: boolean;
  flushes: boolean;
}

function readOptions({ args }: Context): Options {
  const options: Options = { merges: false, flushes: true };
  for (let i = 2; i < args.count; i++) {
    if (args.is(i, "merge")) options.merges = true;
    else if (args.is(i, "noflush")) options.flushes = false;
    else if (!args.is(i, "nosave")) throw DEBUG_RELOAD_OPTIONS;
  }
  return options;
}

export function debugReload(ctx: Context): void {
  const { keyspace, reply } = ctx;
  const { merges, flushes } = readOptions(ctx);
  while (expireDueKeys(keyspace, STEP_KEYS) > 0);
  const names = keysOf(ctx);
  const isEmpty = names.every((keys) => keys.length === 0) && libraryNumbers(keyspace).length === 0;
  // What is loaded is there already.
  if (!flushes && !merges && !isEmpty) throw DEBUG_RELOAD_FAILED;
  const limits = valueLimits(ctx);
  const { dirty, listener } = keyspace;
  // A load makes no events, and is no change.
  keyspace.listener = null;
  try {
    names.forEach((keys, db) => {
      for (const key of keys) reloadKey(ctx, db, key, limits);
    });
  } finally {
    keyspace.listener = listener;
  }
  keyspace.dirty = dirty;
  ctx.server.host.log("notice", "DB reloaded by DEBUG RELOAD");
  reply.ok();
}

/** The names of all keys, by database. */
function keysOf({ keyspace }: Context): Buffer[][] {
  return Array.from({ length: keyspace.databases.count }, (_, db) => {
    const keys: Buffer[] = [];
    walkKeys(keyspace, db, (key, start, end) => keys.push(Buffer.from(key.subarray(start, end))) > 0);
    return keys;
  });
}

function reloadKey({ keyspace }: Context, db: number, key: Buffer, limits: ValueLimits): void {
  keyspace.forgetRow();
  const entry = keyspace.find(db, key, 0, key.length);
  if (entry === null || entry.type === TYPE_ID.cron) return;
  const expireAtMs = entry.expireAtMs === NO_EXPIRY ? null : exactExpiry(entry);
  const from = openPayload(dumpPayload(keyspace, entry, limits, false), RDB_VERSION_FIELD_EXPIRY);
  if (from === null) throw new Error("a payload that was just written cannot be opened");
  const value = readPayload(from);
  keyspace.forgetRow();
  keyspace.delete(db, key, 0, key.length);
  value.store({ keyspace, limits, db, buffer: key, start: 0, end: key.length });
  if (expireAtMs === null) return;
  keyspace.forgetRow();
  const stored = keyspace.find(db, key, 0, key.length);
  if (stored !== null) keyspace.setExpiry(db, key, 0, key.length, stored, keyspace.expiryOf(expireAtMs));
}
