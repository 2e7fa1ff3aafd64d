/** INCR, DECR, INCRBY and DECRBY. */

import { DECREMENT_OVERFLOW } from "../../base/errors.ts";
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { STRING } from "../../types/string.ts";
import { stringIncrBy } from "../../types/string-number.ts";

function incrBy(ctx: Context, increment: number | bigint): void {
  const { args, keyspace } = ctx;
  const old = ctx.lookupWrite(1, STRING);
  const db = ctx.client.db;
  ctx.reply.integer(stringIncrBy(keyspace, db, args.buffer, args.start(1), args.end(1), old, increment));
  ctx.notify(NOTIFY.string, "incrby", 1);
}

function handleIncr(ctx: Context): void {
  incrBy(ctx, 1);
}

function handleDecr(ctx: Context): void {
  incrBy(ctx, -1);
}

function handleIncrby(ctx: Context): void {
  const safe = ctx.args.safeInt(2);
  incrBy(ctx, Number.isNaN(safe) ? ctx.args.int64(2) : safe);
}

function handleDecrby(ctx: Context): void {
  const safe = ctx.args.safeInt(2);
  if (!Number.isNaN(safe)) {
    incrBy(ctx, 0 - safe);
    return;
  }
  const decrement = ctx.args.int64(2);
  if (decrement === -0x8000000000000000n) throw DECREMENT_OVERFLOW;
  incrBy(ctx, -decrement);
}

export const incr: CommandSpec = {
  name: "INCR",
  group: "string",
  since: "1.0.0",
  summary: "Adds 1 to the integer stored at a key; a missing key counts as 0.",
  complexity: "O(1)",
  arity: 2,
  flags: ["write", "denyoom", "fast"],
  keys: [keyAt(1, "RW", "access", "update")],
  args: [KEY],
  handler: handleIncr,
};

export const decr: CommandSpec = {
  name: "DECR",
  group: "string",
  since: "1.0.0",
  summary: "Subtracts 1 from the integer stored at a key; a missing key counts as 0.",
  complexity: "O(1)",
  arity: 2,
  flags: ["write", "denyoom", "fast"],
  keys: [keyAt(1, "RW", "access", "update")],
  args: [KEY],
  handler: handleDecr,
};

export const incrby: CommandSpec = {
  name: "INCRBY",
  group: "string",
  since: "1.0.0",
  summary: "Adds to the integer stored at a key; a missing key counts as 0.",
  complexity: "O(1)",
  arity: 3,
  flags: ["write", "denyoom", "fast"],
  keys: [keyAt(1, "RW", "access", "update")],
  args: [KEY, { name: "increment", type: "integer" }],
  handler: handleIncrby,
};

export const decrby: CommandSpec = {
  name: "DECRBY",
  group: "string",
  since: "1.0.0",
  summary: "Subtracts from the integer stored at a key; a missing key counts as 0.",
  complexity: "O(1)",
  arity: 3,
  flags: ["write", "denyoom", "fast"],
  keys: [keyAt(1, "RW", "access", "update")],
  args: [KEY, { name: "decrement", type: "integer" }],
  handler: handleDecrby,
};
