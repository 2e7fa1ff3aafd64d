/** Members of a sorted set as replies. With scores RESP3 has an array of pairs, RESP2 a flat one. */
import type { Context } from "../../command/context.ts";
import type { Zset } from "../../types/zset.ts";

/** The header of an array of `count` members. */
export function membersHeader(ctx: Context, count: number, withScores: boolean): void {
  ctx.reply.arrayHeader(withScores && ctx.reply.resp === 2 ? count * 2 : count);
}

/** One member of such an array. */
export function replyMember(
  ctx: Context,
  buffer: Uint8Array,
  start: number,
  end: number,
  score: number,
  withScores: boolean,
): void {
  const { reply } = ctx;
  if (withScores && reply.resp > 2) reply.arrayHeader(2);
  reply.bulk(buffer, start, end);
  if (withScores) reply.double(score);
}

/** The array of the `count` members from a rank on, going on or back. All must exist. */
export function replyRange(
  ctx: Context,
  zset: Zset,
  rank: number,
  count: number,
  isReverse: boolean,
  withScores: boolean,
): void {
  membersHeader(ctx, count, withScores);
  if (count > 0) zset.seek(rank);
  for (let left = count; left > 0; left--) {
    zset.read();
    replyMember(ctx, zset.memberBuffer, zset.memberStart, zset.memberEnd, zset.memberScore, withScores);
    if (left === 1) break;
    if (isReverse) zset.prev();
    else zset.next();
  }
}
