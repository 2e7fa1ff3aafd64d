/** Start and end arguments of ranges: any int64, negative ones count from the end. */
import type { Args } from "../../resp/args.ts";

/** Argument `i` as an index; beyond the safe integers it is approximate. Throws NOT_AN_INTEGER. */
export function indexArg(args: Args, i: number): number {
  const safe = args.safeInt(i);
  return Number.isNaN(safe) ? Number(args.int64(i)) : safe;
}

/**
 * Whether start and end (arguments `i` and `i + 1`, as `indexArg` read them) both count from the end and exclude every
 * byte. Redis asks this before it cuts them to the string, which would leave the first byte.
 */
export function isInvertedFromEnd(args: Args, i: number, start: number, end: number): boolean {
  if (start >= 0 || end >= 0 || start < end) return false;
  // Equal ones may differ by what was lost beyond the safe integers.
  return start > end || (!Number.isSafeInteger(start) && args.int64(i) > args.int64(i + 1));
}
