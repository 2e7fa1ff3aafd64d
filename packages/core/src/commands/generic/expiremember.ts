/** KeyDB's EXPIREMEMBER, EXPIREMEMBERAT and PEXPIREMEMBERAT: deadlines of members of hashes, sets and sorted sets. */

import {
  INVALID_NUMBER_OF_ARGUMENTS,
  INVALID_UNIT,
  NOT_AN_INTEGER,
  UNSUPPORTED_MEMBER_TYPE,
} from "../../base/errors.ts";
import { KEY, oneOf, optional } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { memberTypeOf } from "../../types/member-expiry.ts";

/** Deadlines beyond what a number holds exactly are as good as none. */
const DEADLINE_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/** Gives the member in argument 2 a deadline; a past one deletes it at once. */
function expireMemberGeneric(ctx: Context, deadline: bigint): void {
  const { args, keyspace, reply } = ctx;
  const entry = ctx.lookupWrite(1);
  if (entry === null) {
    reply.integer(0);
    return;
  }
  const type = memberTypeOf(entry);
  if (type === null) throw UNSUPPORTED_MEMBER_TYPE;
  const buffer = args.buffer;
  const key = { db: ctx.client.db, buffer, start: args.start(1), end: args.end(1), entry };
  const member = args.copy(2);
  const isPast = deadline <= BigInt(ctx.nowMs);
  const at = isPast ? PAST_MS : Number(deadline < DEADLINE_MAX ? deadline : DEADLINE_MAX);
  const found = type.setDeadline(keyspace, key, member, at);
  // The deletion of a due member is told by itself.
  if (isPast) ctx.effects?.prevent();
  else ctx.effects?.replace(["PEXPIREMEMBERAT", args.bytes(1), member, at]);
  if (found && isPast) keyspace.dropDueMember(key.db, buffer, key.start, key.end, member);
  reply.integer(found ? 1 : 0);
}

/** Any time that is past. */
const PAST_MS = 1;

function handleExpiremember(ctx: Context): void {
  const { args } = ctx;
  if (args.count > 5) throw INVALID_NUMBER_OF_ARGUMENTS;
  const delay = args.int64(3, NOT_AN_INTEGER);
  let unitMs = 1000n;
  if (args.count === 5) {
    if (args.is(4, "ms")) unitMs = 1n;
    else if (!args.is(4, "s")) throw INVALID_UNIT;
  }
  expireMemberGeneric(ctx, delay * unitMs + BigInt(ctx.nowMs));
}

function handleExpirememberat(ctx: Context): void {
  expireMemberGeneric(ctx, ctx.args.int64(3, NOT_AN_INTEGER) * 1000n);
}

function handlePexpirememberat(ctx: Context): void {
  expireMemberGeneric(ctx, ctx.args.int64(3, NOT_AN_INTEGER));
}

export const expiremember: CommandSpec = {
  name: "EXPIREMEMBER",
  group: "generic",
  since: "5.3.0",
  summary: "Sets after which time a member of a collection vanishes (KeyDB).",
  complexity: "O(1)",
  arity: -4,
  flags: ["write", "fast"],
  keys: [keyAt(1, "RW", "update")],
  args: [
    KEY,
    { name: "member", type: "string" },
    { name: "delay", type: "integer" },
    optional(
      oneOf("unit", [
        { name: "seconds", type: "pure-token", token: "S" },
        { name: "milliseconds", type: "pure-token", token: "MS" },
      ]),
    ),
  ],
  handler: handleExpiremember,
};

export const expirememberat: CommandSpec = {
  name: "EXPIREMEMBERAT",
  group: "generic",
  since: "5.3.0",
  summary: "Sets the Unix time in seconds at which a member of a collection vanishes (KeyDB).",
  complexity: "O(1)",
  arity: 4,
  flags: ["write", "fast"],
  keys: [keyAt(1, "RW", "update")],
  args: [KEY, { name: "member", type: "string" }, { name: "unix-time-seconds", type: "unix-time" }],
  handler: handleExpirememberat,
};

export const pexpirememberat: CommandSpec = {
  name: "PEXPIREMEMBERAT",
  group: "generic",
  since: "6.0.16",
  summary: "Sets the Unix time in milliseconds at which a member of a collection vanishes (KeyDB).",
  complexity: "O(1)",
  arity: 4,
  flags: ["write", "fast"],
  keys: [keyAt(1, "RW", "update")],
  args: [KEY, { name: "member", type: "string" }, { name: "unix-time-milliseconds", type: "unix-time" }],
  handler: handlePexpirememberat,
};
