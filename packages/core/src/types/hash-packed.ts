/**
 * Small hashes, packed into the payload of the key's record in Redis' order:
 *
 *   u32 number of fields | { [deadline 8 B] | length | field | length | value } per field
 *
 * Encoding listpack has no deadlines; listpackex has one per field (0: none) and keeps the fields sorted by them, those
 * without one last. Everything here works on a byte range: on the borrowed payload of a record, or on the copy that
 * HashEditor changes.
 */
import { copyBytes, equalBytes, readVarint, resizeRange, varintSize, writeVarint } from "../codec/packed.ts";
import { NO_EXPIRY, readU32, readU64, writeU32, writeU64 } from "../codec/record.ts";

export const PACKED_HEADER = 4;

/** Where the parts of a packed field lie. */
export class PackedField {
  /** First byte of the entry. */
  start = 0;
  fieldStart = 0;
  fieldEnd = 0;
  /** Where the value's length is written. */
  valueHeader = 0;
  valueStart = 0;
  /** End of the value and of the entry. */
  valueEnd = 0;
  expireAtMs = NO_EXPIRY;

  /** Reads the entry at `at` and returns the position behind it. */
  read(b: Uint8Array, at: number, withDeadlines: boolean): number {
    let p = at;
    this.start = at;
    this.expireAtMs = NO_EXPIRY;
    if (withDeadlines) {
      const deadline = readU64(b, p);
      if (deadline !== 0) this.expireAtMs = deadline;
      p += 8;
    }
    let length = readVarint(b, p);
    p += varintSize(length);
    this.fieldStart = p;
    p += length;
    this.fieldEnd = p;
    this.valueHeader = p;
    length = readVarint(b, p);
    p += varintSize(length);
    this.valueStart = p;
    this.valueEnd = p + length;
    return this.valueEnd;
  }
}

export function packedCount(b: Uint8Array, start: number): number {
  return readU32(b, start);
}

/** Starts an empty hash at `start` and returns its end. */
export function packedClear(b: Uint8Array, start: number): number {
  writeU32(b, start, 0);
  return start + PACKED_HEADER;
}

/** Finds a field, due or not. O(fields). */
export function packedFind(
  b: Uint8Array,
  start: number,
  end: number,
  withDeadlines: boolean,
  fb: Uint8Array,
  fs: number,
  fe: number,
  into: PackedField,
): boolean {
  const length = fe - fs;
  for (let p = start + PACKED_HEADER; p < end; ) {
    // As PackedField.read, but skipping the other fields without noting where their parts are.
    let q = withDeadlines ? p + 8 : p;
    const fieldLength = readVarint(b, q);
    q += varintSize(fieldLength);
    if (fieldLength === length && equalBytes(b, q, fb, fs, length)) {
      into.read(b, p, withDeadlines);
      return true;
    }
    q += fieldLength;
    const valueLength = readVarint(b, q);
    p = q + varintSize(valueLength) + valueLength;
  }
  return false;
}

/** Bytes of an entry. */
export function packedSize(fieldLength: number, valueLength: number, withDeadlines: boolean): number {
  return varintSize(fieldLength) + fieldLength + varintSize(valueLength) + valueLength + (withDeadlines ? 8 : 0);
}

/** Replaces the value of a field that was found in place; returns the new end. */
export function packedSetValue(b: Buffer, end: number, at: PackedField, vb: Buffer, vs: number, ve: number): number {
  const length = ve - vs;
  const newEnd = resizeRange(b, at.valueHeader, at.valueEnd, varintSize(length) + length, end);
  copyBytes(vb, vs, ve, b, writeVarint(b, at.valueHeader, length));
  return newEnd;
}

/** Adds a field that is not there yet, where its deadline belongs; returns the new end. */
export function packedInsert(
  b: Buffer,
  start: number,
  end: number,
  withDeadlines: boolean,
  fb: Buffer,
  fs: number,
  fe: number,
  vb: Buffer,
  vs: number,
  ve: number,
  expireAtMs: number,
): number {
  const at = expireAtMs === NO_EXPIRY ? end : placeOf(b, start, end, expireAtMs);
  const newEnd = resizeRange(b, at, at, packedSize(fe - fs, ve - vs, withDeadlines), end);
  let p = at;
  if (withDeadlines) {
    writeU64(b, p, expireAtMs === NO_EXPIRY ? 0 : expireAtMs);
    p += 8;
  }
  p = copyBytes(fb, fs, fe, b, writeVarint(b, p, fe - fs));
  copyBytes(vb, vs, ve, b, writeVarint(b, p, ve - vs));
  writeU32(b, start, readU32(b, start) + 1);
  return newEnd;
}

/** The first field with a later deadline, or with none. */
function placeOf(b: Buffer, start: number, end: number, expireAtMs: number): number {
  const field = new PackedField();
  for (let p = start + PACKED_HEADER; p < end; ) {
    const next = field.read(b, p, true);
    if (field.expireAtMs === NO_EXPIRY || field.expireAtMs > expireAtMs) return p;
    p = next;
  }
  return end;
}

/** Removes a field that was found; returns the new end. */
export function packedRemove(b: Buffer, start: number, end: number, at: PackedField): number {
  writeU32(b, start, readU32(b, start) - 1);
  return resizeRange(b, at.start, at.valueEnd, 0, end);
}

/** Gives every field room for a deadline (listpack to listpackex); returns the new end. */
export function packedAddDeadlines(b: Buffer, start: number, end: number): number {
  const old = Buffer.from(b.subarray(start + PACKED_HEADER, end));
  const field = new PackedField();
  let to = start + PACKED_HEADER;
  for (let p = 0; p < old.length; ) {
    const next = field.read(old, p, false);
    writeU64(b, to, 0);
    old.copy(b, to + 8, p, next);
    to += 8 + next - p;
    p = next;
  }
  return to;
}

/** The earliest deadline: that of the first field. NO_EXPIRY when no field has one. */
export function packedEarliest(b: Uint8Array, start: number, end: number): number {
  if (end === start + PACKED_HEADER) return NO_EXPIRY;
  const deadline = readU64(b, start + PACKED_HEADER);
  return deadline === 0 ? NO_EXPIRY : deadline;
}
