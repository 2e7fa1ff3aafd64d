/** RESTORE (Redis' restoreCommand): the same checks in the same order. Everything is read before anything is written. */
import {
  BAD_DATA_FORMAT,
  BUSYKEY,
  INVALID_FREQ,
  INVALID_IDLETIME,
  INVALID_TTL,
  NOT_AN_INTEGER,
  PAYLOAD_WRONG,
  SYNTAX_ERROR,
} from "../../base/errors.ts";
import { KEY, optional, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { SHARED_WORD } from "../../ports/counters.ts";
import { openPayload, readPayload } from "../../rdb/dump-payload.ts";
import { RDB_VERSION_FIELD_EXPIRY } from "../../rdb/rdb-format.ts";
import type { RdbObject } from "../../rdb/rdb-object.ts";
import { DamagedPayload } from "../../rdb/rdb-reader.ts";
import { valueLimits } from "./value-limits.ts";

interface Options {
  replaces: boolean;
  isAbsolute: boolean;
  idleSeconds: number | null;
  frequency: number | null;
}

function readOptions(ctx: Context): Options {
  const { args } = ctx;
  const options: Options = { replaces: false, isAbsolute: false, idleSeconds: null, frequency: null };
  for (let i = 4; i < args.count; i++) {
    const hasMore = i + 1 < args.count;
    if (args.is(i, "replace")) options.replaces = true;
    else if (args.is(i, "absttl")) options.isAbsolute = true;
    else if (hasMore && options.frequency === null && args.is(i, "idletime")) {
      options.idleSeconds = Number(args.int64(++i, NOT_AN_INTEGER));
      if (options.idleSeconds < 0) throw INVALID_IDLETIME;
    } else if (hasMore && options.idleSeconds === null && args.is(i, "freq")) {
      options.frequency = Number(args.int64(++i, NOT_AN_INTEGER));
      if (options.frequency < 0 || options.frequency > 255) throw INVALID_FREQ;
    } else throw SYNTAX_ERROR;
  }
  return options;
}

function readValue(ctx: Context): RdbObject {
  const trusts = Atomics.load(ctx.server.shared.words, SHARED_WORD.payload_checksum_ignored) === 1;
  const from = openPayload(ctx.args.bytes(3), RDB_VERSION_FIELD_EXPIRY, trusts);
  if (from === null) throw PAYLOAD_WRONG;
  try {
    return readPayload(from);
  } catch (error) {
    if (error instanceof DamagedPayload) throw BAD_DATA_FORMAT;
    throw error;
  }
}

/** Argument 2 as unix ms; 0: no expiry. */
function readExpiry(ctx: Context, isAbsolute: boolean): bigint {
  const ttl = ctx.args.int64(2, NOT_AN_INTEGER);
  if (ttl < 0n) throw INVALID_TTL;
  return ttl === 0n || isAbsolute ? ttl : BigInt.asIntN(64, ttl + BigInt(ctx.nowMs));
}

function handleRestore(ctx: Context): void {
  const { args, keyspace } = ctx;
  const { db } = ctx.client;
  const { buffer } = args;
  const start = args.start(1);
  const end = args.end(1);
  const options = readOptions(ctx);
  if (!options.replaces && ctx.lookupWrite(1) !== null) throw BUSYKEY;
  const expireAtMs = readExpiry(ctx, options.isAbsolute);
  const value = readValue(ctx);
  const { dirty } = keyspace;
  const isReplaced = options.replaces && keyspace.delete(db, buffer, start, end);
  if (expireAtMs !== 0n && expireAtMs <= BigInt(ctx.nowMs)) {
    if (isReplaced) {
      const isLazy = ctx.server.config.boolean("lazyfree-lazy-server-del");
      ctx.effects?.replace([isLazy ? "UNLINK" : "DEL", args.bytes(1)]);
      ctx.notify(NOTIFY.generic, "del", 1);
      keyspace.dirty = dirty + 1;
    }
    ctx.reply.ok();
    return;
  }
  value.store({ keyspace, limits: valueLimits(ctx), db, buffer, start, end });
  keyspace.forgetRow();
  if (expireAtMs !== 0n) {
    const entry = keyspace.find(db, buffer, start, end);
    if (entry !== null) keyspace.setExpiry(db, buffer, start, end, entry, keyspace.expiryOf(expireAtMs));
  }
  if (ctx.effects !== null && expireAtMs !== 0n && !options.isAbsolute) {
    const words = Array.from({ length: args.count }, (_, i) => (i === 2 ? expireAtMs : args.bytes(i)));
    ctx.effects.replace([...words, "ABSTTL"]);
  }
  const { accessClock } = ctx.server;
  const hash = keyspace.hashOf(buffer, start, end);
  accessClock.create(hash, ctx.nowMs);
  accessClock.restore(hash, ctx.nowMs, options.idleSeconds, options.frequency);
  ctx.notify(NOTIFY.generic, "restore", 1);
  // One change, however many writes it took.
  keyspace.dirty = dirty + 1;
  ctx.reply.ok();
}

export const restore: CommandSpec = {
  name: "RESTORE",
  group: "generic",
  since: "2.6.0",
  summary: "Makes a key of what DUMP returned.",
  complexity: "O(N*M), N being the number of elements and M their mean size; of a sorted set O(N*M*log(N)).",
  arity: -4,
  flags: ["write", "denyoom"],
  aclExtra: ["dangerous"],
  keys: [keyAt(1, "OW", "update")],
  history: [
    ["3.0.0", "Added the `REPLACE` modifier."],
    ["5.0.0", "Added the `ABSTTL` modifier."],
    ["5.0.0", "Added the `IDLETIME` and `FREQ` options."],
  ],
  args: [
    KEY,
    { name: "ttl", type: "integer" },
    { name: "serialized-value", type: "string" },
    { ...optional(token("REPLACE")), since: "3.0.0" },
    { ...optional(token("ABSTTL")), since: "5.0.0" },
    { name: "seconds", type: "integer", token: "IDLETIME", since: "5.0.0", flags: ["optional"] },
    { name: "frequency", type: "integer", token: "FREQ", since: "5.0.0", flags: ["optional"] },
  ],
  handler: handleRestore,
};

/** RESTORE for clusters: to a slot that is on its way here. */
export const restoreAsking: CommandSpec = {
  ...restore,
  name: "RESTORE-ASKING",
  group: "server",
  since: "3.0.0",
  summary: "Makes a key of what DUMP returned, while its hash slot is on its way here.",
  flags: ["write", "denyoom", "asking"],
  aclExtra: ["keyspace", "dangerous"],
  docFlags: ["syscmd"],
};
