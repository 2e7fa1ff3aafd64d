/**
 * Members of a large collection (hash fields, set members) as rows of the elements table, one per member, in the order
 * of the members' hashes:
 *
 *   `2 | generation | hash 6 B | member`            -> flags | [deadline 8 B] | [member] | value
 *   `2 | generation | 0x80 | blob id 8 B | u32`     -> chunks of a value or a member too long for a row
 *   `2 | generation | 0x81 | deadline 8 B | hash 6 B | member` -> empty: members by deadline
 *
 * The top bit of a member's hash is 0, so the kinds do not mix. Everything of a collection lies under its generation:
 * dropping the generation drops all, copying its rows copies all. A member longer than SHORT_KEY_MAX stands as prefix
 * and digest in the row's key, and whole in the value.
 */
import { TABLE } from "../codec/format.ts";
import { ELEMENT_SUBKEY, MEMBER_TAIL, SHORT_KEY_MAX } from "../codec/key-codec.ts";
import { copyBytes } from "../codec/packed.ts";
import { NO_EXPIRY, readU32, readU64, writeU32, writeU64 } from "../codec/record.ts";
import { CHUNK_BYTES } from "../keyspace/chunks.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";

export const ELEMENT_FLAG = { deadline: 1, longMember: 2, memberBlob: 4, valueBlob: 8 } as const;
/** Longest member or value kept in the row itself; longer ones become blobs. */
export const ROW_BYTES_MAX = 16000;
const BLOB_MARK = 0x80;
const DEADLINE_MARK = 0x81;
const DEADLINE_SHIFT = 9;
const BLOB_REF_BYTES = 16;

/** A member and its value, as found. Borrowed: good until the next store call or the cursor's next move. */
export class Element {
  member: Buffer;
  memberStart: number;
  memberEnd: number;
  value: Buffer;
  valueStart: number;
  valueEnd: number;
  /** Not 0: the value is a blob, `value` holds nothing. */
  blobId: number;
  /** Length of the value, bytes. */
  valueLength: number;
  /** Blob of the member, 0 when there is none. */
  memberBlobId: number;
  /** Deadline, unix ms, or NO_EXPIRY. */
  expireAtMs: number;

  constructor(none: Buffer) {
    this.member = none;
    this.memberStart = 0;
    this.memberEnd = 0;
    this.value = none;
    this.valueStart = 0;
    this.valueEnd = 0;
    this.blobId = 0;
    this.valueLength = 0;
    this.memberBlobId = 0;
    this.expireAtMs = NO_EXPIRY;
  }
}

/** Whether a deadline has passed. */
export function isDue(keyspace: Keyspace, expireAtMs: number): boolean {
  return expireAtMs !== NO_EXPIRY && expireAtMs < keyspace.nowMs;
}

/**
 * Reads the row value `b[0..n)`. `member` is taken from it when it is a long one, else the caller sets it (from the row's
 * key).
 */
export function readElement(keyspace: Keyspace, generation: number, b: Buffer, n: number, into: Element): void {
  const flags = b[0] as number;
  let p = 1;
  into.expireAtMs = NO_EXPIRY;
  into.blobId = 0;
  into.memberBlobId = 0;
  if ((flags & ELEMENT_FLAG.deadline) !== 0) {
    into.expireAtMs = readU64(b, p);
    p += 8;
  }
  let memberLength = -1;
  if ((flags & ELEMENT_FLAG.memberBlob) !== 0) {
    into.memberBlobId = readU64(b, p);
    memberLength = readU64(b, p + 8);
    p += BLOB_REF_BYTES;
  } else if ((flags & ELEMENT_FLAG.longMember) !== 0) {
    memberLength = readU32(b, p);
    into.member = b;
    into.memberStart = p + 4;
    into.memberEnd = p + 4 + memberLength;
    p = into.memberEnd;
  }
  into.value = b;
  into.valueStart = p;
  into.valueEnd = n;
  into.valueLength = n - p;
  if ((flags & ELEMENT_FLAG.valueBlob) !== 0) {
    into.blobId = readU64(b, p);
    into.valueLength = readU64(b, p + 8);
    into.valueStart = n;
  }
  if (into.memberBlobId !== 0) readMemberBlob(keyspace, generation, memberLength, into);
}

/** Reading the blob takes the value buffer, so what the value holds is copied first. */
function readMemberBlob(keyspace: Keyspace, generation: number, length: number, into: Element): void {
  const value = Buffer.allocUnsafe(into.valueEnd - into.valueStart);
  into.value.copy(value, 0, into.valueStart, into.valueEnd);
  into.value = value;
  into.valueEnd = value.length;
  into.valueStart = 0;
  into.member = Buffer.allocUnsafe(length);
  copyBlob(keyspace, generation, into.memberBlobId, 0, length, into.member, 0);
  into.memberStart = 0;
  into.memberEnd = length;
}

/** Looks a member up, due or not. `into.member` becomes the bytes that were asked for. */
export function findElement(
  keyspace: Keyspace,
  generation: number,
  mb: Buffer,
  ms: number,
  me: number,
  into: Element,
): boolean {
  const store = keyspace.store;
  const n = store.get(keyspace.codec.memberRow(generation, mb, ms, me));
  if (n < 0) return false;
  readElement(keyspace, generation, store.valueBuffer, n, into);
  into.member = mb;
  into.memberStart = ms;
  into.memberEnd = me;
  return true;
}

/** Whether a member exists, due or not. Cheaper than `findElement`. */
export function hasElement(keyspace: Keyspace, generation: number, mb: Buffer, ms: number, me: number): boolean {
  return keyspace.store.get(keyspace.codec.memberRow(generation, mb, ms, me)) >= 0;
}

/**
 * Writes a member with its value and deadline (or NO_EXPIRY). `old` is what `findElement` found for it, null for a new
 * member. The bytes must not lie in the store's buffers.
 */
export function putElement(
  keyspace: Keyspace,
  generation: number,
  mb: Buffer,
  ms: number,
  me: number,
  vb: Buffer,
  vs: number,
  ve: number,
  expireAtMs: number,
  old: Element | null,
): void {
  const { store, codec } = keyspace;
  const put = store.putBuffer;
  const memberLength = me - ms;
  const valueLength = ve - vs;
  const oldExpiry = old === null ? NO_EXPIRY : old.expireAtMs;
  let memberBlobId = 0;
  if (old !== null) {
    memberBlobId = old.memberBlobId;
    if (old.blobId !== 0) deleteBlob(keyspace, generation, old.blobId, old.valueLength);
  } else if (memberLength > ROW_BYTES_MAX) {
    memberBlobId = writeBlob(keyspace, generation, mb, ms, me);
  }
  const blobId = valueLength > ROW_BYTES_MAX ? writeBlob(keyspace, generation, vb, vs, ve) : 0;
  let flags = 0;
  let p = 1;
  if (expireAtMs !== NO_EXPIRY) {
    flags |= ELEMENT_FLAG.deadline;
    writeU64(put, p, expireAtMs);
    p += 8;
  }
  if (memberBlobId !== 0) {
    flags |= ELEMENT_FLAG.memberBlob;
    p = writeBlobRef(put, p, memberBlobId, memberLength);
  } else if (memberLength > SHORT_KEY_MAX) {
    flags |= ELEMENT_FLAG.longMember;
    writeU32(put, p, memberLength);
    mb.copy(put, p + 4, ms, me);
    p += 4 + memberLength;
  }
  if (blobId !== 0) {
    flags |= ELEMENT_FLAG.valueBlob;
    p = writeBlobRef(put, p, blobId, valueLength);
  } else p = copyBytes(vb, vs, ve, put, p);
  put[0] = flags;
  const row = codec.memberRow(generation, mb, ms, me);
  store.put(row, p);
  if (oldExpiry !== expireAtMs) moveDeadline(keyspace, row, oldExpiry, expireAtMs);
}

/**
 * Writes a new member without a value and deadline, unless it exists: then false. Of a member that is short enough for a
 * row's key (SHORT_KEY_MAX). Cheaper than `findElement` and `putElement`.
 */
export function insertElement(keyspace: Keyspace, generation: number, mb: Buffer, ms: number, me: number): boolean {
  keyspace.store.putBuffer[0] = 0;
  return keyspace.store.insert(keyspace.codec.memberRow(generation, mb, ms, me), 1);
}

function writeBlobRef(b: Buffer, at: number, id: number, length: number): number {
  writeU64(b, at, id);
  writeU64(b, at + 8, length);
  return at + BLOB_REF_BYTES;
}

/** Removes a member that `findElement` (or a cursor) found. The member's bytes must not lie in the value buffer. */
export function deleteElement(
  keyspace: Keyspace,
  generation: number,
  mb: Buffer,
  ms: number,
  me: number,
  old: Element,
): void {
  const { store, codec } = keyspace;
  const { blobId, valueLength, memberBlobId, expireAtMs } = old;
  if (blobId !== 0) deleteBlob(keyspace, generation, blobId, valueLength);
  if (memberBlobId !== 0) deleteBlob(keyspace, generation, memberBlobId, me - ms);
  const row = codec.memberRow(generation, mb, ms, me);
  store.delete(row);
  if (expireAtMs !== NO_EXPIRY) moveDeadline(keyspace, row, expireAtMs, NO_EXPIRY);
}

// ------------------------------------------------------------------------------------------------ deadlines

/** Changes the deadline row of the member whose row of `length` bytes is in the key buffer. */
function moveDeadline(keyspace: Keyspace, length: number, from: number, to: number): void {
  const { store } = keyspace;
  const key = store.keyBuffer;
  key.copyWithin(ELEMENT_SUBKEY + DEADLINE_SHIFT, ELEMENT_SUBKEY, length);
  key[ELEMENT_SUBKEY] = DEADLINE_MARK;
  if (from !== NO_EXPIRY) {
    writeU64(key, ELEMENT_SUBKEY + 1, from);
    store.delete(length + DEADLINE_SHIFT);
  }
  if (to !== NO_EXPIRY) {
    writeU64(key, ELEMENT_SUBKEY + 1, to);
    store.put(length + DEADLINE_SHIFT, 0);
  }
}

/** The earliest deadline of a collection, or NO_EXPIRY. One seek. */
export function earliestDeadline(keyspace: Keyspace, generation: number): number {
  const due = membersByDeadline(keyspace, generation, 1, Number.POSITIVE_INFINITY);
  return due.length === 0 ? NO_EXPIRY : readU64(due[0] as Buffer, ELEMENT_SUBKEY + 1);
}

/** The first `limit` deadline rows (own copies) with a deadline before `beforeMs`, in order. */
function membersByDeadline(keyspace: Keyspace, generation: number, limit: number, beforeMs: number): Buffer[] {
  const { store, codec } = keyspace;
  const rows: Buffer[] = [];
  keyspace.forgetRow();
  const cursor = store.openCursor();
  try {
    codec.elementRow(generation);
    store.keyBuffer[ELEMENT_SUBKEY] = DEADLINE_MARK;
    for (let found = cursor.seek(ELEMENT_SUBKEY + 1); found && rows.length < limit; found = cursor.next()) {
      const { key } = cursor;
      if (key[0] !== TABLE.elements || readU64(key, 1) !== generation || key[ELEMENT_SUBKEY] !== DEADLINE_MARK) break;
      if (readU64(key, ELEMENT_SUBKEY + 1) >= beforeMs) break;
      rows.push(Buffer.from(key.subarray(0, cursor.keyLength)));
    }
    return rows;
  } finally {
    cursor.close();
  }
}

/** How many members are due. */
export function countDue(keyspace: Keyspace, generation: number): number {
  return membersByDeadline(keyspace, generation, Number.POSITIVE_INFINITY, keyspace.nowMs).length;
}

/** The member with the earliest deadline (own copy), and its value in `into`, if it is due; else null. */
export function firstDueMember(keyspace: Keyspace, generation: number, into: Element): Buffer | null {
  const row = membersByDeadline(keyspace, generation, 1, keyspace.nowMs)[0];
  if (row === undefined) return null;
  const { store } = keyspace;
  row.copy(store.keyBuffer, 0, 0, ELEMENT_SUBKEY);
  row.copy(store.keyBuffer, ELEMENT_SUBKEY, ELEMENT_SUBKEY + DEADLINE_SHIFT);
  const n = store.get(row.length - DEADLINE_SHIFT);
  if (n < 0) throw new Error("a member's deadline row without the member");
  into.member = row;
  into.memberStart = MEMBER_TAIL + DEADLINE_SHIFT;
  into.memberEnd = row.length;
  readElement(keyspace, generation, store.valueBuffer, n, into);
  return ownMember(into);
}

/** Own copy of the member's bytes. */
export function ownMember(element: Element): Buffer {
  const copy = Buffer.allocUnsafe(element.memberEnd - element.memberStart);
  element.member.copy(copy, 0, element.memberStart, element.memberEnd);
  return copy;
}

// ------------------------------------------------------------------------------------------------ blobs

function blobRow(keyspace: Keyspace, generation: number, id: number, index: number): number {
  const key = keyspace.store.keyBuffer;
  keyspace.codec.elementRow(generation);
  key[ELEMENT_SUBKEY] = BLOB_MARK;
  writeU64(key, ELEMENT_SUBKEY + 1, id);
  writeU32(key, ELEMENT_SUBKEY + 9, index);
  return ELEMENT_SUBKEY + 13;
}

function writeBlob(keyspace: Keyspace, generation: number, b: Buffer, start: number, end: number): number {
  const id = keyspace.databases.newGeneration();
  for (let at = start, index = 0; at < end; at += CHUNK_BYTES, index++) {
    keyspace.store.putFrom(blobRow(keyspace, generation, id, index), b, at, Math.min(at + CHUNK_BYTES, end));
  }
  return id;
}

function deleteBlob(keyspace: Keyspace, generation: number, id: number, length: number): void {
  for (let index = 0; index * CHUNK_BYTES < length; index++) {
    keyspace.store.delete(blobRow(keyspace, generation, id, index));
  }
}

/** Copies the bytes `[from, to)` of a blob to `target[at..]`. */
export function copyBlob(
  keyspace: Keyspace,
  generation: number,
  id: number,
  from: number,
  to: number,
  target: Buffer,
  at: number,
): void {
  const { store } = keyspace;
  for (let source = from, dest = at; source < to; ) {
    const index = Math.floor(source / CHUNK_BYTES);
    const inChunk = source - index * CHUNK_BYTES;
    const take = Math.min(CHUNK_BYTES - inChunk, to - source);
    store.get(blobRow(keyspace, generation, id, index));
    store.valueBuffer.copy(target, dest, inChunk, inChunk + take);
    source += take;
    dest += take;
  }
}

/** Copies the value of an element that was just found to `target[at..]`; `valueLength` bytes. */
export function copyValue(keyspace: Keyspace, generation: number, element: Element, target: Buffer, at: number): void {
  if (element.blobId === 0) element.value.copy(target, at, element.valueStart, element.valueEnd);
  else copyBlob(keyspace, generation, element.blobId, 0, element.valueLength, target, at);
}

/** Own copy of the value of an element that was just found. */
export function ownValue(keyspace: Keyspace, generation: number, element: Element): Buffer {
  const copy = Buffer.allocUnsafe(element.valueLength);
  copyValue(keyspace, generation, element, copy, 0);
  return copy;
}
