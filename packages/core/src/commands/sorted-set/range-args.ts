/** Ranges of sorted sets as arguments: by score (`1.5`, `(1.5`, `-inf`) and by member (`[a`, `(a`, `-`, `+`). */

import { parseDoubleLax } from "../../base/double-parse.ts";
import { type CommandError, NOT_A_SCORE_RANGE, NOT_A_STRING_RANGE, NOT_AN_INTEGER } from "../../base/errors.ts";
import type { Context } from "../../command/context.ts";
import type { LexBound, LexRange, ScoreRange } from "../../types/zset-range.ts";

const OPEN = 0x28;
const BRACKET = 0x5b;
const PLUS = 0x2b;
const MINUS = 0x2d;

/** Argument `i` as a C long. Beyond 2^53 it is rounded: such a number only says "far away". */
export function longArg(ctx: Context, i: number, error: CommandError = NOT_AN_INTEGER): number {
  const n = ctx.args.safeInt(i);
  return Number.isNaN(n) ? Number(ctx.args.int64(i, error)) : n;
}

/** As `longArg`, refusing what is below `min` with the same error. */
export function longArgFrom(ctx: Context, i: number, min: number, error: CommandError): number {
  const n = longArg(ctx, i, error);
  if (n < min) throw error;
  return n;
}

function isExclusive(ctx: Context, i: number): boolean {
  const { args } = ctx;
  return args.length(i) > 0 && args.buffer[args.start(i)] === OPEN;
}

function scoreBound(ctx: Context, i: number, exclusive: boolean): number {
  const { args } = ctx;
  const score = parseDoubleLax(args.buffer, args.start(i) + (exclusive ? 1 : 0), args.end(i));
  if (Number.isNaN(score)) throw NOT_A_SCORE_RANGE;
  return score;
}

/** The range of scores whose ends are the arguments `min` and `max`. */
export function readScoreRange(ctx: Context, min: number, max: number): ScoreRange {
  const minExclusive = isExclusive(ctx, min);
  const maxExclusive = isExclusive(ctx, max);
  return {
    min: scoreBound(ctx, min, minExclusive),
    minExclusive,
    max: scoreBound(ctx, max, maxExclusive),
    maxExclusive,
  };
}

function lexBound(ctx: Context, i: number): LexBound {
  const bytes = ctx.args.bytes(i);
  const first = bytes[0];
  // As a C string: `-\0x` is `-` too.
  const isAlone = bytes.length === 1 || bytes[1] === 0;
  if (first === PLUS && isAlone) return { infinity: 1, bytes, isExclusive: true };
  if (first === MINUS && isAlone) return { infinity: -1, bytes, isExclusive: true };
  if (first === OPEN) return { infinity: 0, bytes: bytes.subarray(1), isExclusive: true };
  if (first === BRACKET) return { infinity: 0, bytes: bytes.subarray(1), isExclusive: false };
  throw NOT_A_STRING_RANGE;
}

/** The range of members whose ends are the arguments `min` and `max`; borrows their bytes. */
export function readLexRange(ctx: Context, min: number, max: number): LexRange {
  return { min: lexBound(ctx, min), max: lexBound(ctx, max) };
}
