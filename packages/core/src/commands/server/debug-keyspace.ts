/** DEBUG's tools that look into keys, or make many of them. */
import { DEBUG_DB_OUT_OF_RANGE, MUST_BE_POSITIVE, NO_SUCH_KEY, NOT_AN_INTEGER, NOT_AN_SDS } from "../../base/errors.ts";
import type { Context } from "../../command/context.ts";
import { countTrash } from "../../keyspace/reclaim.ts";
import { objectLength } from "../../rdb/dump-payload.ts";
import { NO_EXPIRY, setString, stringLength, textEncoding } from "../../types/string.ts";
import { countRows, isIntEncoded, isString, keyMemory, valueEncoding } from "../../types/value-facts.ts";
import { valueLimits } from "../generic/value-limits.ts";

export function debugObject(ctx: Context): void {
  const { args, keyspace, reply, server } = ctx;
  // A key that is due but not yet deleted is shown too: at no time is it due.
  const { nowMs } = keyspace;
  keyspace.nowMs = 0;
  const entry = keyspace.find(ctx.db, args.buffer, args.start(2), args.end(2));
  keyspace.nowMs = nowMs;
  if (entry === null) throw NO_SUCH_KEY;
  // There is no address to show. The place of the key's record, its hash, stays the same too while a value is changed.
  const { hashHigh, hashLow } = keyspace.codec;
  const idleSeconds = server.accessClock.idleSeconds(hashLow, ctx.nowMs);
  const lru = (Math.floor(ctx.nowMs / 1000) - idleSeconds) & 0xffffff;
  const place = hashHigh.toString(16) + (hashLow >>> 0).toString(16).padStart(8, "0");
  const length = objectLength(keyspace, entry, valueLimits(ctx), server.config.boolean("rdbcompression"));
  reply.simple(
    `Value at:0x${place} refcount:1 encoding:${valueEncoding(entry)} serializedlength:${length} lru:${lru} lru_seconds_idle:${idleSeconds}`,
  );
}

export function debugSdslen(ctx: Context): void {
  const { args, keyspace, reply } = ctx;
  const entry = keyspace.find(ctx.db, args.buffer, args.start(2), args.end(2));
  if (entry === null) throw NO_SUCH_KEY;
  if (!isString(entry) || isIntEncoded(entry)) throw NOT_AN_SDS;
  const keyLength = args.length(2);
  const length = stringLength(entry);
  const valueBytes = keyMemory(keyspace, entry, keyLength, Number.MAX_SAFE_INTEGER) - keyLength;
  reply.simple(
    `key_sds_len:${keyLength}, key_sds_avail:0, key_zmalloc: ${keyLength}, val_sds_len:${length}, val_sds_avail:0, val_zmalloc: ${valueBytes}`,
  );
}

export function debugPopulate(ctx: Context): void {
  const { args, keyspace, reply } = ctx;
  const count = args.int(2, NOT_AN_INTEGER);
  if (count < 0) throw MUST_BE_POSITIVE;
  const prefix = args.count === 3 ? Buffer.from("key") : args.copy(3);
  const size = args.count === 5 ? args.int(4, NOT_AN_INTEGER) : 0;
  if (size < 0) throw MUST_BE_POSITIVE;
  for (let i = 0; i < count; i++) {
    const key = Buffer.concat([prefix, Buffer.from(`:${i}`)]);
    keyspace.forgetRow();
    if (keyspace.find(ctx.db, key, 0, key.length) !== null) continue;
    const text = Buffer.from(`value:${i}`);
    const value = size === 0 ? text : Buffer.alloc(size);
    text.copy(value);
    setString(
      keyspace,
      ctx.db,
      key,
      0,
      key.length,
      null,
      value,
      0,
      value.length,
      NO_EXPIRY,
      textEncoding(value.length),
    );
  }
  reply.ok();
}

export function debugHtstats(ctx: Context): void {
  const { args, keyspace, reply } = ctx;
  const db = args.int(2, NOT_AN_INTEGER);
  if (db < 0 || db >= keyspace.databases.count) throw DEBUG_DB_OUT_OF_RANGE;
  const counts = keyspace.databases.countsOf(keyspace.epochOf(db));
  keyspace.forgetRow();
  const { treeDepth } = keyspace.store.stats();
  const table = (rows: number): string =>
    rows === 0
      ? "No stats available for empty dictionaries\n"
      : `No hash table: rows of a B+ tree in hash order\n number of elements: ${rows}\n tree depth: ${treeDepth}\n`;
  reply.verbatim("txt", `[Dictionary HT]\n${table(counts.keys)}[Expires HT]\n${table(counts.expires)}`);
}

export function debugStore(ctx: Context): void {
  const { keyspace, reply } = ctx;
  const rows = countRows(keyspace);
  const stats = keyspace.store.stats();
  const fields = [
    ...[...rows].map(([table, count]) => [`rows_${table}`, count] as const),
    ["trash_length", countTrash(keyspace, Number.MAX_SAFE_INTEGER)],
    ["used_bytes", stats.usedBytes],
    ["page_bytes", stats.pageSizeBytes],
    ["tree_depth", stats.treeDepth],
    ["branch_pages", stats.branchPages],
    ["leaf_pages", stats.leafPages],
    ["overflow_pages", stats.overflowPages],
    ["free_pages", stats.freePages],
    ["last_txn_id", stats.lastTxnId],
    ["readers", stats.readers],
    ["max_readers", stats.maxReaders],
  ] as const;
  reply.mapHeader(fields.length);
  for (const [name, value] of fields) {
    reply.bulkText(name);
    reply.integer(value);
  }
}
