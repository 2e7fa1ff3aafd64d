/**
 * The arguments of one command as offsets into the buffer they arrived in: reading a command allocates nothing.
 * Argument 0 is the command's name. Buffers returned by `bytes` are borrowed: copy what outlives the command.
 */

import { parseDouble } from "../base/double-parse.ts";
import { type CommandError, INT32_OUT_OF_RANGE, NOT_A_FLOAT, NOT_AN_INTEGER } from "../base/errors.ts";
import { parseInt64, parseSafeInt } from "../base/numbers.ts";

const FIRST_CAPACITY = 64;

/** A command kept for later (MULTI queue): its own copy of the bytes. */
export interface SavedArgs {
  readonly buffer: Buffer;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly count: number;
}

export class Args {
  buffer: Buffer;
  starts: Int32Array;
  ends: Int32Array;
  count: number;

  constructor() {
    this.buffer = Buffer.alloc(0);
    this.starts = new Int32Array(FIRST_CAPACITY);
    this.ends = new Int32Array(FIRST_CAPACITY);
    this.count = 0;
  }

  static of(values: readonly Uint8Array[]): Args {
    const args = new Args();
    const buffer = Buffer.concat(values);
    args.buffer = buffer;
    let at = 0;
    for (const value of values) {
      args.push(at, at + value.length);
      at += value.length;
    }
    return args;
  }

  push(start: number, end: number): void {
    if (this.count === this.starts.length) this.widen();
    this.starts[this.count] = start;
    this.ends[this.count] = end;
    this.count++;
  }

  private widen(): void {
    const starts = new Int32Array(this.starts.length * 2);
    const ends = new Int32Array(this.ends.length * 2);
    starts.set(this.starts);
    ends.set(this.ends);
    this.starts = starts;
    this.ends = ends;
  }

  /** Gives back the arrays of an unusually long command. */
  shrink(): void {
    if (this.starts.length > 65536) {
      this.starts = new Int32Array(FIRST_CAPACITY);
      this.ends = new Int32Array(FIRST_CAPACITY);
    }
  }

  start(i: number): number {
    return this.starts[i] as number;
  }

  end(i: number): number {
    return this.ends[i] as number;
  }

  length(i: number): number {
    return (this.ends[i] as number) - (this.starts[i] as number);
  }

  /** Borrowed view of argument `i`. */
  bytes(i: number): Buffer {
    return this.buffer.subarray(this.starts[i] as number, this.ends[i] as number);
  }

  /** Own copy of argument `i`. */
  copy(i: number): Buffer {
    return Buffer.from(this.bytes(i));
  }

  /** Argument `i` as text; bytes that are not UTF-8 are kept one to one only by `latin1`. */
  text(i: number): string {
    return this.buffer.utf8Slice(this.starts[i] as number, this.ends[i] as number);
  }

  latin1(i: number): string {
    return this.buffer.latin1Slice(this.starts[i] as number, this.ends[i] as number);
  }

  /** Case-insensitive comparison with an ASCII word given in lower case. */
  is(i: number, word: string): boolean {
    const start = this.starts[i] as number;
    if ((this.ends[i] as number) - start !== word.length) return false;
    for (let k = 0; k < word.length; k++) {
      let c = this.buffer[start + k] as number;
      if (c >= 65 && c <= 90) c |= 32;
      if (c !== word.charCodeAt(k)) return false;
    }
    return true;
  }

  /** Argument `i` as an integer within +-(2^53-1); NaN when it is none or beyond. */
  safeInt(i: number): number {
    return parseSafeInt(this.buffer, this.starts[i] as number, this.ends[i] as number);
  }

  /** Argument `i` as a 64-bit integer, or the given error. */
  int64(i: number, error = NOT_AN_INTEGER): bigint {
    const value = parseInt64(this.buffer, this.starts[i] as number, this.ends[i] as number);
    if (value === null) throw error;
    return value;
  }

  /** Argument `i` as an integer within [min, max] (safe integers), or the given error. */
  int(i: number, error = NOT_AN_INTEGER, min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER): number {
    const value = this.safeInt(i);
    if (Number.isNaN(value) || value < min || value > max) throw error;
    return value;
  }

  /** Argument `i` as a C int (database numbers and the like), as Redis' getIntFromObject reads it. */
  int32(i: number, error: CommandError | null = null): number {
    const value = this.int64(i, error ?? NOT_AN_INTEGER);
    if (value < -2147483648n || value > 2147483647n) throw error ?? INT32_OUT_OF_RANGE;
    return Number(value);
  }

  /** Argument `i` as a 64-bit integer, brought into the safe range: for indexes and ranges. */
  clampedInt(i: number, error = NOT_AN_INTEGER): number {
    const value = this.safeInt(i);
    if (!Number.isNaN(value)) return value;
    return this.int64(i, error) < 0n ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER;
  }

  /** Argument `i` as a 64-bit count of at least `min`, brought into the safe range; else the given error. */
  countOrMax(i: number, error: CommandError, min = 0): number {
    const value = this.clampedInt(i, error);
    if (value < min) throw error;
    return value;
  }

  /** Argument `i` as a double, as Redis' getDoubleFromObject reads it. */
  double(i: number, error = NOT_A_FLOAT): number {
    const value = parseDouble(this.buffer, this.starts[i] as number, this.ends[i] as number);
    if (Number.isNaN(value)) throw error;
    return value;
  }

  /** The request that arguments `first` on form by themselves; borrows the bytes. */
  from(first: number): Args {
    const rest = new Args();
    rest.buffer = this.buffer;
    for (let i = first; i < this.count; i++) rest.push(this.start(i), this.end(i));
    return rest;
  }

  save(): SavedArgs {
    const count = this.count;
    const first = this.starts[0] as number;
    const last = this.ends[count - 1] as number;
    const starts = this.starts.slice(0, count);
    const ends = this.ends.slice(0, count);
    for (let i = 0; i < count; i++) {
      starts[i] = (starts[i] as number) - first;
      ends[i] = (ends[i] as number) - first;
    }
    return { buffer: Buffer.from(this.buffer.subarray(first, last)), starts, ends, count };
  }

  load(saved: SavedArgs): void {
    this.buffer = saved.buffer;
    this.count = saved.count;
    while (this.starts.length < saved.count) this.widen();
    this.starts.set(saved.starts);
    this.ends.set(saved.ends);
  }
}
