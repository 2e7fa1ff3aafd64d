/**
 * HyperLogLogs, byte for byte as Redis holds them in a string:
 *
 *   `HYLL` | encoding (0 dense, 1 sparse) | 3 B zero | cached cardinality 8 B little endian, top bit set: not valid |
 *   dense: 16384 registers of 6 bits, low bits first
 *   sparse: runs of registers: 00xxxxxx zeros (1 to 64), 01xxxxxx yyyyyyyy zeros (1 to 16384), 1vvvvvxx value v+1 (1 to 4)
 *
 * A HyperLogLog here is a string that a command works on: where it was found, until the first change copies it.
 */
import { elementPattern } from "./hyperloglog-hash.ts";
import { mergeValues, SPARSE_VALUE_MAX, SparseRuns, splitRun } from "./hyperloglog-sparse.ts";
import { narrow } from "./wide-count.ts";

export const REGISTERS = 16384;
export const HEADER_BYTES = 16;
export const DENSE_BYTES = HEADER_BYTES + (REGISTERS * 6) / 8;
/** Room behind a copy: a zero byte, and what a few changes of the sparse form need. */
const SLACK_BYTES = 16;
const AT_ENCODING = 4;
const AT_CARD = 8;
const DENSE = 0;
const SPARSE = 1;
const INDEX_MASK = REGISTERS - 1;
const INDEX_BITS = 14;
/** Bits of the hash behind the register's; a run has at most one more. */
const RUN_BITS = 50;
/** 0.5 / ln(2) */
const ALPHA = 0.7213475204444817;

export class HyperLogLog {
  /** The string is `bytes[start..end)`. Once it is our own copy, a zero byte at least is behind it. */
  private bytes: Buffer;
  private start: number;
  private end: number;
  private isOwn: boolean;

  private constructor(bytes: Buffer, start: number, end: number, isOwn: boolean) {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.isOwn = isOwn;
  }

  static create(): HyperLogLog {
    const bytes = Buffer.alloc(HEADER_BYTES + SLACK_BYTES);
    bytes.write("HYLL", 0, "latin1");
    bytes[AT_ENCODING] = SPARSE;
    bytes[HEADER_BYTES] = 0x40 | ((REGISTERS - 1) >> 8);
    bytes[HEADER_BYTES + 1] = (REGISTERS - 1) & 0xff;
    return new HyperLogLog(bytes, 0, HEADER_BYTES + 2, true);
  }

  /** An all-zero one in the dense form, for self-tests. */
  static createDense(): HyperLogLog {
    const hll = HyperLogLog.create();
    hll.toDense();
    return hll;
  }

  /**
   * The one in `bytes[start..end)`, which may be the store's value buffer: borrowed until the first change. Null when it
   * is none by its header and length.
   */
  static from(bytes: Buffer, start: number, end: number): HyperLogLog | null {
    const length = end - start;
    if (length < HEADER_BYTES || bytes.latin1Slice(start, start + 4) !== "HYLL") return null;
    const encoding = bytes[start + AT_ENCODING] as number;
    if (encoding > SPARSE || (encoding === DENSE && length !== DENSE_BYTES)) return null;
    return new HyperLogLog(bytes, start, end, false);
  }

  /** Before a change. */
  private own(): void {
    if (this.isOwn) return;
    const length = this.end - this.start;
    const copy = Buffer.allocUnsafe(length + SLACK_BYTES);
    this.bytes.copy(copy, 0, this.start, this.end);
    copy.fill(0, length);
    this.bytes = copy;
    this.start = 0;
    this.end = length;
    this.isOwn = true;
  }

  private get dataStart(): number {
    return this.start + HEADER_BYTES;
  }

  get isDense(): boolean {
    return this.bytes[this.start + AT_ENCODING] === DENSE;
  }

  /** The string after a change; borrowed. */
  get string(): Buffer {
    this.own();
    return this.bytes.subarray(0, this.end);
  }

  // ------------------------------------------------------------------------------------------ registers

  /** A register of the dense form. */
  register(index: number): number {
    const { bytes } = this;
    const bit = index * 6;
    const at = this.dataStart + (bit >> 3);
    const shift = bit & 7;
    return (((bytes[at] as number) >> shift) | ((bytes[at + 1] as number) << (8 - shift))) & 63;
  }

  /** Gives a register of the dense form a value. */
  putRegister(index: number, value: number): void {
    this.own();
    const { bytes } = this;
    const bit = index * 6;
    const at = this.dataStart + (bit >> 3);
    const shift = bit & 7;
    bytes[at] = ((bytes[at] as number) & ~(63 << shift)) | (value << shift);
    if (shift <= 2) return;
    bytes[at + 1] = ((bytes[at + 1] as number) & ~(63 >> (8 - shift))) | (value >> (8 - shift));
  }

  /** Changes to the dense form; false when the sparse one is corrupt. */
  toDense(): boolean {
    if (this.isDense) return true;
    const dense = new HyperLogLog(Buffer.alloc(DENSE_BYTES + SLACK_BYTES), 0, DENSE_BYTES, true);
    this.bytes.copy(dense.bytes, 0, this.start, this.dataStart);
    dense.bytes[AT_ENCODING] = DENSE;
    const runs = new SparseRuns(this.bytes, this.dataStart, this.end);
    let index = 0;
    while (runs.next()) {
      if (runs.value > 0) {
        if (index + runs.length > REGISTERS) break;
        for (let i = 0; i < runs.length; i++) dense.putRegister(index + i, runs.value);
      }
      index += runs.length;
    }
    if (index !== REGISTERS) return false;
    this.bytes = dense.bytes;
    this.start = 0;
    this.end = DENSE_BYTES;
    this.isOwn = true;
    return true;
  }

  /**
   * Adds element `b[start..end)`. True when the estimate may have changed; null when the value is corrupt. `maxSparse`
   * is `hll-sparse-max-bytes`.
   */
  add(b: Uint8Array, start: number, end: number, maxSparse: number): boolean | null {
    const pattern = elementPattern(b, start, end);
    return this.raise(pattern & INDEX_MASK, pattern >>> INDEX_BITS, maxSparse);
  }

  /** Raises a register to `count`, if it is lower. The result is as of `add`. */
  raise(index: number, count: number, maxSparse: number): boolean | null {
    if (this.isDense) {
      if (count <= this.register(index)) return false;
      this.putRegister(index, count);
      return true;
    }
    return this.raiseSparse(index, count, maxSparse);
  }

  private raiseSparse(index: number, count: number, maxSparse: number): boolean | null {
    if (count > SPARSE_VALUE_MAX) return this.promote(index, count);
    const runs = new SparseRuns(this.bytes, this.dataStart, this.end);
    let first = 0;
    let before = -1;
    for (;;) {
      if (!runs.next()) return null;
      if (index < first + runs.length) break;
      first += runs.length;
      before = runs.start;
    }
    if (runs.value >= count) return false;
    const pieces = splitRun(runs.value, runs.length, index - first, count);
    const oldSize = runs.end - runs.start;
    const growth = pieces.length - oldSize;
    if (growth > 0 && this.end - this.start + growth > maxSparse) return this.promote(index, count);
    const shift = this.start;
    this.own();
    this.replace(runs.start - (shift - this.start), oldSize, pieces);
    this.end = mergeValues(this.bytes, before < 0 ? HEADER_BYTES : before - (shift - this.start), this.end);
    this.invalidate();
    return true;
  }

  private replace(at: number, oldSize: number, pieces: readonly number[]): void {
    const growth = pieces.length - oldSize;
    if (this.end + growth >= this.bytes.length) {
      const wider = Buffer.alloc(2 * this.bytes.length);
      this.bytes.copy(wider, 0, 0, this.end);
      this.bytes = wider;
    }
    this.bytes.copyWithin(at + pieces.length, at + oldSize, this.end);
    this.end += growth;
    for (let i = 0; i < pieces.length; i++) this.bytes[at + i] = pieces[i] as number;
  }

  private promote(index: number, count: number): true | null {
    if (!this.toDense()) return null;
    this.putRegister(index, Math.max(count, this.register(index)));
    return true;
  }

  // ------------------------------------------------------------------------------------------ counting

  invalidate(): void {
    this.own();
    this.bytes[AT_CARD + 7] = (this.bytes[AT_CARD + 7] as number) | 0x80;
  }

  /** The cached cardinality; null when it is not valid. */
  get cached(): number | bigint | null {
    const { bytes } = this;
    const at = this.start + AT_CARD;
    if (((bytes[at + 7] as number) & 0x80) !== 0) return null;
    const low = wordLE(bytes, at);
    const high = wordLE(bytes, at + 4);
    return high === 0 ? low : narrow((BigInt(high) << 32n) + BigInt(low));
  }

  set cached(count: number) {
    this.own();
    this.bytes.writeBigUInt64LE(BigInt(count), AT_CARD);
  }

  /** The estimated cardinality; null when the sparse form is corrupt. */
  count(): number | null {
    const histogram = new Int32Array(64);
    if (this.isDense) {
      for (let i = 0; i < REGISTERS; i++) raiseCell(histogram, this.register(i), 1);
    } else {
      const runs = new SparseRuns(this.bytes, this.dataStart, this.end);
      let index = 0;
      while (runs.next()) {
        raiseCell(histogram, runs.value, runs.length);
        index += runs.length;
      }
      if (index !== REGISTERS) return null;
    }
    return estimate(histogram);
  }

  /** Raises each of `registers` to the value here; false when the sparse form is corrupt. */
  mergeInto(registers: Uint8Array): boolean {
    if (this.isDense) {
      for (let i = 0; i < REGISTERS; i++) {
        const value = this.register(i);
        if (value > (registers[i] as number)) registers[i] = value;
      }
      return true;
    }
    const runs = new SparseRuns(this.bytes, this.dataStart, this.end);
    let index = 0;
    while (runs.next()) {
      if (runs.value > 0) {
        if (index + runs.length > REGISTERS) break;
        for (let i = 0; i < runs.length; i++) {
          if (runs.value > (registers[index + i] as number)) registers[index + i] = runs.value;
        }
      }
      index += runs.length;
    }
    return index === REGISTERS;
  }

  /** The runs of the sparse form as PFDEBUG DECODE shows them. */
  decode(): string {
    const runs = new SparseRuns(this.bytes, this.dataStart, this.end);
    const words: string[] = [];
    while (runs.next()) {
      if (runs.value > 0) words.push(`v:${runs.value},${runs.length}`);
      else words.push(runs.end - runs.start === 2 ? `Z:${runs.length}` : `z:${runs.length}`);
    }
    return words.join(" ");
  }
}

/** Byte by byte, since the bytes may be the store's value buffer. */
function wordLE(b: Buffer, at: number): number {
  return (
    (b[at] as number) +
    (b[at + 1] as number) * 0x100 +
    (b[at + 2] as number) * 0x10000 +
    (b[at + 3] as number) * 0x1000000
  );
}

function raiseCell(histogram: Int32Array, cell: number, by: number): void {
  histogram[cell] = (histogram[cell] as number) + by;
}

/** The cardinality that registers given one by one tell. */
export function countRegisters(registers: Uint8Array): number {
  const histogram = new Int32Array(64);
  for (let i = 0; i < REGISTERS; i++) raiseCell(histogram, registers[i] as number, 1);
  return estimate(histogram);
}

/** Otmar Ertl, "New cardinality estimation algorithms for HyperLogLog sketches", from how many registers have a value. */
function estimate(histogram: Int32Array): number {
  const m = REGISTERS;
  let z = m * tau((m - (histogram[RUN_BITS + 1] as number)) / m);
  for (let i = RUN_BITS; i >= 1; i--) z = (z + (histogram[i] as number)) * 0.5;
  z += m * sigma((histogram[0] as number) / m);
  return Math.round((ALPHA * m * m) / z);
}

function sigma(from: number): number {
  if (from === 1) return Number.POSITIVE_INFINITY;
  let x = from;
  let y = 1;
  let z = x;
  for (;;) {
    x *= x;
    const before = z;
    z += x * y;
    y += y;
    if (z === before) return z;
  }
}

function tau(from: number): number {
  if (from === 0 || from === 1) return 0;
  let x = from;
  let y = 1;
  let z = 1 - x;
  for (;;) {
    x = Math.sqrt(x);
    const before = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
    if (z === before) return z / 3;
  }
}
