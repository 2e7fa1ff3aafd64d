/** ZRANGE and the commands that it replaces: ZREVRANGE, Z[REV]RANGEBYSCORE, Z[REV]RANGEBYLEX. */
import { KEY, LIMIT, optional, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { ZSET, Zset } from "../../types/zset.ts";
import { replyRange } from "./reply-members.ts";
import { querySpan, type RangeForm, readRangeQuery } from "./zrange-generic.ts";

const RANGE: RangeForm = { by: null, isReverse: null };
const REVRANGE: RangeForm = { by: "rank", isReverse: true };
const RANGE_BY_SCORE: RangeForm = { by: "score", isReverse: false };
const REVRANGE_BY_SCORE: RangeForm = { by: "score", isReverse: true };
const RANGE_BY_LEX: RangeForm = { by: "lex", isReverse: false };
const REVRANGE_BY_LEX: RangeForm = { by: "lex", isReverse: true };

function zrangeGeneric(ctx: Context, form: RangeForm): void {
  const query = readRangeQuery(ctx, 1, form, false);
  const entry = ctx.lookupRead(1, ZSET);
  if (entry === null) {
    ctx.reply.arrayHeader(0);
    return;
  }
  const zset = new Zset(ctx.keyspace, entry);
  const { from, to } = querySpan(zset, query);
  replyRange(ctx, zset, query.isReverse ? to - 1 : from, to - from, query.isReverse, query.withScores);
  zset.release();
}

function handleZrange(ctx: Context): void {
  zrangeGeneric(ctx, RANGE);
}

function handleZrevrange(ctx: Context): void {
  zrangeGeneric(ctx, REVRANGE);
}

function handleZrangebyscore(ctx: Context): void {
  zrangeGeneric(ctx, RANGE_BY_SCORE);
}

function handleZrevrangebyscore(ctx: Context): void {
  zrangeGeneric(ctx, REVRANGE_BY_SCORE);
}

function handleZrangebylex(ctx: Context): void {
  zrangeGeneric(ctx, RANGE_BY_LEX);
}

function handleZrevrangebylex(ctx: Context): void {
  zrangeGeneric(ctx, REVRANGE_BY_LEX);
}

export const zrange: CommandSpec = {
  name: "ZRANGE",
  group: "sorted-set",
  since: "1.2.0",
  summary: "Reads the members in a range of ranks, scores or strings.",
  complexity: "O(log(N)+M), N being the number of members and M that of those replied.",
  arity: -4,
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access")],
  history: [["6.2.0", "Added the `REV`, `BYSCORE`, `BYLEX` and `LIMIT` options."]],
  args: [
    KEY,
    { name: "start", type: "string" },
    { name: "stop", type: "string" },
    {
      name: "sortby",
      type: "oneof",
      since: "6.2.0",
      flags: ["optional"],
      args: [token("BYSCORE"), token("BYLEX")],
    },
    { name: "rev", type: "pure-token", token: "REV", since: "6.2.0", flags: ["optional"] },
    {
      name: "limit",
      type: "block",
      token: "LIMIT",
      since: "6.2.0",
      flags: ["optional"],
      args: [
        { name: "offset", type: "integer" },
        { name: "count", type: "integer" },
      ],
    },
    optional(token("WITHSCORES")),
  ],
  handler: handleZrange,
};
export const zrevrange: CommandSpec = {
  name: "ZREVRANGE",
  group: "sorted-set",
  since: "1.2.0",
  summary: "Reads the members in a range of ranks, the highest score first.",
  complexity: "O(log(N)+M), N being the number of members and M that of those replied.",
  arity: -4,
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access")],
  docFlags: ["deprecated"],
  deprecatedSince: "6.2.0",
  replacedBy: "`ZRANGE` with the `REV` argument",
  args: [KEY, { name: "start", type: "integer" }, { name: "stop", type: "integer" }, optional(token("WITHSCORES"))],
  handler: handleZrevrange,
};
export const zrangebyscore: CommandSpec = {
  name: "ZRANGEBYSCORE",
  group: "sorted-set",
  since: "1.0.5",
  summary: "Reads the members with scores in a range.",
  complexity: "O(log(N)+M), N being the number of members and M that of those replied.",
  arity: -4,
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access")],
  history: [["2.0.0", "Added the `WITHSCORES` modifier."]],
  docFlags: ["deprecated"],
  deprecatedSince: "6.2.0",
  replacedBy: "`ZRANGE` with the `BYSCORE` argument",
  args: [
    KEY,
    { name: "min", type: "double" },
    { name: "max", type: "double" },
    { name: "withscores", type: "pure-token", token: "WITHSCORES", since: "2.0.0", flags: ["optional"] },
    LIMIT,
  ],
  handler: handleZrangebyscore,
};
export const zrevrangebyscore: CommandSpec = {
  name: "ZREVRANGEBYSCORE",
  group: "sorted-set",
  since: "2.2.0",
  summary: "Reads the members with scores in a range, the highest first.",
  complexity: "O(log(N)+M), N being the number of members and M that of those replied.",
  arity: -4,
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access")],
  history: [["2.1.6", "`min` and `max` can be exclusive."]],
  docFlags: ["deprecated"],
  deprecatedSince: "6.2.0",
  replacedBy: "`ZRANGE` with the `REV` and `BYSCORE` arguments",
  args: [KEY, { name: "max", type: "double" }, { name: "min", type: "double" }, optional(token("WITHSCORES")), LIMIT],
  handler: handleZrevrangebyscore,
};
export const zrangebylex: CommandSpec = {
  name: "ZRANGEBYLEX",
  group: "sorted-set",
  since: "2.8.9",
  summary: "Reads the members between two strings, when all scores are the same.",
  complexity: "O(log(N)+M), N being the number of members and M that of those replied.",
  arity: -4,
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access")],
  docFlags: ["deprecated"],
  deprecatedSince: "6.2.0",
  replacedBy: "`ZRANGE` with the `BYLEX` argument",
  args: [KEY, { name: "min", type: "string" }, { name: "max", type: "string" }, LIMIT],
  handler: handleZrangebylex,
};
export const zrevrangebylex: CommandSpec = {
  name: "ZREVRANGEBYLEX",
  group: "sorted-set",
  since: "2.8.9",
  summary: "Reads the members between two strings backwards, when all scores are the same.",
  complexity: "O(log(N)+M), N being the number of members and M that of those replied.",
  arity: -4,
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access")],
  docFlags: ["deprecated"],
  deprecatedSince: "6.2.0",
  replacedBy: "`ZRANGE` with the `REV` and `BYLEX` arguments",
  args: [KEY, { name: "max", type: "string" }, { name: "min", type: "string" }, LIMIT],
  handler: handleZrevrangebylex,
};
