/** XINFO STREAM: what is known of a stream, with FULL its entries, groups, consumers and pending entries too. */

import { NO_SUCH_KEY, subcommandSyntax } from "../../base/errors.ts";
import { KEY, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { STREAM, Stream } from "../../types/stream.ts";
import { StreamCursor } from "../../types/stream-cursor.ts";
import { type Consumer, type Group, StreamGroups } from "../../types/stream-groups.ts";
import { StreamId } from "../../types/stream-id.ts";
import { radixTreeNodes } from "../../types/stream-radix.ts";
import { replyProgress } from "./group-progress.ts";
import { replyEntries, replyEntry, replyId, textArg } from "./stream-access.ts";

const DEFAULT_COUNT = 10;

/** Null without FULL, else how many entries of each kind to show (0: all). */
function readFull(ctx: Context): number | null {
  const { args } = ctx;
  if (args.count === 3) return null;
  const hasCount = args.count === 6;
  if ((args.count !== 4 && !hasCount) || !args.is(3, "full") || (hasCount && !args.is(4, "count"))) {
    throw subcommandSyntax("XINFO", textArg(ctx, 1));
  }
  const count = hasCount ? args.clampedInt(5) : DEFAULT_COUNT;
  return count < 0 ? DEFAULT_COUNT : count;
}

function handleStream(ctx: Context): void {
  const { keyspace, reply } = ctx;
  const entry = ctx.lookupRead(2, STREAM);
  if (entry === null) throw NO_SUCH_KEY;
  const stream = new Stream(keyspace, entry);
  const full = readFull(ctx);
  const groups = new StreamGroups(stream.rows);
  reply.mapHeader(full === null ? 10 : 9);
  reply.bulkText("length");
  reply.integer(stream.length);
  reply.bulkText("radix-tree-keys");
  reply.integer(stream.nodes);
  reply.bulkText("radix-tree-nodes");
  reply.integer(radixTreeNodes(stream));
  reply.bulkText("last-generated-id");
  replyId(ctx, stream.lastId);
  reply.bulkText("max-deleted-entry-id");
  replyId(ctx, stream.maxDeletedId);
  reply.bulkText("entries-added");
  reply.integer(stream.entriesAdded);
  reply.bulkText("recorded-first-entry-id");
  replyId(ctx, stream.firstId);
  const cursor = new StreamCursor(stream);
  try {
    if (full === null) {
      reply.bulkText("groups");
      reply.integer(groups.count());
      replyEdge(ctx, cursor, "first-entry", false);
      replyEdge(ctx, cursor, "last-entry", true);
      return;
    }
    reply.bulkText("entries");
    cursor.range(StreamId.min(), StreamId.max(), false);
    replyEntries(ctx, cursor, full);
  } finally {
    cursor.close();
  }
  reply.bulkText("groups");
  const all = groups.all();
  reply.arrayHeader(all.length);
  for (const group of all) replyGroup(ctx, stream, groups, group, full);
}

function replyEdge(ctx: Context, cursor: StreamCursor, name: string, last: boolean): void {
  ctx.reply.bulkText(name);
  cursor.range(StreamId.min(), StreamId.max(), last);
  if (cursor.next()) replyEntry(ctx, cursor);
  else ctx.reply.null();
}

function replyGroup(ctx: Context, stream: Stream, groups: StreamGroups, group: Group, count: number): void {
  const { reply } = ctx;
  reply.mapHeader(7);
  reply.bulkText("name");
  reply.bulk(group.name);
  reply.bulkText("last-delivered-id");
  replyId(ctx, group.lastId);
  replyProgress(ctx, stream, group);
  reply.bulkText("pel-count");
  reply.integer(group.pending);
  replyPending(ctx, groups, group, null, count);
  reply.bulkText("consumers");
  const consumers = groups.allConsumers(group);
  reply.arrayHeader(consumers.length);
  for (const consumer of consumers) {
    reply.mapHeader(5);
    reply.bulkText("name");
    reply.bulk(consumer.name);
    reply.bulkText("seen-time");
    reply.integer(consumer.seenMs);
    reply.bulkText("active-time");
    reply.integer(consumer.activeMs);
    reply.bulkText("pel-count");
    reply.integer(consumer.pending);
    replyPending(ctx, groups, group, consumer, count);
  }
}

/** The pending entries of a consumer, or (null) of the group with their consumers. */
function replyPending(
  ctx: Context,
  groups: StreamGroups,
  group: Group,
  consumer: Consumer | null,
  count: number,
): void {
  const { reply } = ctx;
  reply.bulkText("pending");
  const mark = reply.deferred();
  let n = 0;
  groups.eachPending(group, consumer, StreamId.min(), (id, nack) => {
    reply.arrayHeader(consumer === null ? 4 : 3);
    replyId(ctx, id);
    if (consumer === null) reply.bulk(groups.consumerName(group, nack.consumer));
    reply.integer(nack.deliveryMs);
    reply.integer(nack.deliveryCount);
    n++;
    return n !== count;
  });
  reply.endDeferred(mark, "array", n);
}

export const xinfoStream: CommandSpec = {
  name: "STREAM",
  group: "stream",
  since: "5.0.0",
  summary: "Describes a stream.",
  complexity: "O(1)",
  arity: -3,
  flags: ["readonly"],
  keys: [keyAt(2, "RO", "access")],
  history: [
    ["6.0.0", "Added the `FULL` modifier."],
    [
      "7.0.0",
      "Added the `max-deleted-entry-id`, `entries-added`, `recorded-first-entry-id`, `entries-read` and `lag` fields.",
    ],
    ["7.2.0", "Added the `active-time` field; `seen-time` has another meaning."],
  ],
  args: [
    KEY,
    {
      name: "full-block",
      type: "block",
      flags: ["optional"],
      args: [token("FULL"), { name: "count", type: "integer", token: "COUNT", flags: ["optional"] }],
    },
  ],
  handler: handleStream,
};
