/** GET: the hottest command; reads the record's bytes without building an Entry. */

import { WRONGTYPE } from "../../base/errors.ts";
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { COUNTER } from "../../ports/counters.ts";
import { inlineStringStart, isRecordDue, NOT_A_STRING } from "../../types/string.ts";
import { replyString } from "./reply-string.ts";

/** Replies the string at the key in argument `i`, null when there is none. False, without a reply, for another type. */
export function replyValueAt(ctx: Context, i: number): boolean {
  const { args, keyspace, reply } = ctx;
  const counters = ctx.server.counters;
  const b = args.buffer;
  const n = keyspace.readRecordBytes(ctx.client.db, b, args.start(i), args.end(i));
  const record = keyspace.store.valueBuffer;
  if (n >= 0) {
    if (!isRecordDue(record, ctx.nowMs)) {
      counters[COUNTER.keyspace_hits] = (counters[COUNTER.keyspace_hits] as number) + 1;
      if (!ctx.client.noTouch) ctx.server.accessClock.touch(keyspace.codec.hashLow, ctx.nowMs);
      const start = inlineStringStart(record);
      if (start >= 0) {
        reply.bulkFromStore(record, start, n);
        return true;
      }
      if (start === NOT_A_STRING) return false;
      const entry = keyspace.find(ctx.client.db, b, args.start(i), args.end(i));
      if (entry !== null) replyString(ctx, entry);
      return true;
    }
    // Due: the lookup deletes it, or notes it for deletion.
    keyspace.find(ctx.client.db, b, args.start(i), args.end(i));
  }
  counters[COUNTER.keyspace_misses] = (counters[COUNTER.keyspace_misses] as number) + 1;
  ctx.notify(NOTIFY.keyMiss, "keymiss", i);
  reply.null();
  return true;
}

function handleGet(ctx: Context): void {
  if (!replyValueAt(ctx, 1)) throw WRONGTYPE;
}

export const get: CommandSpec = {
  name: "GET",
  group: "string",
  since: "1.0.0",
  summary: "Reads the string stored at a key.",
  complexity: "O(1)",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [keyAt(1, "RO", "access")],
  args: [KEY],
  handler: handleGet,
};
