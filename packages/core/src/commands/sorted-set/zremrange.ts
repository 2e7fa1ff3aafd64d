/** ZREMRANGEBYRANK, ZREMRANGEBYSCORE and ZREMRANGEBYLEX. */
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { ZSET, Zset } from "../../types/zset.ts";
import { lexSpan, rankSpan, type Span, scoreSpan } from "../../types/zset-range.ts";
import { longArg, readLexRange, readScoreRange } from "./range-args.ts";

function removeGeneric(ctx: Context, spanOf: (zset: Zset) => Span): void {
  const { args, reply } = ctx;
  const entry = ctx.lookupWrite(1, ZSET);
  if (entry === null) {
    reply.integer(0);
    return;
  }
  const zset = new Zset(ctx.keyspace, entry);
  const { from, to } = spanOf(zset);
  if (to > from) {
    // A set that goes as a whole is left to the reclaimer.
    if (to - from < zset.length) zset.removeRange(from, to - from);
    else zset.clear();
    const isEmpty = zset.length === 0;
    zset.save(ctx.client.db, args.buffer, args.start(1), args.end(1));
    ctx.notifyRemoved(NOTIFY.zset, ctx.command.fullName, 1, isEmpty);
  }
  zset.release();
  reply.integer(to - from);
}

function handleZremrangebyrank(ctx: Context): void {
  const start = longArg(ctx, 2);
  const end = longArg(ctx, 3);
  removeGeneric(ctx, (zset) => rankSpan(zset, start, end));
}

function handleZremrangebyscore(ctx: Context): void {
  const range = readScoreRange(ctx, 2, 3);
  removeGeneric(ctx, (zset) => scoreSpan(zset, range));
}

function handleZremrangebylex(ctx: Context): void {
  const range = readLexRange(ctx, 2, 3);
  removeGeneric(ctx, (zset) => lexSpan(zset, range, false));
}

export const zremrangebyrank: CommandSpec = {
  name: "ZREMRANGEBYRANK",
  group: "sorted-set",
  since: "2.0.0",
  summary: "Removes the members with ranks in a range.",
  complexity: "O(log(N)+M), N being the number of members and M that of those removed.",
  arity: 4,
  flags: ["write"],
  keys: [keyAt(1, "RW", "delete")],
  args: [KEY, { name: "start", type: "integer" }, { name: "stop", type: "integer" }],
  handler: handleZremrangebyrank,
};
export const zremrangebyscore: CommandSpec = {
  name: "ZREMRANGEBYSCORE",
  group: "sorted-set",
  since: "1.2.0",
  summary: "Removes the members with scores in a range.",
  complexity: "O(log(N)+M), N being the number of members and M that of those removed.",
  arity: 4,
  flags: ["write"],
  keys: [keyAt(1, "RW", "delete")],
  args: [KEY, { name: "min", type: "double" }, { name: "max", type: "double" }],
  handler: handleZremrangebyscore,
};
export const zremrangebylex: CommandSpec = {
  name: "ZREMRANGEBYLEX",
  group: "sorted-set",
  since: "2.8.9",
  summary: "Removes the members between two strings, when all scores are the same.",
  complexity: "O(log(N)+M), N being the number of members and M that of those removed.",
  arity: 4,
  flags: ["write"],
  keys: [keyAt(1, "RW", "delete")],
  args: [KEY, { name: "min", type: "string" }, { name: "max", type: "string" }],
  handler: handleZremrangebylex,
};
