/** Writes the primitives of RDB into one growing buffer. */
import { lzfCompress } from "../base/lzf.ts";
import { parseSafeInt } from "../base/numbers.ts";
import type { WideCount } from "../types/wide-count.ts";
import { RDB_STRING } from "./rdb-format.ts";

/** Redis looks for integers in texts up to this length, and compresses longer ones than COMPRESS_MIN bytes. */
const INTEGER_CHARS_MAX = 11;
const COMPRESS_MIN = 20;
/** Compression must save so many bytes. */
const COMPRESS_GAIN = 4;

export class RdbWriter {
  private buffer: Buffer;
  private at: number;
  /** `rdbcompression` */
  readonly compresses: boolean;

  constructor(compresses: boolean) {
    this.buffer = Buffer.allocUnsafe(512);
    this.at = 0;
    this.compresses = compresses;
  }

  /** What was written; good until more is. */
  get bytes(): Buffer {
    return this.buffer.subarray(0, this.at);
  }

  /** Makes room for `length` bytes and returns where they go. To be called before `buffer` is looked at: it may change. */
  private room(length: number): number {
    const { at } = this;
    if (at + length > this.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * this.buffer.length, at + length));
      this.buffer.copy(larger, 0, 0, at);
      this.buffer = larger;
    }
    this.at += length;
    return at;
  }

  byte(n: number): void {
    const at = this.room(1);
    this.buffer[at] = n;
  }

  raw(bytes: Uint8Array, start = 0, end = bytes.length): void {
    const at = this.room(end - start);
    this.buffer.set(bytes.subarray(start, end), at);
  }

  length(n: WideCount): void {
    if (n < 64) this.byte(Number(n));
    else if (n < 16384) {
      this.byte(0x40 | (Number(n) >> 8));
      this.byte(Number(n) & 0xff);
    } else if (n <= 0xffffffff) {
      this.byte(0x80);
      const at = this.room(4);
      this.buffer.writeUInt32BE(Number(n), at);
    } else {
      this.byte(0x81);
      const at = this.room(8);
      this.buffer.writeBigUInt64BE(BigInt(n), at);
    }
  }

  /** A time in unix ms. */
  milliseconds(ms: number | bigint): void {
    const at = this.room(8);
    this.buffer.writeBigInt64LE(BigInt(ms), at);
  }

  double(n: number): void {
    const at = this.room(8);
    this.buffer.writeDoubleLE(n, at);
  }

  u16(n: number): void {
    const at = this.room(2);
    this.buffer.writeUInt16LE(n, at);
  }

  u64(n: bigint): void {
    const at = this.room(8);
    this.buffer.writeBigUInt64LE(n, at);
  }

  /** A string, in the shortest of its forms: as an integer, compressed, or plain (Redis' rdbSaveRawString). */
  string(bytes: Uint8Array, start = 0, end = bytes.length): void {
    const length = end - start;
    if (length <= INTEGER_CHARS_MAX && this.integer(parseSafeInt(bytes, start, end))) return;
    if (this.compresses && length > COMPRESS_MIN) {
      const packed = lzfCompress(bytes, start, end, length - COMPRESS_GAIN);
      if (packed !== null) {
        this.byte(0xc0 | RDB_STRING.lzf);
        this.length(packed.length);
        this.length(length);
        this.raw(packed);
        return;
      }
    }
    this.length(length);
    this.raw(bytes, start, end);
  }

  text(text: string): void {
    this.string(Buffer.from(text, "latin1"));
  }

  private integer(n: number): boolean {
    if (!(n >= -2147483648 && n <= 2147483647)) return false;
    if (n >= -128 && n <= 127) {
      this.byte(0xc0 | RDB_STRING.int8);
      const at = this.room(1);
      this.buffer.writeInt8(n, at);
    } else if (n >= -32768 && n <= 32767) {
      this.byte(0xc0 | RDB_STRING.int16);
      const at = this.room(2);
      this.buffer.writeInt16LE(n, at);
    } else {
      this.byte(0xc0 | RDB_STRING.int32);
      const at = this.room(4);
      this.buffer.writeInt32LE(n, at);
    }
    return true;
  }
}
