import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { randomKey } from "../../keyspace/scan.ts";

function handleRandomkey(ctx: Context): void {
  const key = randomKey(ctx.keyspace, ctx.client.db);
  if (key === null) ctx.reply.null();
  else ctx.reply.bulk(key);
}

export const randomkey: CommandSpec = {
  name: "RANDOMKEY",
  group: "generic",
  since: "1.0.0",
  summary: "Names one key of the database, chosen at random.",
  complexity: "O(1)",
  arity: 1,
  flags: ["readonly", "touches_arbitrary_keys"],
  tips: ["request_policy:all_shards", "response_policy:special", "nondeterministic_output"],
  handler: handleRandomkey,
};
