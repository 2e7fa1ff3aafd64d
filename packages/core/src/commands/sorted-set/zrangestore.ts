import { LIMIT, oneOf, optional, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { LISTPACK, ZSET, Zset } from "../../types/zset.ts";
import { newZsetEncoding, type ZsetLimits } from "../../types/zset-add.ts";
import { storeZset } from "./store-zset.ts";
import { querySpan, readRangeQuery } from "./zrange-generic.ts";
import { zsetLimits } from "./zset-limits.ts";

function handleZrangestore(ctx: Context): void {
  const query = readRangeQuery(ctx, 2, { by: null, isReverse: null }, true);
  const entry = ctx.lookupRead(2, ZSET);
  const source = new Zset(ctx.keyspace, entry);
  const { from, to } = querySpan(source, query);
  const limits = zsetLimits(ctx);
  // Redis knows the number of members beforehand only by rank, and else expects many.
  const expected = query.by === "rank" ? to - from : Number.POSITIVE_INFINITY;
  const target = new Zset(ctx.keyspace, null, newZsetEncoding(limits, expected, 0));
  copyRange(source, from, to, target, limits);
  source.release();
  storeZset(ctx, 1, target, "zrangestore");
}

function copyRange(source: Zset, from: number, to: number, target: Zset, limits: ZsetLimits): void {
  for (let rank = from; rank < to; rank++) {
    if (rank === from) source.seek(rank);
    else source.next();
    source.read();
    const { memberBuffer, memberStart, memberEnd, memberScore } = source;
    if (target.encoding === LISTPACK && memberEnd - memberStart > limits.maxValue) target.makeSkiplist();
    target.append(memberBuffer, memberStart, memberEnd, memberScore);
  }
}

export const zrangestore: CommandSpec = {
  name: "ZRANGESTORE",
  group: "sorted-set",
  since: "6.2.0",
  summary: "Stores the members in a range of ranks, scores or strings as another sorted set.",
  complexity: "O(log(N)+M), N being the number of members and M that of those stored.",
  arity: -5,
  flags: ["write", "denyoom"],
  keys: [keyAt(1, "OW", "update"), keyAt(2, "RO", "access")],
  args: [
    { name: "dst", type: "key", keySpecIndex: 0 },
    { name: "src", type: "key", keySpecIndex: 1 },
    { name: "min", type: "string" },
    { name: "max", type: "string" },
    optional(oneOf("sortby", [token("BYSCORE"), token("BYLEX")])),
    optional(token("REV")),
    LIMIT,
  ],
  handler: handleZrangestore,
};
