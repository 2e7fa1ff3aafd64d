/** What the list commands share: finding, ends, indexes. */
import { SYNTAX_ERROR } from "../../base/errors.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { LIST, List, type ListLimits, listLimits } from "../../types/list.ts";

/** The limits of small lists in force. */
export function limitsOf(ctx: Context): ListLimits {
  return listLimits(ctx.server.config.number("list-max-listpack-size"));
}

/** The list in argument `i` for reading; null when there is none. Release it. */
export function readList(ctx: Context, i: number): List | null {
  const entry = ctx.lookupRead(i, LIST);
  return entry === null ? null : new List(ctx.keyspace, entry);
}

/** The list in argument `i` for changing; null when there is none. Save and release it. */
export function findList(ctx: Context, i: number): List | null {
  const entry = ctx.lookupWrite(i, LIST);
  return entry === null ? null : new List(ctx.keyspace, entry);
}

/** Writes a changed list back to the key in argument `i`. */
export function saveList(ctx: Context, i: number, list: List): void {
  const { args } = ctx;
  list.save(ctx.db, args.buffer, args.start(i), args.end(i));
  list.release();
}

/**
 * Releases the list in argument `i`, which got nothing: Redis keeps the encoding that it chose before it looked, so that
 * is saved. No client sees a change.
 */
export function leaveList(ctx: Context, i: number, list: List): void {
  const { args, keyspace } = ctx;
  if (list.entry !== null && list.encoding !== list.entry.encoding) {
    const { dirty } = keyspace;
    list.save(ctx.db, args.buffer, args.start(i), args.end(i));
    keyspace.dirty = dirty;
  }
  list.release();
}

/** Reads LEFT or RIGHT in argument `i`: true for the head. */
export function readEnd(ctx: Context, i: number): boolean {
  if (ctx.args.is(i, "left")) return true;
  if (ctx.args.is(i, "right")) return false;
  throw SYNTAX_ERROR;
}

/** Clamps Redis' start and stop of a list of `length` elements; `count` 0: nothing is in the range. */
export function clampRange(start: number, stop: number, length: number): { from: number; count: number } {
  let from = start < 0 ? Math.max(0, start + length) : start;
  const to = Math.min(stop < 0 ? stop + length : stop, length - 1);
  const count = from > to || from >= length ? 0 : to - from + 1;
  if (count === 0) from = 0;
  return { from, count };
}

/** Replies the present element of a list. */
export function replyElement(ctx: Context, list: List): void {
  list.read();
  ctx.reply.bulk(list.buffer, list.start, list.end);
}

/**
 * What is about to be taken off an end of the list in argument `i` is for a client of another process: says how to put
 * it back, should that client be gone. The list stays as it is.
 */
export function giveBackPopped(ctx: Context, i: number, list: List, head: boolean, count: number): void {
  const elements: Buffer[] = [];
  const taken = Math.min(count, list.length);
  list.seek(head ? 0 : list.length - 1);
  for (let n = 0; n < taken; n++) {
    list.read();
    elements.push(Buffer.from(list.buffer.subarray(list.start, list.end)));
    if (head) list.next();
    else list.prev();
  }
  // Pushed one by one: what was taken last goes back first.
  const push = Buffer.from(head ? "LPUSH" : "RPUSH");
  ctx.server.blocking.giveBack([push, ctx.args.copy(i), ...elements.reverse()]);
}

/**
 * Takes `count` elements off one end of the list in argument `i` and replies them as an array; the caller has checked that there are some. The list
 * is saved and released.
 */
export function replyPopped(ctx: Context, i: number, list: List, head: boolean, count: number): void {
  const { length } = list;
  const taken = Math.min(count, length);
  ctx.reply.arrayHeader(taken);
  list.seek(head ? 0 : length - 1);
  for (let i = 0; i < taken; i++) {
    replyElement(ctx, list);
    if (head) list.next();
    else list.prev();
  }
  list.removeRange(head ? 0 : length - taken, taken);
  list.convertShrunk(limitsOf(ctx));
  saveList(ctx, i, list);
  ctx.notifyRemoved(NOTIFY.list, head ? "lpop" : "rpop", i, list.length === 0);
}
