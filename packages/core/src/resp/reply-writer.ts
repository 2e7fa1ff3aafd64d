/**
 * Writes replies in RESP2 or RESP3 straight into one output buffer shared by all connections of the process. A
 * connection's replies of one turn form a region of it; when the buffer must grow, only the current region moves to
 * the new one (earlier regions keep a reference to the old buffer until they are sent).
 *
 * Handlers see only this class; they never build frames themselves.
 */
import { formatDouble } from "../base/double-format.ts";

const BASE_SIZE = 256 * 1024;
const LARGE_SIZE = 16 * 1024 * 1024;
const CR = 13;
const LF = 10;

/** Thrown when a reply that may be stopped passes the limit: it would never be sent. */
export const REPLY_LIMIT: unique symbol = Symbol("reply limit");

export class ReplyWriter {
  buffer: Buffer;
  position: number;
  /** Where the current connection's region starts. */
  regionStart: number;
  /** Protocol version of the client being served: 2 or 3. */
  resp: number;
  /** Bytes of the region that may be sent at all, looked at when the buffer must grow and the command may be stopped. */
  limit: number;
  mayStop: boolean;
  /** Grows by one with each error reply; the pipeline compares it to know whether a command failed. */
  errorCount: number;
  /** Text of the last error reply, without '-'. */
  lastError: string;

  constructor() {
    this.buffer = Buffer.allocUnsafeSlow(BASE_SIZE);
    this.position = 0;
    this.regionStart = 0;
    this.resp = 2;
    this.limit = Number.POSITIVE_INFINITY;
    this.mayStop = false;
    this.errorCount = 0;
    this.lastError = "";
  }

  beginRegion(): void {
    this.regionStart = this.position;
  }

  /** Makes the whole buffer free again once every region has been handed over; gives back an oversized one. */
  reset(): void {
    this.position = 0;
    this.regionStart = 0;
    if (this.buffer.length > 4 * BASE_SIZE) this.buffer = Buffer.allocUnsafeSlow(BASE_SIZE);
  }

  /** Leaves the current buffer to whoever still holds regions of it and starts a new one. */
  replaceBuffer(): void {
    this.buffer = Buffer.allocUnsafeSlow(BASE_SIZE);
    this.position = 0;
    this.regionStart = 0;
  }

  /** Makes room for `size` more bytes. */
  ensure(size: number): void {
    if (this.position + size > this.buffer.length) this.grow(size);
  }

  private grow(size: number): void {
    const used = this.position - this.regionStart;
    if (this.mayStop && used + size > this.limit) throw REPLY_LIMIT;
    const needed = used + size;
    let capacity = BASE_SIZE;
    // Doubling, but a very large reply takes only an eighth more than it needs.
    if (needed > LARGE_SIZE) capacity = needed + Math.floor(needed / 8);
    else while (capacity < needed) capacity *= 2;
    const next = Buffer.allocUnsafeSlow(capacity);
    this.buffer.copy(next, 0, this.regionStart, this.position);
    this.buffer = next;
    this.position = used;
    this.regionStart = 0;
  }

  /** Bytes already framed as RESP. */
  raw(text: string): void {
    this.ensure(text.length);
    this.position += this.buffer.latin1Write(text, this.position);
  }

  rawBytes(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.ensure(length);
    this.buffer.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), this.position);
    this.position += length;
  }

  ok(): void {
    this.ensure(5);
    const b = this.buffer;
    let p = this.position;
    b[p++] = 43;
    b[p++] = 79;
    b[p++] = 75;
    b[p++] = CR;
    b[p++] = LF;
    this.position = p;
  }

  /** A status reply; `text` has no CR or LF. */
  simple(text: string): void {
    this.raw(`+${text}\r\n`);
  }

  /**
   * An error reply; `text` starts with its code word. Line breaks become blanks, as Redis does; with `keepsLf` only those
   * that would end the reply.
   */
  error(text: string, keepsLf = false): void {
    this.errorCount++;
    this.lastError = text;
    const clean = /[\r\n]/.test(text) ? text.replace(keepsLf ? /\r/g : /[\r\n]/g, " ") : text;
    const size = Buffer.byteLength(clean, "latin1");
    this.ensure(size + 3);
    this.buffer[this.position++] = 45;
    this.position += this.buffer.latin1Write(clean, this.position);
    this.crlf();
  }

  private crlf(): void {
    this.buffer[this.position++] = CR;
    this.buffer[this.position++] = LF;
  }

  /** `prefix`, the decimal digits of `n`, CR LF. */
  private header(prefix: number, n: number): void {
    this.ensure(32);
    const b = this.buffer;
    let p = this.position;
    b[p++] = prefix;
    if (n >= 0 && n < 10) {
      b[p++] = 48 + n;
    } else if (n >= 10 && n < 100) {
      const tens = (n / 10) | 0;
      b[p++] = 48 + tens;
      b[p++] = 48 + (n - tens * 10);
    } else {
      p += b.latin1Write(n.toString(), p);
    }
    b[p++] = CR;
    b[p++] = LF;
    this.position = p;
  }

  /** An integer reply; numbers beyond 2^53 come as bigint. */
  integer(n: number | bigint): void {
    if (typeof n === "bigint") this.raw(`:${n}\r\n`);
    else this.header(58, n);
  }

  /** A bulk string from bytes. */
  bulk(bytes: Uint8Array, start = 0, end = bytes.length): void {
    const length = end - start;
    this.header(36, length);
    this.ensure(length + 2);
    if (length < 64) {
      const b = this.buffer;
      let p = this.position;
      for (let i = start; i < end; i++) b[p++] = bytes[i] as number;
      this.position = p;
    } else {
      this.buffer.set(bytes.subarray(start, end), this.position);
      this.position += length;
    }
    this.crlf();
  }

  /** A bulk string of `length` bytes whose content the caller writes next with `rawBytes`, ended by `bulkEnd`. */
  bulkHeader(length: number): void {
    this.header(36, length);
    this.ensure(length + 2);
  }

  bulkEnd(): void {
    this.ensure(2);
    this.crlf();
  }

  /** A bulk string from the store's shared value buffer, on which only `copy` and index access are safe. */
  bulkFromStore(value: Buffer, start: number, end: number): void {
    const length = end - start;
    this.header(36, length);
    this.ensure(length + 2);
    if (length < 48) {
      // A native copy of a few bytes costs more than the loop (HGETALL of 5 fields: 6.7 us, with the loop 5.9).
      const b = this.buffer;
      let p = this.position;
      for (let i = start; i < end; i++) b[p++] = value[i] as number;
      this.position = p;
    } else {
      value.copy(this.buffer, this.position, start, end);
      this.position += length;
    }
    this.crlf();
  }

  /** A bulk string from text, UTF-8. */
  bulkText(text: string): void {
    const length = Buffer.byteLength(text);
    this.header(36, length);
    this.ensure(length + 2);
    this.position += this.buffer.write(text, this.position);
    this.crlf();
  }

  /** An integer as a bulk string (e.g. SCAN's cursor). */
  bulkNumber(n: number | bigint): void {
    this.bulkText(n.toString());
  }

  null(): void {
    this.raw(this.resp === 2 ? "$-1\r\n" : "_\r\n");
  }

  nullArray(): void {
    this.raw(this.resp === 2 ? "*-1\r\n" : "_\r\n");
  }

  arrayHeader(count: number): void {
    this.header(42, count);
  }

  /** A map of `count` pairs (RESP2: a flat array). */
  mapHeader(count: number): void {
    if (this.resp === 2) this.header(42, count * 2);
    else this.header(37, count);
  }

  setHeader(count: number): void {
    this.header(this.resp === 2 ? 42 : 126, count);
  }

  pushHeader(count: number): void {
    this.header(this.resp === 2 ? 42 : 62, count);
  }

  /** Attributes exist in RESP3 only; callers check `resp` first. */
  attributeHeader(count: number): void {
    this.header(124, count);
  }

  boolean(value: boolean): void {
    if (this.resp === 2) this.raw(value ? ":1\r\n" : ":0\r\n");
    else this.raw(value ? "#t\r\n" : "#f\r\n");
  }

  double(value: number): void {
    const text = formatDouble(value);
    if (this.resp === 2) this.bulkText(text);
    else this.raw(`,${text}\r\n`);
  }

  bigNumber(digits: string): void {
    if (this.resp === 2) this.bulkText(digits);
    else this.raw(`(${digits}\r\n`);
  }

  /** A verbatim string; `format` is three letters (txt, mkd). RESP2 clients get a bulk string. */
  verbatim(format: string, text: string): void {
    if (this.resp === 2) {
      this.bulkText(text);
      return;
    }
    const length = Buffer.byteLength(text) + 4;
    this.header(61, length);
    this.ensure(length + 2);
    this.position += this.buffer.latin1Write(`${format}:`, this.position);
    this.position += this.buffer.write(text, this.position);
    this.crlf();
  }

  /** Starts an aggregate whose length is not known yet; pass the result to `endDeferred`. */
  deferred(): number {
    return this.position - this.regionStart;
  }

  /** Puts the header of a deferred aggregate in front of what was written since. O(bytes written since). */
  endDeferred(mark: number, kind: "array" | "map" | "set", count: number): void {
    const resp2 = this.resp === 2;
    const prefix = kind === "array" || resp2 ? 42 : kind === "map" ? 37 : 126;
    const text = `${kind === "map" && resp2 ? count * 2 : count}\r\n`;
    const size = 1 + text.length;
    this.ensure(size);
    const at = this.regionStart + mark;
    this.buffer.copyWithin(at + size, at, this.position);
    this.buffer[at] = prefix;
    this.buffer.latin1Write(text, at + 1);
    this.position += size;
  }

  /** Puts bytes already framed as RESP in front of what was written since `mark`. O(bytes written since). */
  insertRaw(mark: number, text: string): void {
    this.ensure(text.length);
    const at = this.regionStart + mark;
    this.buffer.copyWithin(at + text.length, at, this.position);
    this.buffer.latin1Write(text, at);
    this.position += text.length;
  }

  /** Forgets what was written since `mark` (a value of `deferred`). */
  truncate(mark: number): void {
    this.position = this.regionStart + mark;
  }
}
