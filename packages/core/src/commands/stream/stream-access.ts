/** What the stream commands share: IDs and texts as arguments, limits, finding groups, replying entries. */
import { INVALID_INTERVAL_END, INVALID_INTERVAL_START, INVALID_STREAM_ID } from "../../base/errors.ts";
import { endOfCString } from "../../base/numbers.ts";
import type { Context } from "../../command/context.ts";
import { STREAM, Stream } from "../../types/stream.ts";
import type { StreamCursor } from "../../types/stream-cursor.ts";
import { type Group, StreamGroups } from "../../types/stream-groups.ts";
import { type ParsedId, parseStreamId, type StreamId } from "../../types/stream-id.ts";
import type { NodeLimits } from "../../types/stream-node.ts";
import { StreamRows } from "../../types/stream-rows.ts";

const OPEN = 0x28;

/** The directives `stream-node-max-bytes` and `-entries`. */
export function nodeLimits(ctx: Context): NodeLimits {
  const { config } = ctx.server;
  return {
    maxBytes: config.number("stream-node-max-bytes"),
    maxEntries: config.number("stream-node-max-entries"),
  };
}

/** Argument `i` as an ID; without a sequence it is 0. `-` and `+` are taken only if `allowEnds`. */
export function readId(ctx: Context, i: number, allowEnds = false): StreamId {
  const { args } = ctx;
  const parsed = parseStreamId(args.buffer, args.start(i), args.end(i), "first", !allowEnds);
  if (parsed === null) throw INVALID_STREAM_ID;
  return parsed.id;
}

/** Argument `i` as an ID; null when it is none. */
export function tryReadId(ctx: Context, i: number): StreamId | null {
  const { args } = ctx;
  return parseStreamId(args.buffer, args.start(i), args.end(i), "first", true)?.id ?? null;
}

/** Argument `i` as the ID of a new entry, `ms-*` included. */
export function readNewId(ctx: Context, i: number): ParsedId {
  const { args } = ctx;
  const parsed = parseStreamId(args.buffer, args.start(i), args.end(i), "first", true, true);
  if (parsed === null) throw INVALID_STREAM_ID;
  return parsed;
}

/** Arguments `first` to the last as IDs. */
export function readIds(ctx: Context, first: number): StreamId[] {
  const ids: StreamId[] = [];
  for (let i = first; i < ctx.args.count; i++) ids.push(readId(ctx, i));
  return ids;
}

function readBound(ctx: Context, i: number, missing: "first" | "last"): { id: StreamId; isOpen: boolean } {
  const { args } = ctx;
  const isOpen = args.length(i) > 1 && args.buffer[args.start(i)] === OPEN;
  const parsed = parseStreamId(args.buffer, args.start(i) + (isOpen ? 1 : 0), args.end(i), missing, isOpen);
  if (parsed === null) throw INVALID_STREAM_ID;
  return { id: parsed.id, isOpen };
}

/** Argument `i` as the start of a range, `(` excluding it. */
export function readRangeStart(ctx: Context, i: number): StreamId {
  const { id, isOpen } = readBound(ctx, i, "first");
  if (!isOpen) return id;
  if (id.isMax) throw INVALID_INTERVAL_START;
  return id.next();
}

/** Argument `i` as the end of a range, `(` excluding it. */
export function readRangeEnd(ctx: Context, i: number): StreamId {
  const { id, isOpen } = readBound(ctx, i, "last");
  if (!isOpen) return id;
  if (id.isZero) throw INVALID_INTERVAL_END;
  return id.previous();
}

/** Argument `i` as it stands in error texts: up to its first NUL byte. */
export function textArg(ctx: Context, i: number): string {
  const { args } = ctx;
  return args.buffer.latin1Slice(args.start(i), endOfCString(args.buffer, args.start(i), args.end(i)));
}

/** A group of a stream. */
export interface GroupAccess {
  readonly groups: StreamGroups;
  readonly group: Group;
}

/** The group named by argument 2 of the stream at argument 1; null when either is missing. Throws WRONGTYPE. */
export function findGroup(ctx: Context): GroupAccess | null {
  const entry = ctx.lookupRead(1, STREAM);
  if (entry === null) return null;
  const groups = new StreamGroups(new StreamRows(ctx.keyspace, entry.generation));
  const group = groups.find(ctx.args.copy(2));
  return group === null ? null : { groups, group };
}

/** As `findGroup`, with the stream itself. */
export function findStreamGroup(ctx: Context): (GroupAccess & { readonly stream: Stream }) | null {
  const entry = ctx.lookupRead(1, STREAM);
  if (entry === null) return null;
  const stream = new Stream(ctx.keyspace, entry);
  const groups = new StreamGroups(stream.rows);
  const group = groups.find(ctx.args.copy(2));
  return group === null ? null : { stream, groups, group };
}

/** Writes a changed stream back to the key in argument `i`. */
export function saveStream(ctx: Context, i: number, stream: Stream): void {
  const { args } = ctx;
  stream.save(ctx.db, args.buffer, args.start(i), args.end(i));
}

export function replyId(ctx: Context, id: StreamId): void {
  ctx.reply.bulkText(id.text());
}

/** Replies the present entry of a cursor: its ID and its fields. */
export function replyEntry(ctx: Context, cursor: StreamCursor): void {
  const { reply } = ctx;
  reply.arrayHeader(2);
  replyId(ctx, cursor.id);
  const count = cursor.readFields();
  reply.arrayHeader(count * 2);
  for (let i = 0; i < count; i++) {
    cursor.nextField();
    reply.bulk(cursor.fieldBytes, cursor.fieldStart, cursor.fieldEnd);
    reply.bulk(cursor.valueBytes, cursor.valueStart, cursor.valueEnd);
  }
}

/** Replies an array of the entries that are left in a cursor's range, at most `count` (0: all). Returns how many. */
export function replyEntries(ctx: Context, cursor: StreamCursor, count: number): number {
  const { reply } = ctx;
  const mark = reply.deferred();
  let sent = 0;
  while (cursor.next()) {
    replyEntry(ctx, cursor);
    sent++;
    if (sent === count) break;
  }
  reply.endDeferred(mark, "array", sent);
  return sent;
}
