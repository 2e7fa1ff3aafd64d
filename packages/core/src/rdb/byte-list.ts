/** Many byte strings, one behind the other in one buffer: what collections are while they are read from a payload. */
import { writeBigint, writeInt } from "../base/numbers.ts";

const NUMBER_CHARS_MAX = 20;

export class ByteList {
  /** Changes when the list grows. */
  buffer: Buffer;
  count: number;
  private ends: Float64Array;

  constructor() {
    this.buffer = Buffer.allocUnsafe(256);
    this.count = 0;
    this.ends = new Float64Array(16);
  }

  start(i: number): number {
    return i === 0 ? 0 : (this.ends[i - 1] as number);
  }

  end(i: number): number {
    return this.ends[i] as number;
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    const at = this.room(end - start);
    this.buffer.set(bytes.subarray(start, end), at);
    this.close(at + end - start);
  }

  addInteger(n: number | bigint): void {
    const at = this.room(NUMBER_CHARS_MAX);
    const { buffer } = this;
    this.close(typeof n === "number" ? writeInt(buffer, at, n) : writeBigint(buffer, at, n));
  }

  /** Appends an item of another list (or of this one). */
  addFrom(other: ByteList, i: number): void {
    this.add(other.buffer, other.start(i), other.end(i));
  }

  /** Own copy of an item. */
  bytes(i: number): Buffer {
    return Buffer.from(this.buffer.subarray(this.start(i), this.end(i)));
  }

  latin1(i: number): string {
    return this.buffer.latin1Slice(this.start(i), this.end(i));
  }

  /** Length of the longest item. */
  longest(): number {
    let longest = 0;
    for (let i = 0; i < this.count; i++) longest = Math.max(longest, this.end(i) - this.start(i));
    return longest;
  }

  /** Whether an item is there twice, looking at each `step`th one. */
  hasTwins(step = 1): boolean {
    const seen = new Set<string>();
    for (let i = 0; i < this.count; i += step) seen.add(this.latin1(i));
    return seen.size !== Math.ceil(this.count / step);
  }

  /** Makes room for another item; returns where it starts. */
  private room(length: number): number {
    const at = this.start(this.count);
    if (at + length > this.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * this.buffer.length, at + length));
      this.buffer.copy(larger, 0, 0, at);
      this.buffer = larger;
    }
    return at;
  }

  private close(end: number): void {
    if (this.count === this.ends.length) {
      const larger = new Float64Array(2 * this.count);
      larger.set(this.ends);
      this.ends = larger;
    }
    this.ends[this.count++] = end;
  }
}
