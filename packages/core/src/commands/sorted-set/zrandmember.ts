import { COUNT_OUT_OF_RANGE, OUT_OF_RANGE, SYNTAX_ERROR } from "../../base/errors.ts";
import { INT64_MAX, INT64_MIN } from "../../base/numbers.ts";
import { randomBelow } from "../../base/random.ts";
import { KEY, optional, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { ZSET, Zset } from "../../types/zset.ts";
import { membersHeader, replyMember, replyRange } from "./reply-members.ts";

function handleZrandmember(ctx: Context): void {
  const { args, reply } = ctx;
  const hasCount = args.count > 2;
  let count = 1;
  let withScores = false;
  if (hasCount) {
    const given = args.int64(2);
    if (given === INT64_MIN) throw COUNT_OUT_OF_RANGE;
    if (args.count > 4 || (args.count === 4 && !args.is(3, "withscores"))) throw SYNTAX_ERROR;
    withScores = args.count === 4;
    const limit = INT64_MAX / 2n;
    if (withScores && (given < -limit || given > limit)) throw OUT_OF_RANGE;
    count = Number(given);
  }
  const entry = ctx.lookupRead(1, ZSET);
  if (entry === null || count === 0) {
    if (hasCount) reply.arrayHeader(0);
    else reply.null();
    return;
  }
  const zset = new Zset(ctx.keyspace, entry);
  if (!hasCount) replyRandom(ctx, zset, false);
  else if (count < 0 || count === 1) {
    const draws = Math.abs(count);
    membersHeader(ctx, draws, withScores);
    for (let i = 0; i < draws; i++) replyRandom(ctx, zset, withScores);
  } else if (count >= zset.length) replyRange(ctx, zset, zset.length - 1, zset.length, true, withScores);
  else replyDistinct(ctx, zset, count, withScores);
  zset.release();
}

function replyRandom(ctx: Context, zset: Zset, withScores: boolean): void {
  replyRank(ctx, zset, randomBelow(zset.length), withScores);
}

function replyRank(ctx: Context, zset: Zset, rank: number, withScores: boolean): void {
  zset.seek(rank);
  zset.read();
  replyMember(ctx, zset.memberBuffer, zset.memberStart, zset.memberEnd, zset.memberScore, withScores);
}

/** `count` different members, fewer than there are: each such choice of ranks is as likely as any other. */
function replyDistinct(ctx: Context, zset: Zset, count: number, withScores: boolean): void {
  membersHeader(ctx, count, withScores);
  // Floyd's sampling: one draw per member, no retries.
  const chosen = new Set<number>();
  for (let top = zset.length - count; top < zset.length; top++) {
    const rank = randomBelow(top + 1);
    const taken = chosen.has(rank) ? top : rank;
    chosen.add(taken);
    replyRank(ctx, zset, taken, withScores);
  }
}

export const zrandmember: CommandSpec = {
  name: "ZRANDMEMBER",
  group: "sorted-set",
  since: "6.2.0",
  summary: "Picks members by chance.",
  complexity: "O(N*log(M)), N being the number of members picked and M that of all.",
  arity: -2,
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access")],
  tips: ["nondeterministic_output"],
  args: [
    KEY,
    {
      name: "options",
      type: "block",
      flags: ["optional"],
      args: [{ name: "count", type: "integer" }, optional(token("WITHSCORES"))],
    },
  ],
  handler: handleZrandmember,
};
