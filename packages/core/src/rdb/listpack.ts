/**
 * Redis' listpack: u32 bytes in all | u16 entries (65535: more) | entries | 0xff, little endian. An entry is its encoding with
 * its content, then its own length backwards. A text that reads as an integer is one.
 */
import { GrowingBytes } from "../base/growing-bytes.ts";
import { parseInt64, parseSafeInt } from "../base/numbers.ts";
import { LISTPACK_EMPTY } from "../types/listpack-size.ts";
import type { ByteList } from "./byte-list.ts";
import { DamagedPayload } from "./rdb-reader.ts";

const HEADER = 6;
const END = 0xff;
const COUNT_UNKNOWN = 65535;
/** Longest encoding in front of a content, and the longest length behind it. */
const AROUND_MAX = 10;

export class ListpackWriter {
  count: number;
  private readonly out: GrowingBytes;

  constructor() {
    this.out = new GrowingBytes();
    this.count = 0;
    this.clear();
  }

  /** Bytes that it takes when finished. */
  get size(): number {
    return this.out.length - HEADER + LISTPACK_EMPTY;
  }

  clear(): void {
    this.out.clear();
    this.out.room(HEADER);
    this.count = 0;
  }

  /** Adds a text, as an integer if it reads as one. */
  add(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (length <= 20) {
      const n = parseSafeInt(bytes, start, end);
      if (!Number.isNaN(n)) {
        this.addInteger(n);
        return;
      }
      const wide = length >= 16 ? parseInt64(bytes, start, end) : null;
      if (wide !== null) {
        this.addInteger(wide);
        return;
      }
    }
    this.out.ensure(length + AROUND_MAX);
    const { bytes: b, length: from } = this.out;
    let p = from;
    if (length < 64) b[p++] = 0x80 | length;
    else if (length < 4096) p = b.writeUInt16BE(0xe000 | length, p);
    else {
      b[p++] = 0xf0;
      p = b.writeUInt32LE(length, p);
    }
    b.set(bytes.subarray(start, end), p);
    this.close(from, p + length);
  }

  addInteger(n: number | bigint): void {
    this.out.ensure(8 + AROUND_MAX);
    const { bytes: b, length: from } = this.out;
    let p = from;
    if (n >= 0 && n <= 127) b[p++] = Number(n);
    else if (n >= -4096 && n <= 4095) p = b.writeUInt16BE(0xc000 | (Number(n) & 0x1fff), p);
    else if (n >= -32768 && n <= 32767) {
      b[p++] = 0xf1;
      p = b.writeInt16LE(Number(n), p);
    } else if (n >= -8388608 && n <= 8388607) {
      b[p++] = 0xf2;
      p = b.writeIntLE(Number(n), p, 3);
    } else if (n >= -2147483648 && n <= 2147483647) {
      b[p++] = 0xf3;
      p = b.writeInt32LE(Number(n), p);
    } else {
      b[p++] = 0xf4;
      p = b.writeBigInt64LE(BigInt(n), p);
    }
    this.close(from, p);
  }

  /** The whole listpack; good until something is added. */
  finish(): Buffer {
    this.out.ensure(1);
    const { bytes: b, length } = this.out;
    b[length] = END;
    b.writeUInt32LE(length + 1, 0);
    b.writeUInt16LE(Math.min(this.count, COUNT_UNKNOWN), 4);
    return b.subarray(0, length + 1);
  }

  /** Writes the length of the entry `[from, to)` behind it. */
  private close(from: number, to: number): void {
    const { bytes: b } = this.out;
    let p = to;
    for (let bytes = backLengthBytes(to - from) - 1; bytes >= 0; bytes--) {
      const part = Math.floor((to - from) / 128 ** bytes) & 127;
      b[p] = p === to ? part : part | 128;
      p++;
    }
    this.out.length = p;
    this.count++;
  }
}

function backLengthBytes(size: number): number {
  if (size <= 127) return 1;
  if (size < 16383) return 2;
  if (size < 2097151) return 3;
  return size < 268435455 ? 4 : 5;
}

/** Appends the entries of the listpack `b[start..end)` to `into` as texts; returns how many there are. */
export function readListpack(b: Buffer, start: number, end: number, into: ByteList): number {
  if (end - start < LISTPACK_EMPTY || b.readUInt32LE(start) !== end - start || b[end - 1] !== END) {
    throw new DamagedPayload();
  }
  const before = into.count;
  const last = end - 1;
  let p = start + HEADER;
  while (p < last) p = readEntry(b, p, last, into);
  const count = into.count - before;
  const told = b.readUInt16LE(start + 4);
  if (p !== last || (told !== COUNT_UNKNOWN && told !== count)) throw new DamagedPayload();
  return count;
}

/** Reads the entry at `at` and returns where the next one starts. */
function readEntry(b: Buffer, at: number, end: number, into: ByteList): number {
  const head = b[at] as number;
  let p = at + 1;
  const take = (length: number): number => {
    p += length;
    if (!(p <= end)) throw new DamagedPayload();
    return p - length;
  };
  const text = (length: number): void => {
    const from = take(length);
    into.add(b, from, p);
  };
  if (head < 0x80) into.addInteger(head);
  else if (head < 0xc0) text(head & 63);
  else if (head < 0xe0) {
    const n = ((head & 31) << 8) | (b[take(1)] as number);
    into.addInteger(n >= 4096 ? n - 8192 : n);
  } else if (head < 0xf0) text(((head & 15) << 8) | (b[take(1)] as number));
  else if (head === 0xf0) text(b.readUInt32LE(take(4)));
  else if (head === 0xf1) into.addInteger(b.readInt16LE(take(2)));
  else if (head === 0xf2) into.addInteger(b.readIntLE(take(3), 3));
  else if (head === 0xf3) into.addInteger(b.readInt32LE(take(4)));
  else if (head === 0xf4) into.addInteger(b.readBigInt64LE(take(8)));
  else throw new DamagedPayload();
  return checkBackLength(b, at, p, end);
}

/** Checks the length that stands behind the entry `[from, to)`; returns where that ends. */
function checkBackLength(b: Buffer, from: number, to: number, end: number): number {
  const bytes = backLengthBytes(to - from);
  if (to + bytes > end) throw new DamagedPayload();
  let size = 0;
  for (let i = 0; i < bytes; i++) size = size * 128 + ((b[to + i] as number) & 127);
  if (size !== to - from) throw new DamagedPayload();
  return to + bytes;
}
