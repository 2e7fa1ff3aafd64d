/** KEYS: one walk over the database on the command's snapshot, without any lock; memory is the reply's. */
import { GlobPattern } from "../../base/glob.ts";
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { walkKeys } from "../../keyspace/scan.ts";

function handleKeys(ctx: Context): void {
  const { reply } = ctx;
  const pattern = new GlobPattern(ctx.args.bytes(1));
  const mark = reply.deferred();
  let count = 0;
  walkKeys(ctx.keyspace, ctx.client.db, (key, start, end) => {
    if (pattern.isStar || pattern.matches(key, start, end)) {
      reply.bulk(key, start, end);
      count++;
    }
    return true;
  });
  reply.endDeferred(mark, "array", count);
}

export const keys: CommandSpec = {
  name: "KEYS",
  group: "generic",
  since: "1.0.0",
  summary: "Lists the names of all keys that match a glob pattern.",
  complexity: "O(N), N being the number of keys in the database.",
  arity: 2,
  flags: ["readonly"],
  aclExtra: ["dangerous"],
  tips: ["request_policy:all_shards", "nondeterministic_output_order"],
  args: [{ name: "pattern", type: "pattern" }],
  handler: handleKeys,
};
