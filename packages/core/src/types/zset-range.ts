/** Ranges of a sorted set, as ranks: by score and in the order of the members' bytes. */

import { compareBytes } from "./counted-tree-node.ts";
import { LISTPACK, type Zset } from "./zset.ts";

export interface ScoreRange {
  min: number;
  minExclusive: boolean;
  max: number;
  maxExclusive: boolean;
}

/** One end of a range of members. */
export interface LexBound {
  /** -1: before all strings (`-`); 1: behind all (`+`); 0: at `bytes`. */
  readonly infinity: -1 | 0 | 1;
  readonly bytes: Buffer;
  readonly isExclusive: boolean;
}

export interface LexRange {
  readonly min: LexBound;
  readonly max: LexBound;
}

/** Ranks from `from` up to, not including, `to`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const NOTHING: Span = { from: 0, to: 0 };

/** The members from rank `start` to rank `end` inclusive, negative ones counted from the end, as ZRANGE takes them. */
export function rankSpan(zset: Zset, start: number, end: number): Span {
  const { length } = zset;
  const from = Math.max(0, start < 0 ? length + start : start);
  const to = Math.min(length, (end < 0 ? length + end : end) + 1);
  return to > from ? { from, to } : NOTHING;
}

/** The members with scores in a range. O(log n). */
export function scoreSpan(zset: Zset, range: ScoreRange): Span {
  const from = zset.rankOfScore(range.min, range.minExclusive);
  if (from === zset.length || range.min > range.max) return NOTHING;
  const to = zset.rankOfScore(range.max, !range.maxExclusive);
  return to > from ? { from, to } : NOTHING;
}

function compareToBound(zset: Zset, bound: LexBound): number {
  if (bound.infinity !== 0) return -bound.infinity;
  return compareBytes(zset.memberBuffer, zset.memberStart, zset.memberEnd, bound.bytes, 0, bound.bytes.length);
}

function isAboveMin(zset: Zset, range: LexRange): boolean {
  const order = compareToBound(zset, range.min);
  return range.min.isExclusive ? order > 0 : order >= 0;
}

function isBelowMax(zset: Zset, range: LexRange): boolean {
  const order = compareToBound(zset, range.max);
  return range.max.isExclusive ? order < 0 : order <= 0;
}

function isEmptyRange(range: LexRange): boolean {
  const { min, max } = range;
  const order =
    min.infinity !== max.infinity || min.infinity !== 0 ? min.infinity - max.infinity : min.bytes.compare(max.bytes);
  return order > 0 || (order === 0 && (min.isExclusive || max.isExclusive));
}

/**
 * The members in a range of strings. That is defined when all scores are the same: then O(log n). For other sets small
 * ones are walked as Redis walks them, `isReverse` telling from which end, so that the replies are the same.
 */
export function lexSpan(zset: Zset, range: LexRange, isReverse: boolean): Span {
  if (zset.length === 0 || isEmptyRange(range)) return NOTHING;
  if (zset.encoding === LISTPACK) return isReverse ? walkBack(zset, range) : walkOn(zset, range);
  zset.seek(0);
  zset.read();
  const score = zset.memberScore;
  const from = lexRank(zset, score, range.min, range.min.isExclusive);
  const to = lexRank(zset, score, range.max, !range.max.isExclusive);
  return to > from ? { from, to } : NOTHING;
}

function lexRank(zset: Zset, score: number, bound: LexBound, orEqual: boolean): number {
  if (bound.infinity !== 0) return bound.infinity < 0 ? 0 : zset.length;
  return zset.rankOfMember(score, bound.bytes, orEqual);
}

/** Whether the last member is not below the range and the first not above it, without which Redis does not look. */
function mayHoldSome(zset: Zset, range: LexRange): boolean {
  zset.seek(zset.length - 1);
  zset.read();
  if (!isAboveMin(zset, range)) return false;
  zset.seek(0);
  zset.read();
  return isBelowMax(zset, range);
}

function walkOn(zset: Zset, range: LexRange): Span {
  if (!mayHoldSome(zset, range)) return NOTHING;
  let from = 0;
  for (; !isAboveMin(zset, range); from++) {
    zset.next();
    zset.read();
  }
  let to = from;
  while (isBelowMax(zset, range)) {
    to++;
    if (!zset.next()) break;
    zset.read();
  }
  return { from, to };
}

function walkBack(zset: Zset, range: LexRange): Span {
  if (!mayHoldSome(zset, range)) return NOTHING;
  let to = zset.length;
  zset.seek(to - 1);
  zset.read();
  for (; !isBelowMax(zset, range); to--) {
    zset.prev();
    zset.read();
  }
  let from = to;
  while (isAboveMin(zset, range)) {
    from--;
    if (!zset.prev()) break;
    zset.read();
  }
  return { from, to };
}
