import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { ZSET, zsetLength } from "../../types/zset.ts";

function handleZcard(ctx: Context): void {
  const entry = ctx.lookupRead(1, ZSET);
  ctx.reply.integer(entry === null ? 0 : zsetLength(ctx.keyspace, entry));
}

export const zcard: CommandSpec = {
  name: "ZCARD",
  group: "sorted-set",
  since: "1.2.0",
  summary: "Tells how many members a sorted set has.",
  complexity: "O(1)",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [keyAt(1, "RO")],
  args: [KEY],
  handler: handleZcard,
};
