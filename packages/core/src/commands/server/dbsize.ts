import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";

function handleDbsize(ctx: Context): void {
  ctx.reply.integer(ctx.keyspace.size(ctx.client.db));
}

export const dbsize: CommandSpec = {
  name: "DBSIZE",
  group: "server",
  since: "1.0.0",
  summary: "Tells how many keys the database has.",
  complexity: "O(1)",
  arity: 1,
  flags: ["readonly", "fast"],
  aclExtra: ["keyspace"],
  tips: ["request_policy:all_shards", "response_policy:agg_sum"],
  handler: handleDbsize,
};
