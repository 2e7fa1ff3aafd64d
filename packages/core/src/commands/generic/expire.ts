/** EXPIRE, PEXPIRE, EXPIREAT and PEXPIREAT (Redis' expireGenericCommand): the same checks in the same order. */

import {
  EXPIRE_GT_AND_LT,
  EXPIRE_NX_AND_OTHERS,
  invalidExpireTime,
  NOT_AN_INTEGER,
  unsupportedOption,
} from "../../base/errors.ts";
import { INT64_MAX } from "../../base/numbers.ts";
import { KEY, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { exactExpiry, NO_EXPIRY } from "../../keyspace/entry.ts";

interface Conditions {
  nx: boolean;
  xx: boolean;
  gt: boolean;
  lt: boolean;
}

function readConditions(ctx: Context): Conditions | null {
  const { args } = ctx;
  if (args.count === 3) return null;
  const conditions: Conditions = { nx: false, xx: false, gt: false, lt: false };
  for (let i = 3; i < args.count; i++) {
    if (args.is(i, "nx")) conditions.nx = true;
    else if (args.is(i, "xx")) conditions.xx = true;
    else if (args.is(i, "gt")) conditions.gt = true;
    else if (args.is(i, "lt")) conditions.lt = true;
    else throw unsupportedOption(args.latin1(i));
  }
  if (conditions.nx && (conditions.xx || conditions.gt || conditions.lt)) throw EXPIRE_NX_AND_OTHERS;
  if (conditions.gt && conditions.lt) throw EXPIRE_GT_AND_LT;
  return conditions;
}

const FAR = Number.MAX_SAFE_INTEGER / 1000 - 1e13;

/** Argument 2 as unix ms, perhaps negative; throws when a 64-bit integer cannot hold it. */
function readDeadline(ctx: Context, inSeconds: boolean, relative: boolean): number | bigint {
  const base = relative ? ctx.nowMs : 0;
  const near = ctx.args.safeInt(2);
  if (near < FAR && near > -FAR) return (inSeconds ? near * 1000 : near) + base;
  const given = ctx.args.int64(2, NOT_AN_INTEGER);
  const ms = inSeconds ? given * 1000n : given;
  if (ms > INT64_MAX - BigInt(base) || ms < -INT64_MAX - 1n) throw invalidExpireTime(ctx.command.fullName);
  return ms + BigInt(base);
}

/** NX, XX, GT and LT against the present expiry; a key without one counts as living for ever. */
function allowed(conditions: Conditions, deadline: number | bigint, current: number | bigint | null): boolean {
  if (conditions.nx) return current === null;
  if (conditions.xx && current === null) return false;
  if (conditions.gt && (current === null || deadline <= current)) return false;
  return !(conditions.lt && current !== null && deadline >= current);
}

/** Tells the op log that the key in argument 1 was deleted as its new expiry has passed. */
export function tellExpired(ctx: Context): void {
  const isLazy = ctx.server.config.boolean("lazyfree-lazy-expire");
  ctx.effects?.replace([isLazy ? "UNLINK" : "DEL", ctx.args.bytes(1)]);
}

function expireGeneric(ctx: Context, inSeconds: boolean, relative: boolean): void {
  const { args, keyspace, reply } = ctx;
  const db = ctx.client.db;
  const b = args.buffer;
  const start = args.start(1);
  const end = args.end(1);
  const conditions = readConditions(ctx);
  const deadline = readDeadline(ctx, inSeconds, relative);
  const entry = ctx.lookupWrite(1);
  if (entry === null) {
    reply.integer(0);
    return;
  }
  if (conditions !== null) {
    const current = entry.expireAtMs === NO_EXPIRY ? null : exactExpiry(entry);
    if (!allowed(conditions, deadline, current)) {
      reply.integer(0);
      return;
    }
  }
  if (deadline <= ctx.nowMs) tellExpired(ctx);
  else ctx.effects?.replaceWords(args, { 0: relative || inSeconds ? "PEXPIREAT" : args.bytes(0), 2: deadline });
  if (deadline <= ctx.nowMs) keyspace.remove(db, b, start, end, entry);
  else keyspace.setExpiry(db, b, start, end, entry, keyspace.expiryOf(deadline));
  ctx.notify(NOTIFY.generic, deadline <= ctx.nowMs ? "del" : "expire", 1);
  reply.integer(1);
}

function expireSpec(
  name: string,
  since: string,
  summary: string,
  argument: { name: string; type: "integer" | "unix-time" },
  handler: (ctx: Context) => void,
): CommandSpec {
  return {
    name,
    group: "generic",
    since,
    summary,
    complexity: "O(1)",
    arity: -3,
    flags: ["write", "fast"],
    keys: [keyAt(1, "RW", "update")],
    history: [["7.0.0", "Added options: `NX`, `XX`, `GT` and `LT`."]],
    args: [
      KEY,
      argument,
      {
        name: "condition",
        type: "oneof",
        since: "7.0.0",
        flags: ["optional"],
        args: [token("NX"), token("XX"), token("GT"), token("LT")],
      },
    ],
    handler,
  };
}

export const expire = expireSpec(
  "EXPIRE",
  "1.0.0",
  "Lets a key vanish after a number of seconds.",
  { name: "seconds", type: "integer" },
  (ctx) => expireGeneric(ctx, true, true),
);
export const pexpire = expireSpec(
  "PEXPIRE",
  "2.6.0",
  "Lets a key vanish after a number of milliseconds.",
  { name: "milliseconds", type: "integer" },
  (ctx) => expireGeneric(ctx, false, true),
);
export const expireat = expireSpec(
  "EXPIREAT",
  "1.2.0",
  "Lets a key vanish at a Unix time in seconds.",
  { name: "unix-time-seconds", type: "unix-time" },
  (ctx) => expireGeneric(ctx, true, false),
);
export const pexpireat = expireSpec(
  "PEXPIREAT",
  "2.6.0",
  "Lets a key vanish at a Unix time in milliseconds.",
  { name: "unix-time-milliseconds", type: "unix-time" },
  (ctx) => expireGeneric(ctx, false, false),
);
