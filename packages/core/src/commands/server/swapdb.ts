import { DB_INDEX_OUT_OF_RANGE, INVALID_FIRST_DB_INDEX, INVALID_SECOND_DB_INDEX } from "../../base/errors.ts";
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";

function handleSwapdb(ctx: Context): void {
  const { args, keyspace } = ctx;
  const first = args.int32(1, INVALID_FIRST_DB_INDEX);
  const second = args.int32(2, INVALID_SECOND_DB_INDEX);
  const { count } = keyspace.databases;
  if (first < 0 || first >= count || second < 0 || second >= count) throw DB_INDEX_OUT_OF_RANGE;
  if (first !== second) keyspace.swap(first, second);
  else keyspace.dirty++;
  ctx.reply.ok();
}

export const swapdb: CommandSpec = {
  name: "SWAPDB",
  group: "server",
  since: "4.0.0",
  summary: "Exchanges the contents of two databases for all clients at once.",
  complexity: "O(1)",
  arity: 3,
  flags: ["write", "fast"],
  aclExtra: ["keyspace", "dangerous"],
  args: [
    { name: "index1", type: "integer" },
    { name: "index2", type: "integer" },
  ],
  handler: handleSwapdb,
};
