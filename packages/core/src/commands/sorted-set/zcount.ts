/** ZCOUNT and ZLEXCOUNT: members in a range. */
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { ZSET, Zset } from "../../types/zset.ts";
import { lexSpan, type Span, scoreSpan } from "../../types/zset-range.ts";
import { readLexRange, readScoreRange } from "./range-args.ts";

function countGeneric(ctx: Context, spanOf: (zset: Zset) => Span): void {
  const entry = ctx.lookupRead(1, ZSET);
  if (entry === null) {
    ctx.reply.integer(0);
    return;
  }
  const zset = new Zset(ctx.keyspace, entry);
  const { from, to } = spanOf(zset);
  ctx.reply.integer(to - from);
  zset.release();
}

function handleZcount(ctx: Context): void {
  const range = readScoreRange(ctx, 2, 3);
  countGeneric(ctx, (zset) => scoreSpan(zset, range));
}

function handleZlexcount(ctx: Context): void {
  const range = readLexRange(ctx, 2, 3);
  countGeneric(ctx, (zset) => lexSpan(zset, range, false));
}

export const zcount: CommandSpec = {
  name: "ZCOUNT",
  group: "sorted-set",
  since: "2.0.0",
  summary: "Counts the members with scores in a range.",
  complexity: "O(log(N)), N being the number of members.",
  arity: 4,
  flags: ["readonly", "fast"],
  keys: [keyAt(1, "RO", "access")],
  args: [KEY, { name: "min", type: "double" }, { name: "max", type: "double" }],
  handler: handleZcount,
};
export const zlexcount: CommandSpec = {
  name: "ZLEXCOUNT",
  group: "sorted-set",
  since: "2.8.9",
  summary: "Counts the members between two strings, when all scores are the same.",
  complexity: "O(log(N)), N being the number of members.",
  arity: 4,
  flags: ["readonly", "fast"],
  keys: [keyAt(1, "RO", "access")],
  args: [KEY, { name: "min", type: "string" }, { name: "max", type: "string" }],
  handler: handleZlexcount,
};
