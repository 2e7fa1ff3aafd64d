/**
 * Stream entry IDs: two unsigned 64-bit numbers, milliseconds and sequence. Held as four 32-bit halves, so that no bigint
 * is made per entry; stored as 16 bytes, big endian, so that byte order is ID order.
 */
import { endOfCString, parseSafeInt, parseUint64 } from "../base/numbers.ts";
import { readU32, writeU32 } from "../codec/record.ts";

const TWO32 = 4294967296;
const U32_MAX = 0xffffffff;
const MINUS = 0x2d;
const PLUS = 0x2b;
const STAR = 0x2a;
/** Bytes of a stored ID. */
export const ID_BYTES = 16;
/** A longer text is no ID (the size of Redis' buffer for it). */
const ID_TEXT_MAX = 127;

export class StreamId {
  msHigh = 0;
  msLow = 0;
  seqHigh = 0;
  seqLow = 0;

  static of(msHigh: number, msLow: number, seqHigh: number, seqLow: number): StreamId {
    return new StreamId().set(msHigh, msLow, seqHigh, seqLow);
  }

  static min(): StreamId {
    return new StreamId();
  }

  static max(): StreamId {
    return StreamId.of(U32_MAX, U32_MAX, U32_MAX, U32_MAX);
  }

  /** `ms` is a safe integer. */
  static fromMs(ms: number): StreamId {
    const high = Math.floor(ms / TWO32);
    return StreamId.of(high, ms - high * TWO32, 0, 0);
  }

  /** The ID stored at `b[at..at + 16)`. */
  static read(b: Uint8Array, at: number): StreamId {
    return StreamId.of(readU32(b, at), readU32(b, at + 4), readU32(b, at + 8), readU32(b, at + 12));
  }

  set(msHigh: number, msLow: number, seqHigh: number, seqLow: number): this {
    this.msHigh = msHigh;
    this.msLow = msLow;
    this.seqHigh = seqHigh;
    this.seqLow = seqLow;
    return this;
  }

  copy(): StreamId {
    return StreamId.of(this.msHigh, this.msLow, this.seqHigh, this.seqLow);
  }

  get isZero(): boolean {
    return this.msHigh === 0 && this.msLow === 0 && this.seqHigh === 0 && this.seqLow === 0;
  }

  get isMax(): boolean {
    const { msHigh, msLow, seqHigh, seqLow } = this;
    return msHigh === U32_MAX && msLow === U32_MAX && seqHigh === U32_MAX && seqLow === U32_MAX;
  }

  get hasLastSequence(): boolean {
    return this.seqHigh === U32_MAX && this.seqLow === U32_MAX;
  }

  hasSameMs(other: StreamId): boolean {
    return this.msHigh === other.msHigh && this.msLow === other.msLow;
  }

  /** Less than 0, 0 or more than 0. */
  compare(other: StreamId): number {
    if (this.msHigh !== other.msHigh) return this.msHigh - other.msHigh;
    if (this.msLow !== other.msLow) return this.msLow - other.msLow;
    if (this.seqHigh !== other.seqHigh) return this.seqHigh - other.seqHigh;
    return this.seqLow - other.seqLow;
  }

  /** The next ID; 0-0 after the last one. */
  next(): StreamId {
    const id = this.copy();
    if (id.seqLow < U32_MAX) id.seqLow++;
    else {
      id.seqLow = 0;
      if (id.seqHigh < U32_MAX) id.seqHigh++;
      else {
        id.seqHigh = 0;
        if (id.msLow < U32_MAX) id.msLow++;
        else {
          id.msLow = 0;
          id.msHigh = id.msHigh === U32_MAX ? 0 : id.msHigh + 1;
        }
      }
    }
    return id;
  }

  /** The ID before; the last one before 0-0. */
  previous(): StreamId {
    const id = this.copy();
    if (id.seqLow > 0) id.seqLow--;
    else {
      id.seqLow = U32_MAX;
      if (id.seqHigh > 0) id.seqHigh--;
      else {
        id.seqHigh = U32_MAX;
        if (id.msLow > 0) id.msLow--;
        else {
          id.msLow = U32_MAX;
          id.msHigh = id.msHigh === 0 ? U32_MAX : id.msHigh - 1;
        }
      }
    }
    return id;
  }

  /** Writes 16 bytes at `at`; returns the position behind them. */
  write(b: Uint8Array, at: number): number {
    writeU32(b, at, this.msHigh);
    writeU32(b, at + 4, this.msLow);
    writeU32(b, at + 8, this.seqHigh);
    writeU32(b, at + 12, this.seqLow);
    return at + ID_BYTES;
  }

  /** `ms-seq`; `separator` instead of the minus when given. */
  text(separator = "-"): string {
    return halvesText(this.msHigh, this.msLow) + separator + halvesText(this.seqHigh, this.seqLow);
  }
}

function halvesText(high: number, low: number): string {
  if (high < 0x200000) return (high * TWO32 + low).toString();
  return (BigInt(high) * 4294967296n + BigInt(low)).toString();
}

/** What a text says of an ID. */
export interface ParsedId {
  readonly id: StreamId;
  /** False for `ms-*`: the sequence is up to the stream. */
  readonly hasSequence: boolean;
}

/**
 * Reads `b[start..end)` as `ms`, `ms-seq`, `-` or `+`; null when it is none. Without a sequence it is `missingSequence`
 * (0 or the highest). `strict` refuses `-` and `+`; `allowAuto` takes `ms-*` too.
 */
export function parseStreamId(
  b: Uint8Array,
  start: number,
  end: number,
  missingSequence: "first" | "last",
  strict: boolean,
  allowAuto = false,
): ParsedId | null {
  if (end - start > ID_TEXT_MAX) return null;
  const stop = endOfCString(b, start, end);
  if (stop - start === 1 && (b[start] === MINUS || b[start] === PLUS)) {
    if (strict) return null;
    return { id: b[start] === MINUS ? StreamId.min() : StreamId.max(), hasSequence: true };
  }
  let dash = start;
  while (dash < stop && b[dash] !== MINUS) dash++;
  const id = StreamId.min();
  if (!readHalf(b, start, dash, id, true)) return null;
  if (dash === stop) {
    if (missingSequence === "last") id.seqHigh = id.seqLow = U32_MAX;
    return { id, hasSequence: true };
  }
  if (allowAuto && stop - dash === 2 && b[dash + 1] === STAR) return { id, hasSequence: false };
  if (!readHalf(b, dash + 1, stop, id, false)) return null;
  return { id, hasSequence: true };
}

/** Reads an unsigned 64-bit number into one half of an ID; false when it is none. */
function readHalf(b: Uint8Array, start: number, end: number, id: StreamId, isMs: boolean): boolean {
  const n = parseSafeInt(b, start, end);
  let high: number;
  let low: number;
  if (n >= 0) {
    high = Math.floor(n / TWO32);
    low = n - high * TWO32;
  } else {
    const wide = parseUint64(b, start, end);
    if (wide === null) return false;
    high = Number(wide >> 32n);
    low = Number(wide & 0xffffffffn);
  }
  if (isMs) {
    id.msHigh = high;
    id.msLow = low;
  } else {
    id.seqHigh = high;
    id.seqLow = low;
  }
  return true;
}
