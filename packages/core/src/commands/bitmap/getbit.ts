/** GETBIT: reads one chunk of a large value. */
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { stringBit } from "../../types/bitmap.ts";
import { STRING } from "../../types/string.ts";
import { bitOffset } from "./bit-offset.ts";

function handleGetbit(ctx: Context): void {
  const offset = bitOffset(ctx, 2);
  const entry = ctx.lookupRead(1, STRING);
  ctx.reply.integer(entry === null ? 0 : stringBit(ctx.keyspace, entry, offset));
}

export const getbit: CommandSpec = {
  name: "GETBIT",
  group: "bitmap",
  since: "2.2.0",
  summary: "Reads one bit of a string.",
  complexity: "O(1)",
  arity: 3,
  flags: ["readonly", "fast"],
  keys: [keyAt(1, "RO", "access")],
  args: [KEY, { name: "offset", type: "integer" }],
  handler: handleGetbit,
};
