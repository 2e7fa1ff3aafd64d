/**
 * Taking members from an end of the first set that is not empty: the body of ZPOPMIN, ZPOPMAX and ZMPOP, and what
 * BZPOPMIN, BZPOPMAX and BZMPOP do when there is something to take (Redis' genericZpopCommand).
 */
import { formatDouble } from "../../base/double-format.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { ZSET, Zset } from "../../types/zset.ts";

export interface PopOptions {
  /** From the highest score down. */
  readonly isMax: boolean;
  /** How many; at most as many as there are. */
  readonly count: number;
  /** Reply the key too. */
  readonly withKey: boolean;
  /** Reply pairs instead of a flat array. */
  readonly isNested: boolean;
}

/** Index of the first of the keys in arguments `[first, end)` that has members; 0 when none has. Throws WRONGTYPE. */
export function firstPoppable(ctx: Context, first: number, end: number): number {
  for (let i = first; i < end; i++) if (ctx.lookupWrite(i, ZSET) !== null) return i;
  return 0;
}

/** Takes from the set at the key in argument `i`, which must exist, and replies. */
export function zpopGeneric(ctx: Context, i: number, options: PopOptions): void {
  const { args, reply } = ctx;
  const { isMax, withKey, isNested } = options;
  const entry = ctx.keyspace.find(ctx.client.db, args.buffer, args.start(i), args.end(i));
  if (entry === null) throw new Error("zpopGeneric: there is no such key");
  const zset = new Zset(ctx.keyspace, entry);
  const size = zset.length;
  const count = Math.min(options.count, size);
  if (ctx.server.blocking.servesElsewhere) giveBackPopped(ctx, i, zset, isMax, count);
  // What ZMPOP and BZMPOP are told as; the callers that are something else say so.
  if (withKey) ctx.effects?.replace([isMax ? "ZPOPMAX" : "ZPOPMIN", args.bytes(i), count]);
  replyHeader(ctx, i, withKey, isNested, count);
  zset.seek(isMax ? size - 1 : 0);
  for (let left = count; left > 0; left--) {
    zset.read();
    if (isNested) reply.arrayHeader(2);
    reply.bulk(zset.memberBuffer, zset.memberStart, zset.memberEnd);
    reply.double(zset.memberScore);
    if (left === 1) break;
    if (isMax) zset.prev();
    else zset.next();
  }
  if (count === size) zset.clear();
  else zset.removeRange(isMax ? size - count : 0, count);
  zset.save(ctx.client.db, args.buffer, args.start(i), args.end(i));
  ctx.notifyRemoved(NOTIFY.zset, isMax ? "zpopmax" : "zpopmin", i, count === size);
  zset.release();
}

/** What is about to be taken is for a client of another process: says how to put it back, should that one be gone. */
function giveBackPopped(ctx: Context, i: number, zset: Zset, isMax: boolean, count: number): void {
  const command = [Buffer.from("ZADD"), ctx.args.copy(i)];
  zset.seek(isMax ? zset.length - 1 : 0);
  for (let left = count; left > 0; left--) {
    zset.read();
    command.push(Buffer.from(formatDouble(zset.memberScore)));
    command.push(Buffer.from(zset.memberBuffer.subarray(zset.memberStart, zset.memberEnd)));
    if (isMax) zset.prev();
    else zset.next();
  }
  ctx.server.blocking.giveBack(command);
}

function replyHeader(ctx: Context, i: number, withKey: boolean, isNested: boolean, count: number): void {
  const { args, reply } = ctx;
  if (!withKey) {
    reply.arrayHeader(isNested ? count : count * 2);
    return;
  }
  reply.arrayHeader(isNested ? 2 : count * 2 + 1);
  reply.bulk(args.buffer, args.start(i), args.end(i));
  if (isNested) reply.arrayHeader(count);
}
