/** Reads the primitives of RDB: lengths, strings, numbers. Nothing is believed: whatever does not fit throws DamagedPayload. */
import { lzfDecompress } from "../base/lzf.ts";
import { narrow, type WideCount } from "../types/wide-count.ts";
import type { ByteList } from "./byte-list.ts";
import { RDB_STRING } from "./rdb-format.ts";

/** The bytes are not what they should be. Commands answer texts of their own. */
export class DamagedPayload extends Error {
  constructor() {
    super("damaged payload");
  }
}

/** A reference of LZF takes three bytes and gives at most 264: more is a lie, and would cost memory. */
const LZF_RATIO_MAX = 264 / 3;

export class RdbReader {
  readonly bytes: Buffer;
  at: number;
  private readonly end: number;
  /** The string that `readString` found, `text[textStart..textEnd)`. */
  text: Buffer;
  textStart: number;
  textEnd: number;
  private readonly number: Buffer;

  constructor(bytes: Buffer, start: number, end: number) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.text = bytes;
    this.textStart = 0;
    this.textEnd = 0;
    this.number = Buffer.allocUnsafe(12);
  }

  get left(): number {
    return this.end - this.at;
  }

  byte(): number {
    return this.bytes[this.skip(1)] as number;
  }

  /** Steps over `length` bytes and returns where they start. */
  skip(length: number): number {
    if (!(length <= this.left)) throw new DamagedPayload();
    const { at } = this;
    this.at += length;
    return at;
  }

  /** A number of things that follow. */
  length(): number {
    const n = this.wide();
    if (typeof n === "bigint") throw new DamagedPayload();
    return n;
  }

  /** A number of things that each take at least `bytes` bytes. */
  count(bytes = 1): number {
    const n = this.length();
    if (n * bytes > this.left) throw new DamagedPayload();
    return n;
  }

  /** A number of up to 64 bits. */
  wide(): WideCount {
    const first = this.byte();
    const kind = first >> 6;
    if (kind === 0) return first & 63;
    if (kind === 1) return ((first & 63) << 8) | this.byte();
    if (first === 0x80) return this.bytes.readUInt32BE(this.skip(4));
    if (first === 0x81) return narrow(this.bytes.readBigUInt64BE(this.skip(8)));
    throw new DamagedPayload();
  }

  /** A time in unix ms, little endian and signed. */
  milliseconds(): bigint {
    return this.bytes.readBigInt64LE(this.skip(8));
  }

  double(): number {
    return this.bytes.readDoubleLE(this.skip(8));
  }

  /** Reads a string into `text[textStart..textEnd)`, which is good until the next one. */
  readString(): void {
    const first = this.bytes[this.at];
    if (first !== undefined && first >> 6 === 3) {
      this.at++;
      this.readSpecial(first & 63);
      return;
    }
    const length = this.length();
    this.textStart = this.skip(length);
    this.textEnd = this.at;
    this.text = this.bytes;
  }

  private readSpecial(kind: number): void {
    const { bytes } = this;
    if (kind === RDB_STRING.int8) this.showNumber(bytes.readInt8(this.skip(1)));
    else if (kind === RDB_STRING.int16) this.showNumber(bytes.readInt16LE(this.skip(2)));
    else if (kind === RDB_STRING.int32) this.showNumber(bytes.readInt32LE(this.skip(4)));
    else if (kind === RDB_STRING.lzf) {
      const packed = this.length();
      const size = this.length();
      const from = this.skip(packed);
      if (size > packed * LZF_RATIO_MAX) throw new DamagedPayload();
      const text = lzfDecompress(bytes.subarray(from, from + packed), size);
      if (text === null) throw new DamagedPayload();
      this.text = text;
      this.textStart = 0;
      this.textEnd = size;
    } else throw new DamagedPayload();
  }

  private showNumber(n: number): void {
    this.text = this.number;
    this.textStart = 0;
    this.textEnd = this.number.write(String(n), "latin1");
  }

  /** Own copy of the string that follows. */
  string(): Buffer {
    this.readString();
    return Buffer.from(this.text.subarray(this.textStart, this.textEnd));
  }

  /** Appends the string that follows. */
  stringInto(list: ByteList): void {
    this.readString();
    list.add(this.text, this.textStart, this.textEnd);
  }
}
