import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { liveSize, SET } from "../../types/set.ts";

function handleScard(ctx: Context): void {
  const entry = ctx.lookupRead(1, SET);
  ctx.reply.integer(entry === null ? 0 : liveSize(ctx.keyspace, entry));
}

export const scard: CommandSpec = {
  name: "SCARD",
  group: "set",
  since: "1.0.0",
  summary: "Counts the members of a set.",
  complexity: "O(1)",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [keyAt(1, "RO")],
  args: [KEY],
  handler: handleScard,
};
