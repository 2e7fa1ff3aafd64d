/**
 * Reads requests (RESP arrays of bulk strings, or inline commands) from a connection's input, in place. Incomplete input
 * is a return value; the work done on a partly received command is kept, so that a command of a million arguments that
 * arrives in pieces is parsed once. Limits and error texts are those of Redis' networking.c (processMultibulkBuffer,
 * processInlineBuffer).
 */
import { ProtocolError } from "../base/errors.ts";
import { splitArgs } from "../base/sds-split.ts";
import type { Args } from "./args.ts";

const CR = 13;
const LF = 10;
const STAR = 42;
const DOLLAR = 36;
const ZERO = 48;
/** Longest inline command, and longest length line (PROTO_INLINE_MAX_SIZE). */
const MAX_LINE = 64 * 1024;
const MAX_INT32 = 2147483647;

export const DECODED = { incomplete: 0, command: 1, empty: 2 } as const;
export type Decoded = (typeof DECODED)[keyof typeof DECODED];

/** What is known of a command whose bytes have not all arrived. Offsets count from the command's first byte. */
interface Partial {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly done: number;
  readonly total: number;
  readonly resumeAt: number;
  /** Bytes that Redis would have taken out of its query buffer by now: CLIENT LIST leaves them out. */
  readonly consumed: number;
}

/** A connection's unread bytes: `buffer[position..end)`. */
export class RequestInput {
  buffer: Buffer;
  position: number;
  end: number;
  partial: Partial | null;
  /** Bytes that must have arrived in all, counted from `position`, before another try can succeed; 0 when unknown. */
  wanted: number;

  constructor() {
    this.buffer = EMPTY;
    this.position = 0;
    this.end = 0;
    this.partial = null;
    this.wanted = 0;
  }

  /** Bytes of the arguments that a partly received command has so far. */
  get argumentBytes(): number {
    const { partial } = this;
    if (partial === null) return 0;
    let bytes = 0;
    for (let i = 0; i < partial.done; i++) bytes += (partial.ends[i] as number) - (partial.starts[i] as number);
    return bytes;
  }
}
const EMPTY = Buffer.alloc(0);

export class RequestDecoder {
  /** `proto-max-bulk-len`, bytes. */
  maxBulkLength: number;
  private readonly args: Args;
  /** What `readLength` read last. */
  private length = 0;

  constructor(args: Args, maxBulkLength: number) {
    this.args = args;
    this.maxBulkLength = maxBulkLength;
  }

  /**
   * Reads the next command into `args` and moves `input.position` behind it. Throws ProtocolError with Redis' text.
   * A client that has not authenticated may send only small commands.
   */
  next(input: RequestInput, authenticated: boolean): Decoded {
    const b = input.buffer;
    const begin = input.position;
    const end = input.end;
    if (begin >= end) return DECODED.incomplete;
    if (b[begin] !== STAR) return this.nextInline(input);
    const args = this.args;
    args.count = 0;
    args.buffer = b;
    let p: number;
    let total: number;
    let i = 0;
    const partial = input.partial;
    if (partial !== null) {
      if (input.wanted > end - begin) return DECODED.incomplete;
      for (; i < partial.done; i++) {
        args.push((partial.starts[i] as number) + begin, (partial.ends[i] as number) + begin);
      }
      p = begin + partial.resumeAt;
      total = partial.total;
      input.partial = null;
    } else {
      p = this.readLength(b, begin + 1, end, "too big mbulk count string");
      if (p < 0) return DECODED.incomplete;
      total = this.length;
      if (Number.isNaN(total) || total > MAX_INT32) throw new ProtocolError("invalid multibulk length");
      if (!authenticated && total > 10) throw new ProtocolError("unauthenticated multibulk length");
      if (total <= 0) {
        input.position = p;
        return DECODED.empty;
      }
    }
    for (; i < total; i++) {
      const argBegin = p;
      if (p >= end) return this.keepPartial(input, i, total, argBegin, argBegin, 0);
      // Redis looks for the end of the line first, then at its first character.
      const isBulk = b[argBegin] === DOLLAR;
      p = this.readLength(b, isBulk ? argBegin + 1 : argBegin, end, "too big bulk count string");
      if (p < 0) return this.keepPartial(input, i, total, argBegin, argBegin, 0);
      if (!isBulk) throw new ProtocolError(`expected '$', got '${String.fromCharCode(b[argBegin] as number)}'`);
      const length = this.length;
      if (!(length >= 0 && length <= this.maxBulkLength)) throw new ProtocolError("invalid bulk length");
      if (!authenticated && length > 16384) throw new ProtocolError("unauthenticated bulk length");
      if (p + length + 2 > end) return this.keepPartial(input, i, total, argBegin, p, p + length + 2 - begin);
      args.push(p, p + length);
      p += length + 2;
    }
    input.position = p;
    input.wanted = 0;
    return DECODED.command;
  }

  /**
   * Reads the number of a length line into `length` (NaN when it is none) and returns the position behind the line; -1
   * when the line has not all arrived.
   */
  private readLength(b: Buffer, from: number, end: number, tooBig: string): number {
    // The common case by hand: up to nine digits, no leading zero, then CR LF.
    let p = from;
    let n = 0;
    while (p < end && p - from < 9) {
      const digit = (b[p] as number) - ZERO;
      if (digit < 0 || digit > 9) break;
      n = n * 10 + digit;
      p++;
    }
    if (p > from && p + 1 < end && b[p] === CR && (b[from] !== ZERO || p === from + 1)) {
      this.length = n;
      return p + 2;
    }
    const cr = indexInText(b, CR, from, end);
    if (cr === -1 && end - from > MAX_LINE) throw new ProtocolError(tooBig);
    if (cr === -1 || cr + 1 >= end) return -1;
    this.length = parseLength(b.latin1Slice(from, Math.min(cr, from + 32)));
    return cr + 2;
  }

  private keepPartial(
    input: RequestInput,
    done: number,
    total: number,
    resumeAt: number,
    consumed: number,
    wanted: number,
  ): Decoded {
    const args = this.args;
    const base = input.position;
    const starts = args.starts.slice(0, done);
    const ends = args.ends.slice(0, done);
    for (let i = 0; i < done; i++) {
      starts[i] = (starts[i] as number) - base;
      ends[i] = (ends[i] as number) - base;
    }
    input.partial = { starts, ends, done, total, resumeAt: resumeAt - base, consumed: consumed - base };
    input.wanted = wanted;
    return DECODED.incomplete;
  }

  private nextInline(input: RequestInput): Decoded {
    const b = input.buffer;
    const lf = indexInText(b, LF, input.position, input.end);
    if (lf === -1) {
      if (input.end - input.position > MAX_LINE) throw new ProtocolError("too big inline request");
      return DECODED.incomplete;
    }
    let lineEnd = lf;
    if (lineEnd > input.position && b[lineEnd - 1] === CR) lineEnd--;
    const words = splitArgs(b.subarray(input.position, lineEnd));
    if (words === null) throw new ProtocolError("unbalanced quotes in request");
    input.position = lf + 1;
    if (words.length === 0) return DECODED.empty;
    const args = this.args;
    args.count = 0;
    args.buffer = Buffer.concat(words);
    let at = 0;
    for (const word of words) {
      args.push(at, at + word.length);
      at += word.length;
    }
    return DECODED.command;
  }
}

/** Where a byte is in `b[from..end)`; -1 also when a NUL comes first, where Redis' strchr stops to look. */
function indexInText(b: Buffer, byte: number, from: number, end: number): number {
  const at = b.indexOf(byte, from);
  if (at < 0 || at >= end) return -1;
  const nul = b.indexOf(0, from);
  return nul >= 0 && nul < at ? -1 : at;
}

/** Redis' string2ll on a length: NaN when the text is no canonical integer. */
function parseLength(text: string): number {
  return /^(0|-?[1-9][0-9]{0,17})$/.test(text) ? Number(text) : Number.NaN;
}
