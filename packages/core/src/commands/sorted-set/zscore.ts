/** ZSCORE and ZMSCORE. */
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { ZSET, Zset } from "../../types/zset.ts";

function replyScore(ctx: Context, zset: Zset | null, i: number): void {
  const { args, reply } = ctx;
  const score = zset === null ? Number.NaN : zset.score(args.buffer, args.start(i), args.end(i));
  if (Number.isNaN(score)) reply.null();
  else reply.double(score);
}

function openRead(ctx: Context): Zset | null {
  const entry = ctx.lookupRead(1, ZSET);
  return entry === null ? null : new Zset(ctx.keyspace, entry);
}

function handleZscore(ctx: Context): void {
  const zset = openRead(ctx);
  replyScore(ctx, zset, 2);
  zset?.release();
}

function handleZmscore(ctx: Context): void {
  const zset = openRead(ctx);
  ctx.reply.arrayHeader(ctx.args.count - 2);
  for (let i = 2; i < ctx.args.count; i++) replyScore(ctx, zset, i);
  zset?.release();
}

export const zscore: CommandSpec = {
  name: "ZSCORE",
  group: "sorted-set",
  since: "1.2.0",
  summary: "Reads the score of a member.",
  complexity: "O(1)",
  arity: 3,
  flags: ["readonly", "fast"],
  keys: [keyAt(1, "RO", "access")],
  args: [KEY, { name: "member", type: "string" }],
  handler: handleZscore,
};
export const zmscore: CommandSpec = {
  name: "ZMSCORE",
  group: "sorted-set",
  since: "6.2.0",
  summary: "Reads the scores of several members.",
  complexity: "O(N), N being the number of members asked for.",
  arity: -3,
  flags: ["readonly", "fast"],
  keys: [keyAt(1, "RO", "access")],
  args: [KEY, { name: "member", type: "string", flags: ["multiple"] }],
  handler: handleZmscore,
};
