/**
 * Sets of integers, packed and sorted: `width 1 B (2, 4 or 8) | values, big endian two's complement`. As in Redis all
 * values have the width that the widest one ever needed.
 *
 * A value is handled as two 32-bit halves (`high` signed, `low` unsigned), so that int64 needs no bigint.
 */

import { MAX_INT64_CHARS, parseInt64, parseSafeInt, writeBigint, writeInt } from "../base/numbers.ts";
import { resizeRange } from "../codec/packed.ts";
import { readU32, writeU32 } from "../codec/record.ts";

const TWO32 = 4294967296;
const INTSET_HEADER = 1;

export class IntValue {
  high = 0;
  low = 0;

  /** Reads the canonical integer in `b[start..end)`; false when it is none. */
  parse(b: Uint8Array, start: number, end: number): boolean {
    if (end - start > MAX_INT64_CHARS) return false;
    const near = parseSafeInt(b, start, end);
    if (!Number.isNaN(near)) {
      this.high = Math.floor(near / TWO32);
      this.low = near - this.high * TWO32;
      return true;
    }
    const far = parseInt64(b, start, end);
    if (far === null) return false;
    this.high = Number(far >> 32n);
    this.low = Number(far & 0xffff_ffffn);
    return true;
  }

  /** Reads the value at `at`. */
  read(b: Uint8Array, at: number, width: number): void {
    if (width === 8) {
      this.high = readU32(b, at) | 0;
      this.low = readU32(b, at + 4);
      return;
    }
    const value = width === 4 ? readU32(b, at) | 0 : ((((b[at] as number) << 8) | (b[at + 1] as number)) << 16) >> 16;
    this.high = value < 0 ? -1 : 0;
    this.low = value >>> 0;
  }

  write(b: Uint8Array, at: number, width: number): void {
    if (width === 2) {
      b[at] = this.low >>> 8;
      b[at + 1] = this.low;
    } else if (width === 4) writeU32(b, at, this.low);
    else {
      writeU32(b, at, this.high >>> 0);
      writeU32(b, at + 4, this.low);
    }
  }

  /** Writes the value as text and returns the position behind it. */
  writeText(b: Uint8Array, at: number): number {
    const { high, low } = this;
    if (high >= -0x20_0000 && high < 0x20_0000) return writeInt(b, at, high * TWO32 + low);
    return writeBigint(b, at, (BigInt(high) << 32n) | BigInt(low));
  }

  get width(): number {
    const { high, low } = this;
    if (high === 0) return low <= 0x7fff ? 2 : low <= 0x7fff_ffff ? 4 : 8;
    if (high === -1) return low >= 0xffff_8000 ? 2 : low >= 0x8000_0000 ? 4 : 8;
    return 8;
  }
}

export function intsetSize(b: Uint8Array, start: number, end: number): number {
  return (end - start - INTSET_HEADER) / (b[start] as number);
}

/** Starts an empty intset at `start` and returns its end. */
export function intsetClear(b: Uint8Array, start: number): number {
  b[start] = 2;
  return start + INTSET_HEADER;
}

/** Reads the value at place `index`. */
export function intsetAt(b: Uint8Array, start: number, index: number, into: IntValue): void {
  const width = b[start] as number;
  into.read(b, start + INTSET_HEADER + index * width, width);
}

/** Place of a value; when it is not there, -1 - (the place where it belongs). O(log n). */
export function intsetSearch(b: Uint8Array, start: number, end: number, value: IntValue): number {
  let first = 0;
  let last = intsetSize(b, start, end) - 1;
  const probe = new IntValue();
  while (first <= last) {
    const middle = (first + last) >>> 1;
    intsetAt(b, start, middle, probe);
    const order = probe.high - value.high || probe.low - value.low;
    if (order === 0) return middle;
    if (order < 0) first = middle + 1;
    else last = middle - 1;
  }
  return -1 - first;
}

/** Puts a value at the place where `intsetSearch` says it belongs; returns the new end. */
export function intsetInsert(b: Buffer, start: number, end: number, place: number, value: IntValue): number {
  let stop = end;
  if (value.width > (b[start] as number)) stop = widen(b, start, end, value.width);
  const width = b[start] as number;
  const at = start + INTSET_HEADER + place * width;
  stop = resizeRange(b, at, at, width, stop);
  value.write(b, at, width);
  return stop;
}

function widen(b: Buffer, start: number, end: number, width: number): number {
  const size = intsetSize(b, start, end);
  const value = new IntValue();
  // From the last on: no value is overwritten before it was read.
  for (let i = size - 1; i >= 0; i--) {
    intsetAt(b, start, i, value);
    value.write(b, start + INTSET_HEADER + i * width, width);
  }
  b[start] = width;
  return start + INTSET_HEADER + size * width;
}

/** Removes the value at a place; returns the new end. */
export function intsetRemove(b: Buffer, start: number, end: number, place: number): number {
  const width = b[start] as number;
  const at = start + INTSET_HEADER + place * width;
  return resizeRange(b, at, at + width, 0, end);
}
