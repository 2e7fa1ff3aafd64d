import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { NO_EXPIRY } from "../../keyspace/entry.ts";
import type { Zset } from "../../types/zset.ts";

/**
 * Makes the key in argument `i` hold `zset`, whatever was there, or nothing when it is empty; replies the number of
 * members and releases the set.
 */
export function storeZset(ctx: Context, i: number, zset: Zset, event: string): void {
  const { args } = ctx;
  const { length } = zset;
  const old =
    length === 0 ? ctx.keyspace.find(ctx.client.db, args.buffer, args.start(i), args.end(i)) : ctx.lookupWrite(i);
  zset.saveAs(ctx.client.db, args.buffer, args.start(i), args.end(i), old, NO_EXPIRY);
  zset.release();
  ctx.notifyStored(NOTIFY.zset, event, i, length, old !== null);
  ctx.reply.integer(length);
}
