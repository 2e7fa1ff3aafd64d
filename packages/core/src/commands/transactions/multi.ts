/** MULTI and DISCARD. The pipeline queues the commands in between. */
import { DISCARD_WITHOUT_MULTI, NESTED_MULTI } from "../../base/errors.ts";
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { forgetWatches } from "../../keyspace/watch.ts";

function handleMulti(ctx: Context): void {
  if (ctx.client.multi !== null) throw NESTED_MULTI;
  ctx.client.multi = { queue: [], aborted: false, access: "none", queuedBytes: 0 };
  ctx.reply.ok();
}

function handleDiscard(ctx: Context): void {
  if (ctx.client.multi === null) throw DISCARD_WITHOUT_MULTI;
  ctx.client.multi = null;
  forgetWatches(ctx.client, ctx.server.counters);
  ctx.reply.ok();
}

export const multi: CommandSpec = {
  name: "MULTI",
  group: "transactions",
  since: "1.2.0",
  summary: "Starts a transaction: the commands that follow are queued until EXEC.",
  complexity: "O(1)",
  arity: 1,
  flags: ["noscript", "loading", "stale", "fast", "allow_busy"],
  runsInMulti: true,
  handler: handleMulti,
};

export const discard: CommandSpec = {
  name: "DISCARD",
  group: "transactions",
  since: "2.0.0",
  summary: "Drops a transaction's queue and all watches.",
  complexity: "O(N), when N is the number of queued commands",
  arity: 1,
  flags: ["noscript", "loading", "stale", "fast", "allow_busy"],
  runsInMulti: true,
  handler: handleDiscard,
};
