/** Replies strings as bulk strings, whichever way they are stored. */
import type { Context } from "../../command/context.ts";
import { copyString, type Entry, stringLength } from "../../types/string.ts";

/** Replies the bytes `[from, to)` of a string that a lookup just returned. */
export function replyStringRange(ctx: Context, entry: Entry, from: number, to: number): void {
  const { reply } = ctx;
  reply.bulkHeader(to - from);
  copyString(ctx.keyspace, entry, from, to, reply.buffer, reply.position);
  reply.position += to - from;
  reply.bulkEnd();
}

/** Replies a whole string that a lookup just returned. */
export function replyString(ctx: Context, entry: Entry): void {
  replyStringRange(ctx, entry, 0, stringLength(entry));
}
