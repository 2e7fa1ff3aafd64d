import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { typeName } from "../../keyspace/entry.ts";

function handleType(ctx: Context): void {
  const entry = ctx.lookupReadNoTouch(1);
  ctx.reply.simple(entry === null ? "none" : typeName(entry.type));
}

export const type: CommandSpec = {
  name: "TYPE",
  group: "generic",
  since: "1.0.0",
  summary: "Names the type of the value at a key.",
  complexity: "O(1)",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [keyAt(1, "RO")],
  args: [KEY],
  handler: handleType,
};
