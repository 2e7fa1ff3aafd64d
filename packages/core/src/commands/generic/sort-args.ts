/** The grammar of SORT and SORT_RO. */
import { SORT_BY_DENIED, SORT_GET_DENIED, SYNTAX_ERROR } from "../../base/errors.ts";
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
      else if (!mayReadEveryKey(ctx)) throw SORT_BY_DENIED;
    } else if (args.is(i, "get") && left >= 1) {
      if (!mayReadEveryKey(ctx)) throw SORT_GET_DENIED;
      get.push(args.copy(++i));
    } else throw SYNTAX_ERROR;
  }
  return { descending, alpha, by, unsorted, get, offset, count, storeArg };
}

/** BY and GET name keys that only the data tell. */
function mayReadEveryKey({ server, client, command, args }: Context): boolean {
  return server.permissions === null || server.permissions.readsEveryKey(client, command, args);
}

/**
 * Keys of SORT: the sorted one, and the last STORE's, to which it writes. Redis' sortGetKeys is led astray by a key that is
 * named like an option (`STORE get STORE b`): COMMAND GETKEYS and its ACL see another key there.
 */
export function sortKeys(args: Args): readonly KeyReference[] {
  const keys: KeyReference[] = [{ index: 1, flags: ["RO", "access"] }];
  for (let i = 2; i < args.count; i++) {
    if (args.is(i, "limit")) i += 2;
    else if (args.is(i, "get") || args.is(i, "by")) i++;
    else if (args.is(i, "store") && i + 1 < args.count) keys[1] = { index: ++i, flags: ["OW", "update"] };
  }
  return keys;
}
