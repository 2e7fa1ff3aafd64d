/** HTTL, HPTTL, HEXPIRETIME and HPEXPIRETIME (Redis 7.4). */

import { FIELD_COUNT_NOT_POSITIVE } from "../../base/errors.ts";
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NO_EXPIRY } from "../../keyspace/entry.ts";
import { HASH, HashReader } from "../../types/hash.ts";
import { readFieldList } from "./field-list.ts";
import { FIELDS } from "./hash-grammar.ts";

/** Replies per field, as in Redis. */
export const NO_FIELD = -2;
export const NO_DEADLINE = -1;

function ttlGeneric(ctx: Context, inSeconds: boolean, relative: boolean): void {
  const { args, reply } = ctx;
  const entry = ctx.lookupRead(1, HASH);
  const first = readFieldList(ctx, 2, FIELD_COUNT_NOT_POSITIVE);
  reply.arrayHeader(args.count - first);
  const reader = entry === null ? null : new HashReader(ctx.keyspace, entry);
  const base = relative ? ctx.nowMs : 0;
  for (let i = first; i < args.count; i++) {
    if (reader === null || !reader.find(args.buffer, args.start(i), args.end(i))) reply.integer(NO_FIELD);
    else if (reader.element.expireAtMs === NO_EXPIRY) reply.integer(NO_DEADLINE);
    else {
      const ms = reader.element.expireAtMs - base;
      reply.integer(inSeconds ? Math.floor((ms + 999) / 1000) : ms);
    }
  }
}

function handleHttl(ctx: Context): void {
  ttlGeneric(ctx, true, true);
}

function handleHpttl(ctx: Context): void {
  ttlGeneric(ctx, false, true);
}

function handleHexpiretime(ctx: Context): void {
  ttlGeneric(ctx, true, false);
}

function handleHpexpiretime(ctx: Context): void {
  ttlGeneric(ctx, false, false);
}

export const httl: CommandSpec = {
  name: "HTTL",
  group: "hash",
  since: "7.4.0",
  summary: "Tells how many seconds fields of a hash have left.",
  complexity: "O(N), N being the number of fields.",
  arity: -5,
  flags: ["readonly", "fast"],
  keys: [keyAt(1, "RO", "access")],
  args: [KEY, FIELDS],
  handler: handleHttl,
};

export const hpttl: CommandSpec = {
  name: "HPTTL",
  group: "hash",
  since: "7.4.0",
  summary: "Tells how many milliseconds fields of a hash have left.",
  complexity: "O(N), N being the number of fields.",
  arity: -5,
  flags: ["readonly", "fast"],
  keys: [keyAt(1, "RO", "access")],
  args: [KEY, FIELDS],
  handler: handleHpttl,
};

export const hexpiretime: CommandSpec = {
  name: "HEXPIRETIME",
  group: "hash",
  since: "7.4.0",
  summary: "Tells the Unix time in seconds at which fields of a hash vanish.",
  complexity: "O(N), N being the number of fields.",
  arity: -5,
  flags: ["readonly", "fast"],
  keys: [keyAt(1, "RO", "access")],
  args: [KEY, FIELDS],
  handler: handleHexpiretime,
};

export const hpexpiretime: CommandSpec = {
  name: "HPEXPIRETIME",
  group: "hash",
  since: "7.4.0",
  summary: "Tells the Unix time in milliseconds at which fields of a hash vanish.",
  complexity: "O(N), N being the number of fields.",
  arity: -5,
  flags: ["readonly", "fast"],
  keys: [keyAt(1, "RO", "access")],
  args: [KEY, FIELDS],
  handler: handleHpexpiretime,
};
