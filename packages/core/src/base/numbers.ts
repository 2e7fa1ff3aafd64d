/**
 * Integers as text, the way Redis reads and writes them. A canonical int64 has no spaces, no `+`, no leading zeros and
 * no `-0`, so that text -> number -> text gives the same bytes back; whatever else is "not an integer".
 *
 * Two tiers: a number as long as it is a safe integer (nearly always), a bigint for the rest of the int64 range. Nothing
 * here allocates but the bigint functions.
 */

const MINUS = 0x2d;
const PLUS = 0x2b;
const ZERO = 0x30;
const NINE = 0x39;

/** Longest text of an int64: a sign and 19 digits. */
export const MAX_INT64_CHARS = 20;
export const INT64_MAX = 0x7fff_ffff_ffff_ffffn;
export const INT64_MIN = -0x8000_0000_0000_0000n;
export const UINT64_MAX = 0xffff_ffff_ffff_ffffn;

/**
 * The canonical integer in `buf[start..end)`, or NaN when it is none or is not a safe integer (then `parseInt64` tells
 * the two apart). Never returns -0.
 */
export function parseSafeInt(buf: Uint8Array, start: number, end: number): number {
  let at = start;
  if (at >= end) return NaN;
  let c = buf[at] as number;
  const negative = c === MINUS;
  if (negative) {
    at++;
    if (at >= end) return NaN;
    c = buf[at] as number;
  } else if (c === ZERO && end - start === 1) {
    return 0;
  }
  if (c <= ZERO || c > NINE || end - at > 16) return NaN;
  let n = c - ZERO;
  for (at++; at < end; at++) {
    c = buf[at] as number;
    if (c < ZERO || c > NINE) return NaN;
    n = n * 10 + (c - ZERO);
  }
  // With 16 digits the sum may have been rounded, but rounding is monotone: what is above the limit stays above.
  if (n > Number.MAX_SAFE_INTEGER) return NaN;
  return negative ? -n : n;
}

/** The canonical int64 in `buf[start..end)`, or null when it is none (syntax or range). */
export function parseInt64(buf: Uint8Array, start: number, end: number): bigint | null {
  const small = parseSafeInt(buf, start, end);
  if (!Number.isNaN(small)) return BigInt(small);
  const length = end - start;
  if (length < 16 || length > MAX_INT64_CHARS) return null;
  const negative = buf[start] === MINUS;
  const first = negative ? start + 1 : start;
  if (buf[first] === ZERO) return null;
  const magnitude = digitsToBigint(buf, first, end);
  if (magnitude === null) return null;
  const value = negative ? -magnitude : magnitude;
  return value > INT64_MAX || value < INT64_MIN ? null : value;
}

/**
 * The value of 1 to 20 digits, or null at any other byte. Two halves that fit a number each cost two bigint operations
 * instead of two per digit.
 */
function digitsToBigint(buf: Uint8Array, start: number, end: number): bigint | null {
  const split = Math.max(start, end - 10);
  let high = 0;
  let low = 0;
  for (let at = start; at < end; at++) {
    const digit = (buf[at] as number) - ZERO;
    if (digit < 0 || digit > 9) return null;
    if (at < split) high = high * 10 + digit;
    else low = low * 10 + digit;
  }
  return BigInt(high) * 10_000_000_000n + BigInt(low);
}

/**
 * An unsigned 64-bit integer with the laxness of Redis' string2ull (stream IDs): what is no canonical int64 goes
 * through strtoull's rules, so leading white space, a sign and leading zeros pass, and a minus behind white space wraps
 * around. Null when malformed or out of range. The text ends at its first NUL byte, as a C string does.
 */
export function parseUint64(buf: Uint8Array, start: number, end: number): bigint | null {
  const stop = endOfCString(buf, start, end);
  const small = parseSafeInt(buf, start, stop);
  if (!Number.isNaN(small)) return small < 0 ? null : BigInt(small);
  const exact = parseInt64(buf, start, stop);
  if (exact !== null) return exact < 0n ? null : exact;

  let at = start;
  while (at < stop && isSpace(buf[at] as number)) at++;
  const sign = at < stop ? buf[at] : 0;
  if (sign === MINUS || sign === PLUS) at++;
  if (at >= stop) return null;
  while (at < stop - 1 && buf[at] === ZERO) at++;
  if (stop - at > 20) return null;
  const magnitude = digitsToBigint(buf, at, stop);
  if (magnitude === null || magnitude > UINT64_MAX) return null;
  return sign === MINUS ? BigInt.asUintN(64, -magnitude) : magnitude;
}

/** Where a C string that begins at `start` ends: its first NUL byte, or `end`. */
export function endOfCString(buf: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) if (buf[at] === 0) return at;
  return end;
}

/** C's isspace in the "C" locale. */
export function isSpace(c: number): boolean {
  return c === 0x20 || (c >= 0x09 && c <= 0x0d);
}

/** How many characters `writeInt` writes for a safe integer. */
export function intLength(n: number): number {
  return n < 0 ? 1 + digitCount(-n) : digitCount(n);
}

function digitCount(n: number): number {
  if (n < 1e4) return n < 100 ? (n < 10 ? 1 : 2) : n < 1000 ? 3 : 4;
  if (n < 1e8) return n < 1e6 ? (n < 1e5 ? 5 : 6) : n < 1e7 ? 7 : 8;
  if (n < 1e12) return n < 1e10 ? (n < 1e9 ? 9 : 10) : n < 1e11 ? 11 : 12;
  return n < 1e14 ? (n < 1e13 ? 13 : 14) : n < 1e15 ? 15 : 16;
}

/** Writes a safe integer at `pos` and returns the position behind it. At most 17 bytes. */
export function writeInt(buf: Uint8Array, pos: number, n: number): number {
  let value = n;
  let at = pos;
  if (value < 0) {
    buf[at++] = MINUS;
    value = -value;
  }
  if (value < 10) {
    buf[at] = ZERO + value;
    return at + 1;
  }
  const end = at + digitCount(value);
  let last = end;
  // Eight digits at a time until the rest fits 32-bit arithmetic, where division is cheap.
  while (value >= 0x8000_0000) {
    const rest = Math.floor(value / 1e8);
    writeDigits(buf, last, (value - rest * 1e8) | 0, last - 8);
    value = rest;
    last -= 8;
  }
  writeDigits(buf, last, value | 0, at);
  return end;
}

/** Writes the digits of a 31-bit value backwards from `end`, padded with zeros down to `start`. */
function writeDigits(buf: Uint8Array, end: number, n: number, start: number): void {
  let value = n;
  for (let at = end - 1; at >= start; at--) {
    const rest = (value / 10) | 0;
    buf[at] = ZERO + (value - rest * 10);
    value = rest;
  }
}

/** Writes an int64 or uint64 at `pos` and returns the position behind it. At most 20 bytes. */
export function writeBigint(buf: Uint8Array, pos: number, n: bigint): number {
  if (n >= -9007199254740991n && n <= 9007199254740991n) return writeInt(buf, pos, Number(n));
  let at = pos;
  let value = n;
  if (value < 0n) {
    buf[at++] = MINUS;
    value = -value;
  }
  const high = value / 10_000_000_000n;
  const low = Number(value - high * 10_000_000_000n);
  at = writeInt(buf, at, Number(high));
  const lowHigh = Math.floor(low / 1e5);
  writeDigits(buf, at + 5, lowHigh, at);
  writeDigits(buf, at + 10, low - lowHigh * 1e5, at + 5);
  return at + 10;
}
