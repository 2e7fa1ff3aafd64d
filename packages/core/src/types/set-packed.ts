/** Small sets that are not all integers, packed in the order of insertion: `u32 members | { length | member }`. */
import { copyBytes, equalBytes, readVarint, resizeRange, varintSize, writeVarint } from "../codec/packed.ts";
import { readU32, writeU32 } from "../codec/record.ts";

export const PACKED_SET_HEADER = 4;

export function packedSetSize(b: Uint8Array, start: number): number {
  return readU32(b, start);
}

/** Starts an empty set at `start` and returns its end. */
export function packedSetClear(b: Uint8Array, start: number): number {
  writeU32(b, start, 0);
  return start + PACKED_SET_HEADER;
}

/** Where the entry of a member starts, or -1. O(members). */
export function packedSetFind(
  b: Uint8Array,
  start: number,
  end: number,
  mb: Uint8Array,
  ms: number,
  me: number,
): number {
  const length = me - ms;
  for (let p = start + PACKED_SET_HEADER; p < end; ) {
    const at = p;
    const memberLength = readVarint(b, p);
    p += varintSize(memberLength);
    if (memberLength === length && equalBytes(b, p, mb, ms, length)) return at;
    p += memberLength;
  }
  return -1;
}

/** Bytes of an entry. */
export function packedSetEntryBytes(memberLength: number): number {
  return varintSize(memberLength) + memberLength;
}

/** Adds a member that is not there yet; returns the new end. */
export function packedSetAppend(b: Buffer, start: number, end: number, mb: Buffer, ms: number, me: number): number {
  writeU32(b, start, readU32(b, start) + 1);
  return copyBytes(mb, ms, me, b, writeVarint(b, end, me - ms));
}

/** Removes the entry at `at`; returns the new end. */
export function packedSetRemove(b: Buffer, start: number, end: number, at: number): number {
  writeU32(b, start, readU32(b, start) - 1);
  const length = readVarint(b, at);
  return resizeRange(b, at, at + varintSize(length) + length, 0, end);
}
