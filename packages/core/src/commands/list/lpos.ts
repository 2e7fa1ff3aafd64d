/** LPOS: positions of an element. */

import {
  COUNT_NEGATIVE,
  errorReply,
  MAXLEN_NEGATIVE,
  NOT_AN_INTEGER,
  RANK_ZERO,
  SYNTAX_ERROR,
} from "../../base/errors.ts";
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { readList } from "./list-access.ts";

interface Search {
  /** The first match that counts, 1 is the first. */
  readonly rank: number;
  readonly fromTail: boolean;
  /** Matches wanted; 0: all; null: one, not as an array. */
  readonly count: number | null;
  /** Elements looked at; 0: all. */
  readonly maxLength: number;
}

const LONG_MAX = 9223372036854775807n;

function readRank(ctx: Context, i: number): number {
  const rank = ctx.args.int64(i, NOT_AN_INTEGER);
  if (rank < -LONG_MAX) {
    throw errorReply(`ERR value is out of range, value must between ${-LONG_MAX} and ${LONG_MAX}`);
  }
  if (rank === 0n) throw RANK_ZERO;
  return Number(rank);
}

function readSearch(ctx: Context): Search {
  const { args } = ctx;
  let rank = 1;
  let count: number | null = null;
  let maxLength = 0;
  for (let i = 3; i < args.count; i += 2) {
    if (i + 1 >= args.count) throw SYNTAX_ERROR;
    if (args.is(i, "rank")) rank = readRank(ctx, i + 1);
    else if (args.is(i, "count")) count = args.countOrMax(i + 1, COUNT_NEGATIVE);
    else if (args.is(i, "maxlen")) maxLength = args.countOrMax(i + 1, MAXLEN_NEGATIVE);
    else throw SYNTAX_ERROR;
  }
  return { rank: Math.abs(rank), fromTail: rank < 0, count, maxLength };
}

function handleLpos(ctx: Context): void {
  const { args, reply } = ctx;
  const { rank, fromTail, count, maxLength } = readSearch(ctx);
  const list = readList(ctx, 1);
  const found: number[] = [];
  if (list !== null) {
    const wanted = count === null ? 1 : count === 0 ? Number.POSITIVE_INFINITY : count;
    const start = args.start(2);
    const end = args.end(2);
    let matches = 0;
    let more = list.seek(fromTail ? list.length - 1 : 0);
    for (let looked = 0; more && found.length < wanted && (maxLength === 0 || looked < maxLength); looked++) {
      if (list.equals(args.buffer, start, end) && ++matches >= rank) found.push(list.index);
      more = fromTail ? list.prev() : list.next();
    }
    list.release();
  }
  if (count !== null) {
    reply.arrayHeader(found.length);
    for (const index of found) reply.integer(index);
  } else if (found.length > 0) reply.integer(found[0] as number);
  else reply.null();
}

export const lpos: CommandSpec = {
  name: "LPOS",
  group: "list",
  since: "6.0.6",
  summary: "Tells at which indexes of a list an element is.",
  complexity: "O(N) where N is the number of elements looked at.",
  arity: -3,
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access")],
  args: [
    KEY,
    { name: "element", type: "string" },
    { name: "rank", type: "integer", token: "RANK", flags: ["optional"] },
    { name: "num-matches", type: "integer", token: "COUNT", flags: ["optional"] },
    { name: "len", type: "integer", token: "MAXLEN", flags: ["optional"] },
  ],
  handler: handleLpos,
};
