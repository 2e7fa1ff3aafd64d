/** The grammar of SORT and SORT_RO. */
import { SYNTAX_ERROR } from "../../base/errors.ts";
import type { KeyReference } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import type { Args } from "../../resp/args.ts";

export interface SortOptions {
  readonly descending: boolean;
  readonly alpha: boolean;
  /** Pattern of BY, null when the elements themselves are compared. */
  readonly by: Buffer | null;
  /** BY names no key at all: nothing is sorted. */
  readonly unsorted: boolean;
  readonly get: readonly Buffer[];
  readonly offset: number;
  /** Negative: all. */
  readonly count: number;
  /** Index of STORE's argument, 0 when there is none. */
  readonly storeArg: number;
}

const STAR = 42;

export function readSortOptions(ctx: Context, mayStore: boolean): SortOptions {
  const { args } = ctx;
  let descending = false;
  let alpha = false;
  let by: Buffer | null = null;
  let unsorted = false;
  const get: Buffer[] = [];
  let offset = 0;
  let count = -1;
  let storeArg = 0;
  for (let i = 2; i < args.count; i++) {
    const left = args.count - 1 - i;
    if (args.is(i, "asc")) descending = false;
    else if (args.is(i, "desc")) descending = true;
    else if (args.is(i, "alpha")) alpha = true;
    else if (args.is(i, "limit") && left >= 2) {
      offset = args.clampedInt(i + 1);
      count = args.clampedInt(i + 2);
      i += 2;
    } else if (mayStore && args.is(i, "store") && left >= 1) storeArg = ++i;
    else if (args.is(i, "by") && left >= 1) {
      by = args.copy(++i);
      if (!by.includes(STAR)) unsorted = true;
    } else if (args.is(i, "get") && left >= 1) get.push(args.copy(++i));
    else throw SYNTAX_ERROR;
  }
  return { descending, alpha, by, unsorted, get, offset, count, storeArg };
}

/** Keys of SORT: the sorted one and, as Redis' sortGetKeys finds it, the last STORE's. */
export function sortKeys(args: Args): readonly KeyReference[] {
  const keys: KeyReference[] = [{ index: 1, flags: ["RO", "access"] }];
  for (let i = 2; i < args.count; i++) {
    if (args.is(i, "limit")) i += 2;
    else if (args.is(i, "get") || args.is(i, "by")) i++;
    else if (args.is(i, "store") && i + 1 < args.count) keys[1] = { index: ++i, flags: ["OW", "update"] };
  }
  return keys;
}
