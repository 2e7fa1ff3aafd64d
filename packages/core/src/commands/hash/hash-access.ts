/** What hash commands share: opening for change, replying values, due fields that a read met. */
import type { Context } from "../../command/context.ts";
import type { Entry } from "../../keyspace/entry.ts";
import type { HashLimits } from "../../types/collection-limits.ts";
import { HASH } from "../../types/hash.ts";
import { HashEditor } from "../../types/hash-editor.ts";
import { copyValue, type Element } from "../../types/keyed-elements.ts";

export function hashLimits(ctx: Context): HashLimits {
  const { config } = ctx.server;
  return {
    maxEntries: config.number("hash-max-listpack-entries"),
    maxValue: config.number("hash-max-listpack-value"),
  };
}

/** Opens the hash at argument 1, which a lookup just returned as `old`, for change, or a new one. Throws WRONGTYPE. */
export function editHash(ctx: Context, old: Entry | null = ctx.lookupWrite(1, HASH)): HashEditor {
  const { args } = ctx;
  return new HashEditor(ctx.keyspace, hashLimits(ctx), ctx.client.db, args.buffer, args.start(1), args.end(1), old);
}

/** Replies the value of a field that was just found, of the hash with `generation` (0: a small one). */
export function replyFieldValue(ctx: Context, generation: number, element: Element): void {
  const { reply } = ctx;
  if (element.blobId === 0) {
    reply.bulkFromStore(element.value, element.valueStart, element.valueEnd);
    return;
  }
  reply.bulkHeader(element.valueLength);
  copyValue(ctx.keyspace, generation, element, reply.buffer, reply.position);
  reply.position += element.valueLength;
  reply.bulkEnd();
}

/** Replies the name of a field that was just found. */
export function replyField(ctx: Context, element: Element): void {
  ctx.reply.bulkFromStore(element.member, element.memberStart, element.memberEnd);
}

/** A read met the due field in argument `i` of the key in argument 1: it goes, now or right after the turn. */
export function dropDueField(ctx: Context, i: number): void {
  const { args } = ctx;
  ctx.keyspace.dropDueMember(ctx.client.db, args.buffer, args.start(1), args.end(1), args.copy(i));
}
