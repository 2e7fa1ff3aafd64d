/**
 * The reading half of XREAD and XREADGROUP: what there is now is replied, nothing waits. A command that blocks calls
 * `readStreams` again with the same IDs when one of its keys may have news.
 */
import { LAST_ID_IN_XREADGROUP, NEW_ID_IN_XREAD, noKeyOrGroup } from "../../base/errors.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { STREAM, Stream, streamLastId } from "../../types/stream.ts";
import { StreamCursor } from "../../types/stream-cursor.ts";
import { type Consumer, type Group, StreamGroups } from "../../types/stream-groups.ts";
import { StreamId } from "../../types/stream-id.ts";
import { advanceGroup } from "../../types/stream-lag.ts";
import { StreamRows } from "../../types/stream-rows.ts";
import { wideAdd } from "../../types/wide-count.ts";
import { readId, replyEntry, replyId, textArg } from "./stream-access.ts";
import { tellClaim, tellConsumer, tellProgress } from "./tell-groups.ts";
import type { ReadArgs } from "./xread-args.ts";

/**
 * The ID of each key behind which to read; the highest of all for `>`. Throws when a key is no stream, a group is
 * missing or an ID is none.
 */
export function readLastIds(ctx: Context, read: ReadArgs): StreamId[] {
  const ids: StreamId[] = [];
  for (let key = read.firstKey; key < read.firstKey + read.streams; key++) ids.push(lastIdOf(ctx, read, key));
  return ids;
}

function lastIdOf(ctx: Context, read: ReadArgs, key: number): StreamId {
  const { args, keyspace } = ctx;
  const i = key + read.streams;
  const entry = ctx.lookupRead(key, STREAM);
  const lastId = entry === null ? StreamId.min() : streamLastId(keyspace, entry);
  if (read.isGroup) {
    const groups = entry === null ? null : new StreamGroups(new StreamRows(keyspace, entry.generation));
    if (groups === null || groups.find(args.copy(read.groupAt)) === null) {
      throw noKeyOrGroup(textArg(ctx, key), textArg(ctx, read.groupAt), " in XREADGROUP with GROUP option");
    }
  }
  if (args.is(i, "$")) {
    if (read.isGroup) throw LAST_ID_IN_XREADGROUP;
    return lastId;
  }
  if (args.is(i, ">")) {
    if (!read.isGroup) throw NEW_ID_IN_XREAD;
    return StreamId.max();
  }
  return readId(ctx, i);
}

/** Replies the streams that have entries behind `ids` (of `readLastIds`); false, and no reply, when none has. */
export function readStreams(ctx: Context, read: ReadArgs, ids: readonly StreamId[]): boolean {
  const { reply } = ctx;
  const mark = reply.deferred();
  let served = 0;
  for (let i = 0; i < read.streams; i++) {
    const id = ids[i] as StreamId;
    const key = read.firstKey + i;
    if (read.isGroup ? readForConsumer(ctx, read, key, id) : readNew(ctx, read, key, id)) served++;
  }
  if (served === 0) return false;
  reply.endDeferred(mark, reply.resp === 2 ? "array" : "map", served);
  return true;
}

function replyKey(ctx: Context, key: number): void {
  const { args, reply } = ctx;
  if (reply.resp === 2) reply.arrayHeader(2);
  reply.bulk(args.buffer, args.start(key), args.end(key));
}

/** XREAD of one key. */
function readNew(ctx: Context, read: ReadArgs, key: number, id: StreamId): boolean {
  const entry = ctx.lookupRead(key, STREAM);
  if (entry === null || streamLastId(ctx.keyspace, entry).compare(id) <= 0) return false;
  const stream = new Stream(ctx.keyspace, entry);
  const last = stream.length === 0 ? null : stream.lastEntryId();
  if (last === null || last.compare(id) <= 0) return false;
  replyKey(ctx, key);
  replyRange(ctx, stream, id, read.count, null);
  return true;
}

/** Replies the entries behind `id`, at most `count` (0: all); calls `sent` with the ID of each. */
function replyRange(
  ctx: Context,
  stream: Stream,
  id: StreamId,
  count: number,
  sent: ((id: StreamId) => void) | null,
): void {
  const { reply } = ctx;
  const cursor = new StreamCursor(stream);
  const mark = reply.deferred();
  let n = 0;
  try {
    cursor.range(id.next(), StreamId.max(), false);
    while ((count === 0 || n < count) && cursor.next()) {
      replyEntry(ctx, cursor);
      sent?.(cursor.id);
      n++;
    }
  } finally {
    cursor.close();
  }
  reply.endDeferred(mark, "array", n);
}

/** XREADGROUP of one key, which has the group: makes the consumer if it is new. */
function readForConsumer(ctx: Context, read: ReadArgs, key: number, id: StreamId): boolean {
  const { args, keyspace } = ctx;
  const entry = ctx.lookupRead(key, STREAM);
  if (entry === null) return false;
  const stream = new Stream(keyspace, entry);
  const groups = new StreamGroups(stream.rows);
  const group = groups.find(args.copy(read.groupAt));
  if (group === null) return false;
  const name = args.copy(read.consumerAt);
  let consumer = groups.findConsumer(group, name);
  const isNew = consumer === null;
  if (consumer === null) {
    consumer = groups.createConsumer(group, name);
    keyspace.dirty++;
    ctx.notify(NOTIFY.stream, "xgroup-createconsumer", key);
  }
  consumer.seenMs = ctx.nowMs;
  let served = true;
  let isTold = false;
  if (isNew && read.noAck) tellConsumer(ctx, key, group, consumer);
  if (!id.isMax) {
    replyKey(ctx, key);
    replyHistory(ctx, key, stream, groups, group, consumer, id, read.count);
  } else if ((stream.lastEntryId()?.compare(group.lastId) ?? 0) > 0) {
    replyKey(ctx, key);
    isTold = deliver(ctx, read, key, stream, groups, group, consumer);
  } else served = false;
  if (isNew && !read.noAck && !isTold) tellConsumer(ctx, key, group, consumer);
  groups.saveConsumer(group, consumer);
  if (isNew || (served && id.isMax)) groups.save(group);
  if (served) keyspace.dirty++;
  return served;
}

/** Gives the entries that the group has not seen to a consumer; both are saved by the caller. False when there were none. */
function deliver(
  ctx: Context,
  read: ReadArgs,
  key: number,
  stream: Stream,
  groups: StreamGroups,
  group: Group,
  consumer: Consumer,
): boolean {
  const ids: StreamId[] = [];
  replyRange(ctx, stream, group.lastId, read.count, (id) => {
    const own = id.copy();
    advanceGroup(stream, group, own);
    ids.push(own);
  });
  if (ids.length === 0) return false;
  if (!read.noAck) {
    for (const id of ids) {
      groups.assign(group, consumer, id, groups.findPending(group, id), ctx.nowMs, 1);
      if (ctx.effects !== null) tellClaim(ctx, key, group, id, consumer.name, id.text(), ctx.nowMs, 1);
    }
    consumer.activeMs = ctx.nowMs;
  }
  tellProgress(ctx, key, group);
  return true;
}

/** Replies a consumer's pending entries behind `id`; deleted ones with nothing in place of their fields. */
function replyHistory(
  ctx: Context,
  key: number,
  stream: Stream,
  groups: StreamGroups,
  group: Group,
  consumer: Consumer,
  id: StreamId,
  count: number,
): void {
  const { reply } = ctx;
  const cursor = new StreamCursor(stream);
  const mark = reply.deferred();
  let n = 0;
  try {
    groups.eachPending(group, consumer, id.next(), (pendingId, nack) => {
      if (cursor.find(pendingId)) {
        replyEntry(ctx, cursor);
        nack.deliveryMs = ctx.nowMs;
        nack.deliveryCount = wideAdd(nack.deliveryCount, 1);
        groups.putPending(group, pendingId, nack);
        if (ctx.effects !== null) {
          tellClaim(ctx, key, group, group.lastId, consumer.name, pendingId.text(), ctx.nowMs, nack.deliveryCount);
        }
      } else {
        reply.arrayHeader(2);
        replyId(ctx, pendingId);
        reply.nullArray();
      }
      n++;
      return n !== count;
    });
  } finally {
    cursor.close();
  }
  reply.endDeferred(mark, "array", n);
}
