/** TTL, PTTL, EXPIRETIME and PEXPIRETIME (Redis' ttlGenericCommand). */
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { exactExpiry, NO_EXPIRY } from "../../keyspace/entry.ts";

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

function ttlSpec(
  name: string,
  since: string,
  summary: string,
  facts: Pick<CommandSpec, "history" | "tips">,
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
    args: [{ name: "key", type: "key", keySpecIndex: 0 }],
    ...facts,
    handler,
  };
}

const RELATIVE: Pick<CommandSpec, "history" | "tips"> = {
  tips: ["nondeterministic_output"],
  history: [["2.8.0", "Added the -2 reply."]],
};

export const ttl = ttlSpec("TTL", "1.0.0", "Tells how many seconds a key has left.", RELATIVE, (ctx) =>
  ttlGeneric(ctx, false, false),
);
export const pttl = ttlSpec("PTTL", "2.6.0", "Tells how many milliseconds a key has left.", RELATIVE, (ctx) =>
  ttlGeneric(ctx, true, false),
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
