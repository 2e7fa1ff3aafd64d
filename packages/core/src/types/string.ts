/**
 * String values. Short ones are the payload of the key's record; longer ones are cut into chunks of CHUNK_BYTES under
 * a generation of their own (record size = length in bytes), so that changing a part of a large value rewrites only
 * that part. Bytes that no chunk holds are zero (SETRANGE far behind the end writes one chunk).
 *
 * A value is in chunks exactly when it is longer than INLINE_STRING_MAX. Changes in place only make it longer, so it
 * goes back into the record only when it is replaced as a whole.
 */
import { parseInt64 } from "../base/numbers.ts";
import { ENCODING_ID, TYPE_ID } from "../codec/format.ts";
import { type Entry, NO_EXPIRY, RECORD_FLAG, recordExpiry, recordPayloadStart } from "../codec/record.ts";
import { copyChunks, patchChunks, writeChunks } from "../keyspace/chunks.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";

export { type Entry, NO_EXPIRY } from "../codec/record.ts";

/** Type id of strings, for lookups. */
export const STRING = TYPE_ID.string;
/** Encoding of a string that was changed in place. */
export const RAW = ENCODING_ID.raw;
/** Longest value kept in the record itself. */
export const INLINE_STRING_MAX = 16000;
/** Longest value that Redis keeps in the object itself (OBJ_ENCODING_EMBSTR_SIZE_LIMIT). */
const EMBSTR_MAX = 44;
const EMPTY = Buffer.alloc(0);

/** The encoding that a freshly set value has in Redis (tryObjectEncoding). */
export function stringEncoding(buf: Buffer, start: number, end: number): number {
  const length = end - start;
  if (length <= 20 && length > 0) {
    const c = buf[start] as number;
    if ((c === 45 || (c >= 48 && c <= 57)) && parseInt64(buf, start, end) !== null) return ENCODING_ID.int;
  }
  return textEncoding(length);
}

/** The encoding of a text of `length` bytes that is never taken for an integer. */
export function textEncoding(length: number): number {
  return length <= EMBSTR_MAX ? ENCODING_ID.embstr : ENCODING_ID.raw;
}

/** Length of a string entry, bytes. */
export function stringLength(entry: Entry): number {
  return entry.generation !== 0 ? entry.size : entry.payloadEnd - entry.payloadStart;
}

// ------------------------------------------------------------------------------------------------ reading

/** Whether the record in `record` has expired at `nowMs`. */
export function isRecordDue(record: Buffer, nowMs: number): boolean {
  if (((record[1] as number) & RECORD_FLAG.expiry) === 0) return false;
  const expireAtMs = recordExpiry(record);
  return expireAtMs !== NO_EXPIRY && expireAtMs < nowMs;
}

export const NOT_A_STRING = -1;
export const IN_CHUNKS = -2;

/** Where the bytes of the string start in the record (they end with it), or NOT_A_STRING, or IN_CHUNKS. */
export function inlineStringStart(record: Buffer): number {
  const flags = record[1] as number;
  if ((flags & 15) !== TYPE_ID.string) return NOT_A_STRING;
  return (flags & RECORD_FLAG.elements) === 0 ? recordPayloadStart(record) : IN_CHUNKS;
}

/** Copies the bytes `[from, to)` of a string to `target[at..]`. A value in the record must still be borrowed. */
export function copyString(
  keyspace: Keyspace,
  entry: Entry,
  from: number,
  to: number,
  target: Buffer,
  at: number,
): void {
  const store = keyspace.store;
  if (entry.generation !== 0) copyChunks(store, keyspace.codec, entry.generation, from, to, target, at);
  else store.valueBuffer.copy(target, at, entry.payloadStart + from, entry.payloadStart + to);
}

/** Own copy of a whole string. */
export function readString(keyspace: Keyspace, entry: Entry): Buffer {
  const bytes = Buffer.allocUnsafe(stringLength(entry));
  copyString(keyspace, entry, 0, bytes.length, bytes, 0);
  return bytes;
}

/** A string that outlives further lookups: its record's payload is copied, chunks are read when asked for. */
export class HeldString {
  readonly length: number;
  private readonly keyspace: Keyspace;
  private readonly generation: number;
  private readonly inline: Buffer;

  /** `entry` is what `find` just returned; null is the empty string. */
  constructor(keyspace: Keyspace, entry: Entry | null) {
    this.keyspace = keyspace;
    this.length = entry === null ? 0 : stringLength(entry);
    this.generation = entry === null ? 0 : entry.generation;
    this.inline = entry === null || this.generation !== 0 ? EMPTY : keyspace.copyPayload(entry);
  }

  /**
   * Fills `target[at..at + to - from)` with the bytes `[from, to)`; behind the end of the string they are zero. False
   * when they are known to be all zero without a look at them.
   */
  read(from: number, to: number, target: Buffer, at: number): boolean {
    const stop = Math.max(from, Math.min(to, this.length));
    if (stop < to) target.fill(0, at + stop - from, at + to - from);
    if (stop === from) return false;
    const { store, codec } = this.keyspace;
    if (this.generation !== 0) return copyChunks(store, codec, this.generation, from, stop, target, at);
    this.inline.copy(target, at, from, stop);
    return true;
  }
}

// ------------------------------------------------------------------------------------------------ writing

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
  setChunked(keyspace, db, kb, ks, ke, old, encoding, expireAtMs, generation, length);
}

/** Makes the key hold the `length` bytes that the caller has put under `generation`. */
export function setChunked(
  keyspace: Keyspace,
  db: number,
  kb: Buffer,
  ks: number,
  ke: number,
  old: Entry | null,
  encoding: number,
  expireAtMs: number,
  generation: number,
  length: number,
): void {
  const p = keyspace.startRecord(kb, ks, ke, old, TYPE_ID.string, encoding, expireAtMs, generation, length);
  keyspace.endRecord(db, kb, ks, ke, old, expireAtMs, p, generation);
}

/**
 * Overwrites the string from `offset` on with `vb[vs..ve)` (not empty), making it longer, and padding it with zero bytes,
 * where needed. `old` is what `find` just returned for the key. Returns the new length. The encoding becomes raw, the
 * expiry stays. O(bytes written), whatever the length of the string.
 */
export function setStringRange(
  keyspace: Keyspace,
  db: number,
  kb: Buffer,
  ks: number,
  ke: number,
  old: Entry | null,
  offset: number,
  vb: Buffer,
  vs: number,
  ve: number,
): number {
  const oldLength = old === null ? 0 : stringLength(old);
  const length = Math.max(oldLength, offset + ve - vs);
  const expireAtMs = old === null ? NO_EXPIRY : old.expireAtMs;
  const { store, codec } = keyspace;
  if (length <= INLINE_STRING_MAX) {
    const p = keyspace.startRecord(kb, ks, ke, old, TYPE_ID.string, RAW, expireAtMs);
    const put = store.putBuffer;
    if (old !== null) store.valueBuffer.copy(put, p, old.payloadStart, old.payloadEnd);
    if (oldLength < offset) put.fill(0, p + oldLength, p + offset);
    vb.copy(put, p + offset, vs, ve);
    keyspace.endRecord(db, kb, ks, ke, old, expireAtMs, p + length);
    return length;
  }
  const generation = old !== null && old.generation !== 0 ? old.generation : moveToChunks(keyspace, old);
  patchChunks(store, codec, generation, offset, vb, vs, ve);
  setChunked(keyspace, db, kb, ks, ke, old, RAW, expireAtMs, generation, length);
  return length;
}

/** Writes the value of a record (still borrowed) under a new generation, which it returns. */
function moveToChunks(keyspace: Keyspace, old: Entry | null): number {
  const inline = old === null ? EMPTY : keyspace.copyPayload(old);
  const generation = keyspace.databases.newGeneration();
  writeChunks(keyspace.store, keyspace.codec, generation, inline, 0, inline.length);
  return generation;
}
