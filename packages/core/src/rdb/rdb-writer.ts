/** Writes the primitives of RDB into one growing buffer. */
import { GrowingBytes } from "../base/growing-bytes.ts";
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
  private readonly out: GrowingBytes;
  /** `rdbcompression` */
  readonly compresses: boolean;

  constructor(compresses: boolean) {
    this.out = new GrowingBytes();
    this.compresses = compresses;
  }

  /** What was written; good until more is. */
  get bytes(): Buffer {
    return this.out.bytes.subarray(0, this.out.length);
  }

  byte(n: number): void {
    this.out.byte(n);
  }

  raw(bytes: Uint8Array, start = 0, end = bytes.length): void {
    this.out.add(bytes, start, end);
  }

  length(n: WideCount): void {
    if (n < 64) this.byte(Number(n));
    else if (n < 16384) {
      this.out.big(0x4000 | Number(n), 2);
    } else if (n <= 0xffffffff) {
      this.byte(0x80);
      this.out.big(Number(n), 4);
    } else {
      this.byte(0x81);
      this.out.int64(BigInt(n));
    }
  }

  /** A time in unix ms. */
  milliseconds(ms: number | bigint): void {
    const at = this.out.room(8);
    this.out.bytes.writeBigInt64LE(BigInt(ms), at);
  }

  double(n: number): void {
    const at = this.out.room(8);
    this.out.bytes.writeDoubleLE(n, at);
  }

  u16(n: number): void {
    const at = this.out.room(2);
    this.out.bytes.writeUInt16LE(n, at);
  }

  u64(n: bigint): void {
    const at = this.out.room(8);
    this.out.bytes.writeBigUInt64LE(n, at);
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
      const at = this.out.room(1);
      this.out.bytes.writeInt8(n, at);
    } else if (n >= -32768 && n <= 32767) {
      this.byte(0xc0 | RDB_STRING.int16);
      const at = this.out.room(2);
      this.out.bytes.writeInt16LE(n, at);
    } else {
      this.byte(0xc0 | RDB_STRING.int32);
      const at = this.out.room(4);
      this.out.bytes.writeInt32LE(n, at);
    }
    return true;
  }
}
