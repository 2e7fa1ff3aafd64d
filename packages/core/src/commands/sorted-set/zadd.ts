/** ZADD and ZINCRBY, which is ZADD INCR with other words (Redis' zaddGenericCommand). */

import {
  GT_LT_NX_CONFLICT,
  INCR_NEEDS_ONE_PAIR,
  RESULT_NOT_A_NUMBER,
  SYNTAX_ERROR,
  XX_NX_CONFLICT,
} from "../../base/errors.ts";
import { KEY, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { ZSET, Zset } from "../../types/zset.ts";
import { newZsetEncoding, ZADD_FLAG, ZADD_RESULT, zsetAdd } from "../../types/zset-add.ts";
import { zsetLimits } from "./zset-limits.ts";

/** CH: reply the number of members changed. Beside ZADD_FLAG. */
export const CHANGED_FLAG = 32;

/** The flag of an option word; 0 when the argument is none, but the first score. */
function optionFlag(ctx: Context, i: number): number {
  const { args } = ctx;
  const first = args.length(i) > 0 ? (args.buffer[args.start(i)] as number) : 0;
  // Scores start with a digit or a sign.
  if (first < 65) return 0;
  if (args.is(i, "nx")) return ZADD_FLAG.nx;
  if (args.is(i, "xx")) return ZADD_FLAG.xx;
  if (args.is(i, "ch")) return CHANGED_FLAG;
  if (args.is(i, "incr")) return ZADD_FLAG.incr;
  if (args.is(i, "gt")) return ZADD_FLAG.gt;
  return args.is(i, "lt") ? ZADD_FLAG.lt : 0;
}

function checkFlags(flags: number, pairs: number): void {
  const { nx, xx, gt, lt, incr } = ZADD_FLAG;
  if ((flags & (nx | xx)) === (nx | xx)) throw XX_NX_CONFLICT;
  const comparisons = flags & (gt | lt);
  if ((comparisons !== 0 && (flags & nx) !== 0) || comparisons === (gt | lt)) throw GT_LT_NX_CONFLICT;
  if ((flags & incr) !== 0 && pairs > 1) throw INCR_NEEDS_ONE_PAIR;
}

function zaddGeneric(ctx: Context, given: number): void {
  const { args } = ctx;
  let flags = given;
  let first = 2;
  for (; first < args.count; first++) {
    const flag = optionFlag(ctx, first);
    if (flag === 0) break;
    flags |= flag;
  }
  const words = args.count - first;
  if (words % 2 !== 0 || words === 0) throw SYNTAX_ERROR;
  const pairs = words / 2;
  checkFlags(flags, pairs);
  // Every score is looked at before anything is written.
  for (let i = first; i < args.count; i += 2) args.double(i);
  zaddMembers(ctx, flags, first, 2, null);
}

/**
 * Adds the members that are the last of every `step` arguments from `first` on, and replies as ZADD. The scores are
 * the arguments at `first` and so on when `scores` is null.
 */
export function zaddMembers(
  ctx: Context,
  flags: number,
  first: number,
  step: number,
  scores: readonly number[] | null,
): void {
  const { args } = ctx;
  const entry = ctx.lookupWrite(1, ZSET);
  if (entry === null && (flags & ZADD_FLAG.xx) !== 0) {
    replyZadd(ctx, flags, 0, 0, 0, 0);
    return;
  }
  const members = (args.count - first) / step;
  const limits = zsetLimits(ctx);
  const zset = new Zset(ctx.keyspace, entry, newZsetEncoding(limits, members, args.length(first + step - 1)));
  if (members > limits.maxEntries) zset.makeSkiplist();
  let added = 0;
  let updated = 0;
  let processed = 0;
  let result: number = ZADD_RESULT.unchanged;
  for (let i = 0; i < members; i++) {
    const at = first + i * step;
    const member = at + step - 1;
    const score = scores === null ? args.double(at) : (scores[i] as number);
    result = zsetAdd(zset, limits, flags, score, args.buffer, args.start(member), args.end(member));
    if (result === ZADD_RESULT.nan) {
      // Only INCR can, whose pair is the only one; but the encoding may be another by now.
      ctx.reply.error(RESULT_NOT_A_NUMBER.text);
      break;
    }
    if (result === ZADD_RESULT.added) added++;
    else if (result === ZADD_RESULT.updated) updated++;
    if (result !== ZADD_RESULT.refused) processed++;
  }
  if (added + updated > 0 || (entry !== null && entry.encoding !== zset.encoding)) {
    const { dirty } = ctx.keyspace;
    zset.save(ctx.client.db, args.buffer, args.start(1), args.end(1));
    ctx.keyspace.dirty = dirty + added + updated;
  }
  if (added + updated > 0) ctx.notify(NOTIFY.zset, (flags & ZADD_FLAG.incr) !== 0 ? "zincr" : "zadd", 1);
  if (result !== ZADD_RESULT.nan) replyZadd(ctx, flags, added, updated, processed, zset.newScore);
  zset.release();
}

function replyZadd(
  ctx: Context,
  flags: number,
  added: number,
  updated: number,
  processed: number,
  score: number,
): void {
  if ((flags & ZADD_FLAG.incr) === 0) ctx.reply.integer((flags & CHANGED_FLAG) !== 0 ? added + updated : added);
  else if (processed > 0) ctx.reply.double(score);
  else ctx.reply.null();
}

function handleZadd(ctx: Context): void {
  zaddGeneric(ctx, 0);
}

function handleZincrby(ctx: Context): void {
  zaddGeneric(ctx, ZADD_FLAG.incr);
}

export const zadd: CommandSpec = {
  name: "ZADD",
  group: "sorted-set",
  since: "1.2.0",
  summary: "Adds members to a sorted set, or gives those that are there new scores.",
  complexity: "O(log(N)) for each pair, N being the number of members.",
  arity: -4,
  flags: ["write", "denyoom", "fast"],
  keys: [keyAt(1, "RW", "update")],
  history: [
    ["2.4.0", "Accepts multiple elements."],
    ["3.0.2", "Added the `XX`, `NX`, `CH` and `INCR` options."],
    ["6.2.0", "Added the `GT` and `LT` options."],
  ],
  args: [
    KEY,
    {
      name: "condition",
      type: "oneof",
      since: "3.0.2",
      flags: ["optional"],
      args: [token("NX"), token("XX")],
    },
    {
      name: "comparison",
      type: "oneof",
      since: "6.2.0",
      flags: ["optional"],
      args: [token("GT"), token("LT")],
    },
    { name: "change", type: "pure-token", token: "CH", since: "3.0.2", flags: ["optional"] },
    { name: "increment", type: "pure-token", token: "INCR", since: "3.0.2", flags: ["optional"] },
    {
      name: "data",
      type: "block",
      flags: ["multiple"],
      args: [
        { name: "score", type: "double" },
        { name: "member", type: "string" },
      ],
    },
  ],
  handler: handleZadd,
};
export const zincrby: CommandSpec = {
  name: "ZINCRBY",
  group: "sorted-set",
  since: "1.2.0",
  summary: "Adds to the score of a member, which is 0 if it was none.",
  complexity: "O(log(N)), N being the number of members.",
  arity: 4,
  flags: ["write", "denyoom", "fast"],
  keys: [keyAt(1, "RW", "access", "update")],
  args: [KEY, { name: "increment", type: "integer" }, { name: "member", type: "string" }],
  handler: handleZincrby,
};
