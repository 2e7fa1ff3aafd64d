/** STRLEN. */
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { STRING, stringLength } from "../../types/string.ts";

function handleStrlen(ctx: Context): void {
  const entry = ctx.lookupRead(1, STRING);
  ctx.reply.integer(entry === null ? 0 : stringLength(entry));
}

export const strlen: CommandSpec = {
  name: "STRLEN",
  group: "string",
  since: "2.2.0",
  summary: "Tells how many bytes a string has.",
  complexity: "O(1)",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [keyAt(1, "RO")],
  args: [KEY],
  handler: handleStrlen,
};
