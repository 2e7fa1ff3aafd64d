/**
 * String values. Short ones are the payload of the key's record; longer ones are cut into chunks of CHUNK_BYTES under
 * a generation of their own (record size = length in bytes), so that changing a part of a large value rewrites only
 * that part. Bytes that no chunk holds are zero (SETRANGE far behind the end writes one chunk).
 */
import { parseInt64 } from "../base/numbers.ts";
import { ENCODING_ID, TYPE_ID } from "../codec/format.ts";
import type { Entry } from "../codec/record.ts";
import { CHUNK_BYTES, writeChunks } from "../keyspace/chunks.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { ReplyWriter } from "../resp/reply-writer.ts";

/** Longest value kept in the record itself. */
export const INLINE_STRING_MAX = 16000;
/** Longest value that Redis keeps in the object itself (OBJ_ENCODING_EMBSTR_SIZE_LIMIT). */
const EMBSTR_MAX = 44;

/** The encoding that a freshly set value has in Redis (tryObjectEncoding). */
export function stringEncoding(buf: Buffer, start: number, end: number): number {
  const length = end - start;
  if (length <= 20 && length > 0) {
    const c = buf[start] as number;
    if ((c === 45 || (c >= 48 && c <= 57)) && parseInt64(buf, start, end) !== null) return ENCODING_ID.int;
  }
  return length <= EMBSTR_MAX ? ENCODING_ID.embstr : ENCODING_ID.raw;
}

/** Length of a string entry, bytes. */
export function stringLength(entry: Entry): number {
  return entry.generation !== 0 ? entry.size : entry.payloadEnd - entry.payloadStart;
}

/**
 * Sets key `kb[ks..ke)` to `vb[vs..ve)`, whatever was there. `old` is what `find` just returned for the key. O(value).
 */
export function setString(
  keyspace: Keyspace,
  db: number,
  kb: Buffer,
  ks: number,
  ke: number,
  old: Entry | null,
  vb: Buffer,
  vs: number,
  ve: number,
  expireAtMs: number,
  encoding = stringEncoding(vb, vs, ve),
): void {
  const length = ve - vs;
  if (length <= INLINE_STRING_MAX) {
    const p = keyspace.startRecord(kb, ks, ke, old, TYPE_ID.string, encoding, expireAtMs);
    const put = keyspace.store.putBuffer;
    if (length <= 48) for (let i = vs, q = p; i < ve; i++, q++) put[q] = vb[i] as number;
    else vb.copy(put, p, vs, ve);
    keyspace.endRecord(db, kb, ks, ke, old, expireAtMs, p + length);
    return;
  }
  const generation = keyspace.databases.newGeneration();
  writeChunks(keyspace.store, keyspace.codec, generation, vb, vs, ve);
  const p = keyspace.startRecord(kb, ks, ke, old, TYPE_ID.string, encoding, expireAtMs, generation, length);
  keyspace.endRecord(db, kb, ks, ke, old, expireAtMs, p, generation);
}

/** Copies bytes `[from, to)` of a string into the reply, as the content of a bulk string. */
export function replyStringRange(
  keyspace: Keyspace,
  reply: ReplyWriter,
  entry: Entry,
  from: number,
  to: number,
): void {
  const store = keyspace.store;
  if (entry.generation === 0) {
    reply.bulkFromStore(store.valueBuffer, entry.payloadStart + from, entry.payloadStart + to);
    return;
  }
  reply.bulkHeader(to - from);
  for (let at = from; at < to; ) {
    const index = Math.floor(at / CHUNK_BYTES);
    const inChunk = at - index * CHUNK_BYTES;
    const take = Math.min(CHUNK_BYTES - inChunk, to - at);
    const n = store.get(keyspace.codec.chunkRow(entry.generation, index));
    const there = Math.max(0, Math.min(take, n - inChunk));
    if (there > 0) store.valueBuffer.copy(reply.buffer, reply.position, inChunk, inChunk + there);
    if (there < take) reply.buffer.fill(0, reply.position + there, reply.position + take);
    reply.position += take;
    at += take;
  }
  reply.bulkEnd();
}

/** Replies a whole string as a bulk string. */
export function replyString(keyspace: Keyspace, reply: ReplyWriter, entry: Entry): void {
  replyStringRange(keyspace, reply, entry, 0, stringLength(entry));
}
