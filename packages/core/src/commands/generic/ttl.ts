/** TTL, PTTL, EXPIRETIME and PEXPIRETIME (Redis' ttlGenericCommand). */

import { wrongArity } from "../../base/errors.ts";
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { exactExpiry, NO_EXPIRY, TYPE_ID } from "../../keyspace/entry.ts";
import { memberTypeOf } from "../../types/member-expiry.ts";

function ttlGeneric(ctx: Context, inMs: boolean, absolute: boolean): void {
  const entry = ctx.lookupReadNoTouch(1);
  if (entry === null) ctx.reply.integer(-2);
  else if (entry.expireAtMs === NO_EXPIRY) ctx.reply.integer(-1);
  else {
    const at = exactExpiry(entry);
    if (typeof at === "bigint") {
      const ms = absolute ? at : at - BigInt(ctx.nowMs);
      ctx.reply.integer(inMs ? ms : (ms + 500n) / 1000n);
    } else {
      const ms = absolute ? at : Math.max(0, at - ctx.nowMs);
      ctx.reply.integer(inMs ? ms : Math.floor((ms + 500) / 1000));
    }
  }
}

/** TTL and PTTL; with a member (KeyDB) the time that the member has left. */
function ttlOrMemberTtl(ctx: Context, inMs: boolean): void {
  const { args, keyspace, reply } = ctx;
  if (args.count > 3) throw wrongArity(ctx.command.fullName);
  if (args.count === 2) {
    ttlGeneric(ctx, inMs, false);
    return;
  }
  const entry = ctx.lookupReadNoTouch(1);
  if (entry === null) {
    reply.integer(-2);
    return;
  }
  const member = args.copy(2);
  // KeyDB: the next run of a job is the deadline of the member that has the key's own name.
  const deadline =
    entry.type !== TYPE_ID.cron
      ? (memberTypeOf(entry)?.deadline(keyspace, entry, member) ?? NO_EXPIRY)
      : member.equals(args.bytes(1))
        ? entry.memberExpireAtMs
        : NO_EXPIRY;
  if (deadline === NO_EXPIRY) reply.integer(-1);
  else {
    const ms = Math.max(0, deadline - ctx.nowMs);
    reply.integer(inMs ? ms : Math.floor((ms + 500) / 1000));
  }
}

function ttlSpec(
  name: string,
  since: string,
  summary: string,
  facts: Partial<CommandSpec>,
  handler: (ctx: Context) => void,
): CommandSpec {
  return {
    name,
    group: "generic",
    since,
    summary,
    complexity: "O(1)",
    arity: 2,
    flags: ["readonly", "fast"],
    keys: [keyAt(1, "RO", "access")],
    args: [KEY],
    ...facts,
    handler,
  };
}

/** What TTL and PTTL have and the other two have not; the member is KeyDB's. */
const RELATIVE: Partial<CommandSpec> = {
  arity: -2,
  tips: ["nondeterministic_output"],
  history: [["2.8.0", "Added the -2 reply."]],
  args: [KEY, { name: "member", type: "string", flags: ["optional"] }],
};

export const ttl = ttlSpec("TTL", "1.0.0", "Tells how many seconds a key, or a member, has left.", RELATIVE, (ctx) =>
  ttlOrMemberTtl(ctx, false),
);
export const pttl = ttlSpec(
  "PTTL",
  "2.6.0",
  "Tells how many milliseconds a key, or a member, has left.",
  RELATIVE,
  (ctx) => ttlOrMemberTtl(ctx, true),
);
export const expiretime = ttlSpec(
  "EXPIRETIME",
  "7.0.0",
  "Tells the Unix time in seconds at which a key vanishes.",
  {},
  (ctx) => ttlGeneric(ctx, false, true),
);
export const pexpiretime = ttlSpec(
  "PEXPIRETIME",
  "7.0.0",
  "Tells the Unix time in milliseconds at which a key vanishes.",
  {},
  (ctx) => ttlGeneric(ctx, true, true),
);
