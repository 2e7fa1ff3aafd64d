import { KEYS } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyRange } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";

function handleTouch(ctx: Context): void {
  const { server, keyspace, nowMs } = ctx;
  let touched = 0;
  for (let i = 1; i < ctx.args.count; i++) {
    if (ctx.lookupReadNoTouch(i) === null) continue;
    // Also for a client with CLIENT NO-TOUCH: touching is what it asked for.
    server.accessClock.touch(keyspace.codec.hashLow, nowMs);
    touched++;
  }
  ctx.reply.integer(touched);
}

export const touch: CommandSpec = {
  name: "TOUCH",
  group: "generic",
  since: "3.2.1",
  summary: "Notes a use of each of the given keys and counts those that exist.",
  complexity: "O(N), N being the number of keys.",
  arity: -2,
  flags: ["readonly", "fast"],
  keys: [keyRange(1, -1, 1, "RO")],
  tips: ["request_policy:multi_shard", "response_policy:agg_sum"],
  args: [KEYS],
  handler: handleTouch,
};
