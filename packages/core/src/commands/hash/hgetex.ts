/** HGETEX (Redis 8.0). */

import { FIELD_COUNT_NOT_POSITIVE } from "../../base/errors.ts";
import { KEY, oneOf, optional, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { NO_EXPIRY } from "../../keyspace/entry.ts";
import { HASH } from "../../types/hash.ts";
import { readDeadline, readFieldList } from "./field-list.ts";
import { editHash } from "./hash-access.ts";
import { FIELDS } from "./hash-grammar.ts";
import { setFieldDeadline, tellFieldDeadline } from "./hexpire.ts";

function handleHgetex(ctx: Context): void {
  const { args, reply } = ctx;
  const old = ctx.lookupWrite(1, HASH);
  const word = ["ex", "px", "exat", "pxat", "persist"].find((known) => args.is(2, known)) ?? null;
  let deadline = NO_EXPIRY;
  let at = 2;
  if (word === "persist") at = 3;
  else if (word !== null) {
    deadline = readDeadline(ctx, 3, word.startsWith("ex"), word.length === 2);
    at = 4;
  }
  const first = readFieldList(ctx, at, FIELD_COUNT_NOT_POSITIVE);
  reply.arrayHeader(args.count - first);
  const hash = old === null ? null : editHash(ctx, old);
  if (hash !== null && word !== null) hash.allowDeadlines();
  const found: number[] = [];
  for (let i = first; i < args.count; i++) {
    const value = hash === null ? null : hash.get(args.buffer, args.start(i), args.end(i));
    if (hash === null || value === null) {
      reply.null();
      continue;
    }
    reply.bulk(value);
    found.push(i);
    if (word === "persist") hash.setDeadline(args.buffer, args.start(i), args.end(i), NO_EXPIRY);
    else if (word !== null) setFieldDeadline(ctx, hash, i, deadline);
  }
  hash?.finish();
  const isPast = deadline <= ctx.nowMs;
  if (found.length === 0) ctx.effects?.prevent();
  if (found.length === 0 || hash === null || word === null) return;
  if (ctx.effects !== null && word === "persist") tellPersisted(ctx, found);
  else if (ctx.effects !== null) tellFieldDeadline(ctx, isPast ? [] : found, isPast ? found : [], deadline);
  if (word === "persist") ctx.notify(NOTIFY.hash, "hpersist", 1);
  else if (!isPast) ctx.notify(NOTIFY.hash, "hexpire", 1);
  else ctx.notifyRemoved(NOTIFY.hash, "hdel", 1, hash.size === 0);
}

function tellPersisted(ctx: Context, fields: readonly number[]): void {
  const { args } = ctx;
  ctx.effects?.replace(["HPERSIST", args.bytes(1), "FIELDS", fields.length, ...fields.map((i) => args.bytes(i))]);
}

export const hgetex: CommandSpec = {
  name: "HGETEX",
  group: "hash",
  since: "8.0.0",
  summary: "Reads the values of fields of a hash and sets or drops their expiry.",
  complexity: "O(N), N being the number of fields.",
  arity: -5,
  flags: ["write", "fast"],
  keys: [{ ...keyAt(1, "RW", "access", "update"), notes: "RW and UPDATE because it changes the TTL" }],
  args: [
    KEY,
    optional(
      oneOf("expiration", [
        { name: "seconds", type: "integer", token: "EX" },
        { name: "milliseconds", type: "integer", token: "PX" },
        { name: "unix-time-seconds", type: "unix-time", token: "EXAT" },
        { name: "unix-time-milliseconds", type: "unix-time", token: "PXAT" },
        token("PERSIST"),
      ]),
    ),
    FIELDS,
  ],
  handler: handleHgetex,
};
