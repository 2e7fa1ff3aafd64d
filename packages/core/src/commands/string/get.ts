/** GET: the hottest command; reads the record's bytes without building an Entry. */
import { WRONGTYPE } from "../../base/errors.ts";
import { TYPE_ID } from "../../codec/format.ts";
import { NO_EXPIRY, readRecord, recordExpiry, recordPayloadStart, RECORD_FLAG } from "../../codec/record.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { COUNTER } from "../../ports/counters.ts";
import { replyString } from "../../types/string.ts";

function handleGet(ctx: Context): void {
  const { args, keyspace, reply } = ctx;
  const counters = ctx.server.counters;
  const n = keyspace.readRecordBytes(ctx.client.db, args.buffer, args.start(1), args.end(1));
  const value = keyspace.store.valueBuffer;
  if (n >= 0) {
    const flags = value[1] as number;
    if ((flags & RECORD_FLAG.expiry) === 0 || notDue(ctx, value)) {
      counters[COUNTER.keyspace_hits] = (counters[COUNTER.keyspace_hits] as number) + 1;
      if (!ctx.client.noTouch) ctx.server.accessClock.touch(keyspace.codec.hashLow, ctx.nowMs);
      if ((flags & 15) !== TYPE_ID.string) throw WRONGTYPE;
      if ((flags & RECORD_FLAG.elements) === 0) reply.bulkFromStore(value, recordPayloadStart(value), n);
      else replyString(keyspace, reply, readRecord(value, n));
      return;
    }
    // Due: inside a write txn the lookup also deletes it.
    if (keyspace.store.inWriteTxn) keyspace.find(ctx.client.db, args.buffer, args.start(1), args.end(1));
  }
  counters[COUNTER.keyspace_misses] = (counters[COUNTER.keyspace_misses] as number) + 1;
  reply.null();
}

function notDue(ctx: Context, value: Buffer): boolean {
  const expireAtMs = recordExpiry(value);
  return expireAtMs === NO_EXPIRY || expireAtMs >= ctx.nowMs;
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
  args: [{ name: "key", type: "key", keySpecIndex: 0 }],
  handler: handleGet,
};
