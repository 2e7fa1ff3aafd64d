/**
 * What reading and claiming for consumers is told as to the op log: who owns which entries since when, where the group is.
 * The texts are Redis' (streamPropagateXCLAIM and the like). Told besides, since without it a replica's groups would
 * differ: how many entries a group has read, consumers that got nothing, and entries delivered once more.
 */
import type { Context } from "../../command/context.ts";
import type { Word } from "../../command/effects.ts";
import type { Consumer, Group } from "../../types/stream-groups.ts";
import type { StreamId } from "../../types/stream-id.ts";
import type { WideCount } from "../../types/wide-count.ts";

/** The pending entry `id` of the group at the key in argument `key` is the consumer's, delivered then and so often. */
export function tellClaim(
  ctx: Context,
  key: number,
  group: Group,
  lastId: StreamId,
  consumer: Uint8Array,
  id: Word,
  deliveryMs: number,
  deliveryCount: WideCount,
): void {
  const { args, effects, db } = ctx;
  const claim = ["XCLAIM", args.bytes(key), group.name, consumer, 0, id, "TIME", deliveryMs];
  effects?.add(db, [...claim, "RETRYCOUNT", deliveryCount, "FORCE", "JUSTID", "LASTID", lastId.text()]);
}

/** The group at the key in argument `key` has read up to its last ID. */
export function tellProgress(ctx: Context, key: number, group: Group): void {
  const { args, effects, db } = ctx;
  const place = [group.lastId.text(), "ENTRIESREAD", group.entriesRead];
  effects?.add(db, ["XGROUP", "SETID", args.bytes(key), group.name, ...place]);
}

/** A consumer was made that no claim has told of. */
export function tellConsumer(ctx: Context, key: number, group: Group, consumer: Consumer): void {
  const { args, effects, db } = ctx;
  effects?.add(db, ["XGROUP", "CREATECONSUMER", args.bytes(key), group.name, consumer.name]);
}
