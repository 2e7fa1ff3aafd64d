/** What ZRANGE, ZRANGESTORE and the older range commands have in common: arguments, and the ranks that are meant. */
import { LIMIT_NEEDS_BY, SYNTAX_ERROR, WITHSCORES_WITH_BYLEX } from "../../base/errors.ts";
import type { Context } from "../../command/context.ts";
import type { Zset } from "../../types/zset.ts";
import { type LexRange, lexSpan, rankSpan, type ScoreRange, type Span, scoreSpan } from "../../types/zset-range.ts";
import { longArg, readLexRange, readScoreRange } from "./range-args.ts";

export type RangeBy = "rank" | "score" | "lex";

/** What the name of a command has decided already; null: its options may. */
export interface RangeForm {
  readonly by: RangeBy | null;
  readonly isReverse: boolean | null;
}

export interface RangeQuery {
  readonly by: RangeBy;
  readonly isReverse: boolean;
  readonly withScores: boolean;
  readonly start: number;
  readonly end: number;
  readonly scores: ScoreRange | null;
  readonly lex: LexRange | null;
  readonly offset: number;
  /** Negative: no limit. */
  readonly limit: number;
}

/** Reads the arguments behind the key, which is argument `key`. */
export function readRangeQuery(ctx: Context, key: number, form: RangeForm, isStore: boolean): RangeQuery {
  const { args } = ctx;
  let { by, isReverse } = form;
  let withScores = false;
  let offset = 0;
  let limit = -1;
  for (let i = key + 3; i < args.count; i++) {
    if (!isStore && args.is(i, "withscores")) withScores = true;
    else if (args.is(i, "limit") && i + 2 < args.count) {
      offset = longArg(ctx, i + 1);
      limit = longArg(ctx, i + 2);
      i += 2;
    } else if (form.isReverse === null && isReverse === null && args.is(i, "rev")) isReverse = true;
    else if (by === null && args.is(i, "bylex")) by = "lex";
    else if (by === null && args.is(i, "byscore")) by = "score";
    else throw SYNTAX_ERROR;
  }
  by ??= "rank";
  isReverse ??= false;
  if (limit !== -1 && by === "rank") throw LIMIT_NEEDS_BY;
  if (withScores && by === "lex") throw WITHSCORES_WITH_BYLEX;
  const isSwapped = isReverse && by !== "rank";
  const min = isSwapped ? key + 2 : key + 1;
  const max = isSwapped ? key + 1 : key + 2;
  return {
    by,
    isReverse,
    withScores,
    start: by === "rank" ? longArg(ctx, min) : 0,
    end: by === "rank" ? longArg(ctx, max) : 0,
    scores: by === "score" ? readScoreRange(ctx, min, max) : null,
    lex: by === "lex" ? readLexRange(ctx, min, max) : null,
    offset,
    limit,
  };
}

/** The ranks that a query means, in ascending order also when the reply goes backwards. */
export function querySpan(zset: Zset, query: RangeQuery): Span {
  const { by, isReverse, scores, lex, offset, limit } = query;
  if (by === "rank") {
    const { from, to } = rankSpan(zset, query.start, query.end);
    return isReverse ? { from: zset.length - to, to: zset.length - from } : { from, to };
  }
  const all = by === "score" ? scoreSpan(zset, scores as ScoreRange) : lexSpan(zset, lex as LexRange, isReverse);
  const skipped = offset < 0 ? all.to - all.from : Math.min(offset, all.to - all.from);
  const left = all.to - all.from - skipped;
  const count = limit < 0 ? left : Math.min(limit, left);
  if (isReverse) return { from: all.to - skipped - count, to: all.to - skipped };
  return { from: all.from + skipped, to: all.from + skipped + count };
}
