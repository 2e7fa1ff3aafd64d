/** Adding to a sorted set, with the conditions and the changes of encoding that Redis knows. */
import { LISTPACK, SKIPLIST, type Zset } from "./zset.ts";

/** Up to where a sorted set stays a listpack. */
export interface ZsetLimits {
  /** zset-max-listpack-entries */
  readonly maxEntries: number;
  /** zset-max-listpack-value, bytes */
  readonly maxValue: number;
}

export const ZADD_FLAG = { nx: 1, xx: 2, gt: 4, lt: 8, incr: 16 } as const;
/** What `zsetAdd` did. `refused`: a condition was not met. `nan`: nothing, the sum is not a number. */
export const ZADD_RESULT = { unchanged: 0, added: 1, updated: 2, refused: 3, nan: 4 } as const;

/** Encoding of a new set that is to get `entries` members, the first one of `valueLength` bytes. */
export function newZsetEncoding(limits: ZsetLimits, entries: number, valueLength: number): number {
  return entries <= limits.maxEntries && valueLength <= limits.maxValue ? LISTPACK : SKIPLIST;
}

/**
 * Adds `mb[ms..me)` or changes its score, as the flags say (ZADD_FLAG). Returns a ZADD_RESULT; `zset.newScore` is the
 * member's score then, unless refused. O(log n).
 */
export function zsetAdd(
  zset: Zset,
  limits: ZsetLimits,
  flags: number,
  score: number,
  mb: Buffer,
  ms: number,
  me: number,
): number {
  const current = zset.score(mb, ms, me);
  if (Number.isNaN(current)) {
    if ((flags & ZADD_FLAG.xx) !== 0) return ZADD_RESULT.refused;
    if (zset.encoding === LISTPACK && (zset.length >= limits.maxEntries || me - ms > limits.maxValue)) {
      zset.makeSkiplist();
    }
    zset.set(mb, ms, me, score, current);
    zset.newScore = score;
    return ZADD_RESULT.added;
  }
  if ((flags & ZADD_FLAG.nx) !== 0) return ZADD_RESULT.refused;
  const wanted = (flags & ZADD_FLAG.incr) !== 0 ? current + score : score;
  if (Number.isNaN(wanted)) return ZADD_RESULT.nan;
  if ((flags & ZADD_FLAG.lt) !== 0 && wanted >= current) return ZADD_RESULT.refused;
  if ((flags & ZADD_FLAG.gt) !== 0 && wanted <= current) return ZADD_RESULT.refused;
  zset.newScore = wanted;
  if (wanted === current) return ZADD_RESULT.unchanged;
  zset.set(mb, ms, me, wanted, current);
  return ZADD_RESULT.updated;
}
