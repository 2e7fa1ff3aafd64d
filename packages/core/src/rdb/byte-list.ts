/** Many byte strings, one behind the other in one buffer: what collections are while they are read from a payload. */
import { GrowingBytes } from "../base/growing-bytes.ts";
import { writeBigint, writeInt } from "../base/numbers.ts";

const NUMBER_CHARS_MAX = 20;

export class ByteList {
  count: number;
  private readonly data: GrowingBytes;
  private ends: Float64Array;

  constructor() {
    this.count = 0;
    this.data = new GrowingBytes();
    this.ends = new Float64Array(16);
  }

  /** Another one when the list has grown. */
  get buffer(): Buffer {
    return this.data.bytes;
  }

  start(i: number): number {
    return i === 0 ? 0 : (this.ends[i - 1] as number);
  }

  end(i: number): number {
    return this.ends[i] as number;
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    this.data.add(bytes, start, end);
    this.close();
  }

  addInteger(n: number | bigint): void {
    const { data } = this;
    data.ensure(NUMBER_CHARS_MAX);
    const { bytes, length } = data;
    data.length = typeof n === "number" ? writeInt(bytes, length, n) : writeBigint(bytes, length, n);
    this.close();
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

  /** The bytes behind the last item are one more. */
  private close(): void {
    if (this.count === this.ends.length) {
      const larger = new Float64Array(2 * this.count);
      larger.set(this.ends);
      this.ends = larger;
    }
    this.ends[this.count++] = this.data.length;
  }
}
