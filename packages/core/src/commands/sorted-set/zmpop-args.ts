import { COUNT_NOT_POSITIVE, NUMKEYS_NOT_POSITIVE, SYNTAX_ERROR } from "../../base/errors.ts";
import type { Context } from "../../command/context.ts";
import { longArgFrom } from "./range-args.ts";

export interface ZmpopArgs {
  /** The keys are the arguments `[firstKey, endKey)`. */
  readonly firstKey: number;
  readonly endKey: number;
  readonly isMax: boolean;
  readonly count: number;
}

/** What ZMPOP and BZMPOP are told from the number of keys in argument `from` on. */
export function readZmpopArgs(ctx: Context, from: number): ZmpopArgs {
  const { args } = ctx;
  const keys = longArgFrom(ctx, from, 1, NUMKEYS_NOT_POSITIVE);
  const where = from + keys + 1;
  if (where >= args.count) throw SYNTAX_ERROR;
  const isMax = args.is(where, "max");
  if (!isMax && !args.is(where, "min")) throw SYNTAX_ERROR;
  let count = 0;
  for (let i = where + 1; i < args.count; i += 2) {
    if (count !== 0 || !args.is(i, "count") || i + 1 >= args.count) throw SYNTAX_ERROR;
    count = longArgFrom(ctx, i + 1, 1, COUNT_NOT_POSITIVE);
  }
  return { firstKey: from + 1, endKey: where, isMax, count: count === 0 ? 1 : count };
}
