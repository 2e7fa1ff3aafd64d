import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { STREAM, streamLength } from "../../types/stream.ts";

function handleXlen(ctx: Context): void {
  const entry = ctx.lookupRead(1, STREAM);
  ctx.reply.integer(entry === null ? 0 : streamLength(ctx.keyspace, entry));
}

export const xlen: CommandSpec = {
  name: "XLEN",
  group: "stream",
  since: "5.0.0",
  summary: "Counts the entries of a stream.",
  complexity: "O(1)",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [keyAt(1, "RO")],
  args: [KEY],
  handler: handleXlen,
};
