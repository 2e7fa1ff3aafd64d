/**
 * Doubles from text with exactly what Redis takes, that is C's strtod in the "C" locale: decimal and hexadecimal
 * floats, `inf` and `infinity` in any case, correctly rounded; a NaN is never a value.
 */
import { endOfCString, isSpace } from "./numbers.ts";

const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;

/** Powers of ten that a double holds exactly: scaling by one of them rounds once, hence correctly. */
const EXACT_POWERS = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/**
 * The double in `buf[start..end)` as Redis' string2d reads it: all of it, no white space in front, no NaN, and neither
 * too large nor so small that it becomes zero. NaN when it is none. `-0` and denormal numbers are values.
 */
export function parseDouble(buf: Uint8Array, start: number, end: number): number {
  const fast = parsePlainDecimal(buf, start, end);
  return Number.isNaN(fast) ? parseStrict(buf, start, end) : fast;
}

/**
 * As C's strtod where Redis only checks that nothing is left over and that it is no NaN (ranges of ZRANGEBYSCORE and
 * friends): white space in front passes, too large gives an infinity, too small zero, and the empty text is 0. The text
 * ends at its first NUL byte. NaN when it is none.
 */
export function parseDoubleLax(buf: Uint8Array, start: number, end: number): number {
  const stop = endOfCString(buf, start, end);
  if (start === stop) return 0;
  let at = start;
  while (at < stop && isSpace(buf[at] as number)) at++;
  return scanFloat(buf, at, stop);
}

/** `-12.5`: up to 15 digits with at most one point, no exponent. NaN for anything else, also when it is a float. */
function parsePlainDecimal(buf: Uint8Array, start: number, end: number): number {
  let at = start;
  const negative = at < end && buf[at] === MINUS;
  if (negative) at++;
  // 15 digits and a point.
  if (at >= end || end - at > 16) return NaN;
  let n = 0;
  let digits = 0;
  let point = -1;
  for (; at < end; at++) {
    const c = buf[at] as number;
    if (c === DOT) {
      if (point >= 0) return NaN;
      point = at;
      continue;
    }
    const digit = c - ZERO;
    if (digit < 0 || digit > 9) return NaN;
    n = n * 10 + digit;
    digits++;
  }
  if (digits === 0 || digits > 15) return NaN;
  if (point >= 0) n /= EXACT_POWERS[end - point - 1] as number;
  return negative ? -n : n;
}

function parseStrict(buf: Uint8Array, start: number, end: number): number {
  if (start >= end || isSpace(buf[start] as number)) return NaN;
  const value = scanFloat(buf, start, end);
  if (value === 0 && hasNonZeroDigit(buf, start, end)) return NaN;
  if ((value === Infinity || value === -Infinity) && !isInfinityWord(buf, skipSign(buf, start, end), end)) return NaN;
  return value;
}

function skipSign(buf: Uint8Array, start: number, end: number): number {
  return start < end && (buf[start] === MINUS || buf[start] === PLUS) ? start + 1 : start;
}

/** Whether a well-formed float that came out as zero was in truth too small to be told from it. */
function hasNonZeroDigit(buf: Uint8Array, start: number, end: number): boolean {
  const first = skipSign(buf, start, end);
  const hex = isHexPrefix(buf, first, end);
  for (let at = hex ? first + 2 : first; at < end; at++) {
    const c = (buf[at] as number) | 0x20;
    if (c === (hex ? 0x70 : 0x65)) return false;
    if (c !== (ZERO | 0x20) && c !== (DOT | 0x20)) return true;
  }
  return false;
}

export function isHexPrefix(buf: Uint8Array, at: number, end: number): boolean {
  return at + 1 < end && buf[at] === ZERO && ((buf[at + 1] as number) | 0x20) === 0x78;
}

/** `inf` or `infinity`, any case, and nothing else. */
export function isInfinityWord(buf: Uint8Array, at: number, end: number): boolean {
  const length = end - at;
  return (length === 3 || length === 8) && equalsIgnoreCase(buf, at, "infinity", length);
}

function equalsIgnoreCase(buf: Uint8Array, at: number, lower: string, length: number): boolean {
  for (let i = 0; i < length; i++) if (((buf[at + i] as number) | 0x20) !== lower.charCodeAt(i)) return false;
  return true;
}

/** The float that is exactly `buf[start..end)`, rounded as C does, overflowing to infinities and underflowing to zero. */
function scanFloat(buf: Uint8Array, start: number, end: number): number {
  const first = skipSign(buf, start, end);
  const negative = buf[start] === MINUS;
  let magnitude: number;
  if (isInfinityWord(buf, first, end)) magnitude = Infinity;
  else if (isHexPrefix(buf, first, end)) magnitude = parseHex(buf, first, end);
  else if (isDecimalFloat(buf, first, end)) magnitude = Number(asciiText(buf, first, end));
  else return NaN;
  return negative ? -magnitude : magnitude;
}

function asciiText(buf: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at++) text += String.fromCharCode(buf[at] as number);
  return text;
}

/** `digits [. digits] [e [sign] digits]` with a digit before or behind the point; no sign in front. */
export function isDecimalFloat(buf: Uint8Array, start: number, end: number): boolean {
  let at = skipDigits(buf, start, end);
  let digits = at - start;
  if (at < end && buf[at] === DOT) {
    const fraction = at + 1;
    at = skipDigits(buf, fraction, end);
    digits += at - fraction;
  }
  if (digits === 0) return false;
  if (at === end) return true;
  if (((buf[at] as number) | 0x20) !== 0x65) return false;
  at = skipSign(buf, at + 1, end);
  return at < end && skipDigits(buf, at, end) === end;
}

function skipDigits(buf: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (buf[at] as number) >= ZERO && (buf[at] as number) <= 0x39) at++;
  return at;
}

/** A well-formed hexadecimal float as `mantissa * 2 ** exponent`. */
export type HexFloat = { mantissa: bigint; exponent: number };

/** Reads `0x digits [. digits] [p [sign] digits]`, all of `buf[start..end)`; null when malformed. */
export function scanHexFloat(buf: Uint8Array, start: number, end: number): HexFloat | null {
  let digits = "";
  let exponent = 0;
  let seenPoint = false;
  let at = start + 2;
  for (; at < end; at++) {
    const c = buf[at] as number;
    if (c === DOT && !seenPoint) {
      seenPoint = true;
    } else if (isHexDigit(c)) {
      digits += String.fromCharCode(c);
      if (seenPoint) exponent -= 4;
    } else {
      break;
    }
  }
  if (digits === "") return null;
  if (at < end) {
    if (((buf[at] as number) | 0x20) !== 0x70) return null;
    at = skipSign(buf, at + 1, end);
    if (at >= end || skipDigits(buf, at, end) !== end) return null;
    const negative = buf[at - 1] === MINUS;
    const power = Number(asciiText(buf, at, end));
    exponent += negative ? -power : power;
  }
  return { mantissa: BigInt(`0x${digits}`), exponent };
}

function isHexDigit(c: number): boolean {
  return (c >= ZERO && c <= 0x39) || ((c | 0x20) >= 0x61 && (c | 0x20) <= 0x66);
}

function parseHex(buf: Uint8Array, start: number, end: number): number {
  const hex = scanHexFloat(buf, start, end);
  if (hex === null) return NaN;
  const { mantissa, exponent } = hex;
  if (mantissa === 0n) return 0;
  const bits = mantissa.toString(2).length;
  const top = bits + exponent;
  if (top > 1024) return Infinity;
  if (top < -1074) return 0;
  // The last bit that a double can keep: 53 behind the first one, but never below the smallest denormal number.
  const lowest = Math.max(top - 53, -1074);
  const kept = roundShift(mantissa, lowest - exponent);
  // In two steps, as 2 ** -1074 * 2 ** 53 fits but 2 ** 1024 as a factor would not.
  const half = lowest >> 1;
  return Number(kept) * 2 ** half * 2 ** (lowest - half);
}

/** `value / 2 ** shift` rounded to nearest, ties to even; a negative shift multiplies. */
export function roundShift(value: bigint, shift: number): bigint {
  if (shift <= 0) return value << BigInt(-shift);
  const quotient = value >> BigInt(shift);
  const rest = value - (quotient << BigInt(shift));
  const half = 1n << BigInt(shift - 1);
  return rest > half || (rest === half && (quotient & 1n) === 1n) ? quotient + 1n : quotient;
}
