/**
 * The 80-bit floats of x86 (64-bit mantissa), which Redis' INCRBYFLOAT and HINCRBYFLOAT calculate in: parsed as
 * strtold, added with round to nearest even, printed as `%.17Lf` without trailing zeros. Exact, on bigints.
 *
 * A finite value is `sign * mantissa * 2^exponent` with a mantissa below 2^64; zero has mantissa 0 and keeps its sign.
 */
import { isDecimalFloat, isHexPrefix, isInfinityWord, roundShift, scanHexFloat } from "./double-parse.ts";
import { isSpace, parseSafeInt } from "./numbers.ts";

const MANTISSA_BITS = 64;
/** Exponent of the last bit of the smallest denormal number, and the highest that the last bit may have. */
const MIN_EXPONENT = -16445;
const MAX_EXPONENT = 16383 - 63;
/** Redis parses into a buffer of this size; longer texts are no floats. */
const MAX_CHARS = 5 * 1024;
/** Decimal exponents outside are certainly infinite or zero, whatever the digits: spares huge powers of ten. */
const MAX_DECIMAL = 4940;
const MIN_DECIMAL = -5000;

export type LongDouble =
  | { readonly kind: "finite"; readonly negative: boolean; readonly mantissa: bigint; readonly exponent: number }
  | { readonly kind: "infinite"; readonly negative: boolean }
  | { readonly kind: "nan" };

const floatBits = new DataView(new ArrayBuffer(8));

const TENS = Array.from({ length: 40 }, (_, i) => 10n ** BigInt(i));
const TEN_TO_17 = 10n ** 17n;

function powerOfTen(n: number): bigint {
  return TENS[n] ?? 10n ** BigInt(n);
}

const NAN: LongDouble = { kind: "nan" };

/** The value `(-1)^negative * mantissa * 2^exponent`, any mantissa >= 0, rounded to nearest even; may become infinite. */
function makeLongDouble(negative: boolean, mantissa: bigint, exponent: number): LongDouble {
  if (mantissa === 0n) return { kind: "finite", negative, mantissa, exponent: 0 };
  const top = bitLength(mantissa) + exponent;
  const lowest = Math.max(top - MANTISSA_BITS, MIN_EXPONENT);
  if (lowest > MAX_EXPONENT) return { kind: "infinite", negative };
  if (top < MIN_EXPONENT) return { kind: "finite", negative, mantissa: 0n, exponent: 0 };
  if (lowest <= exponent) return { kind: "finite", negative, mantissa, exponent };
  const rounded = roundShift(mantissa, lowest - exponent);
  if (rounded >> 64n === 0n) return { kind: "finite", negative, mantissa: rounded, exponent: lowest };
  // Rounded up to 2^64: one bit more, and that may be one too many.
  if (lowest === MAX_EXPONENT) return { kind: "infinite", negative };
  return { kind: "finite", negative, mantissa: rounded >> 1n, exponent: lowest + 1 };
}

function bitLength(n: bigint): number {
  const float = Number(n);
  if (float < 2 ** 1000) {
    // The exponent of the nearest double is right unless rounding went up to the next power of two.
    floatBits.setFloat64(0, float);
    const length = (floatBits.getUint32(0) >>> 20) - 1022;
    return n >> BigInt(length - 1) === 0n ? length - 1 : length;
  }
  const hex = n.toString(16);
  return hex.length * 4 - Math.clz32(Number.parseInt(hex.charAt(0), 16)) + 28;
}

/** An integer as a long double; exact for all of int64. */
export function longDoubleFromInteger(n: number | bigint): LongDouble {
  const value = BigInt(n);
  return makeLongDouble(value < 0n, value < 0n ? -value : value, 0);
}

/**
 * The long double in `buf[start..end)` as Redis' string2ld reads it: all of it, below 5 KB, no white space in front, no
 * NaN, and neither too large nor so small that it becomes zero. `inf` in its spellings is a value. Null when it is none.
 */
export function parseLongDouble(buf: Uint8Array, start: number, end: number): LongDouble | null {
  const integer = parseSafeInt(buf, start, end);
  if (!Number.isNaN(integer)) return longDoubleFromInteger(integer);
  if (end <= start || end - start >= MAX_CHARS || isSpace(buf[start] as number)) return null;
  const negative = buf[start] === 0x2d;
  const first = negative || buf[start] === 0x2b ? start + 1 : start;
  if (isInfinityWord(buf, first, end)) return { kind: "infinite", negative };
  const value = isHexPrefix(buf, first, end)
    ? parseHex(negative, buf, first, end)
    : parseDecimal(negative, buf, first, end);
  return value?.kind === "infinite" ? null : value;
}

function parseHex(negative: boolean, buf: Uint8Array, start: number, end: number): LongDouble | null {
  const hex = scanHexFloat(buf, start, end);
  if (hex === null) return null;
  return unlessUnderflow(makeLongDouble(negative, hex.mantissa, hex.exponent), hex.mantissa);
}

function unlessUnderflow(value: LongDouble, source: bigint): LongDouble | null {
  return value.kind === "finite" && value.mantissa === 0n && source !== 0n ? null : value;
}

function parseDecimal(negative: boolean, buf: Uint8Array, start: number, end: number): LongDouble | null {
  if (!isDecimalFloat(buf, start, end)) return null;
  let text = "";
  let small = 0;
  let significant = 0;
  let power = 0;
  let seenPoint = false;
  let at = start;
  for (; at < end; at++) {
    const c = buf[at] as number;
    if (c === 0x2e) seenPoint = true;
    else if ((c | 0x20) === 0x65) break;
    else {
      text += String.fromCharCode(c);
      small = small * 10 + c - 0x30;
      if (significant > 0 || c !== 0x30) significant++;
      if (seenPoint) power--;
    }
  }
  if (at < end) power += readExponent(buf, at + 1, end);
  if (significant === 0) return makeLongDouble(negative, 0n, 0);
  const source = BigInt(significant <= 15 ? small : text);
  const leading = significant + power;
  if (leading > MAX_DECIMAL || leading < MIN_DECIMAL) return null;
  return unlessUnderflow(fromDecimal(negative, source, power), source);
}

/** The exponent part, cut to a range that no digits can bring back into reach. */
function readExponent(buf: Uint8Array, start: number, end: number): number {
  const negative = buf[start] === 0x2d;
  let value = 0;
  for (let at = negative || buf[start] === 0x2b ? start + 1 : start; at < end; at++) {
    value = Math.min(value * 10 + (buf[at] as number) - 0x30, 1_000_000);
  }
  return negative ? -value : value;
}

/** `digits * 10^power`, rounded once. */
function fromDecimal(negative: boolean, digits: bigint, power: number): LongDouble {
  if (power >= 0) return makeLongDouble(negative, digits * powerOfTen(power), 0);
  const divisor = powerOfTen(-power);
  // Enough bits for 64 and more of quotient; below the last one a remainder only matters as "not nothing".
  const shift = Math.max(0, bitLength(divisor) - bitLength(digits) + MANTISSA_BITS + 2);
  const shifted = digits << BigInt(shift);
  const quotient = shifted / divisor;
  const sticky = quotient * divisor === shifted ? 0n : 1n;
  return makeLongDouble(negative, (quotient << 1n) | sticky, -shift - 1);
}

/** The sum, rounded once. Opposite infinities, or a NaN, give a NaN. */
export function addLongDouble(a: LongDouble, b: LongDouble): LongDouble {
  if (a.kind === "nan" || b.kind === "nan") return NAN;
  if (a.kind === "infinite") return b.kind === "infinite" && a.negative !== b.negative ? NAN : a;
  if (b.kind === "infinite") return b;
  const exponent = Math.min(a.exponent, b.exponent);
  const sum = signedAt(a, exponent) + signedAt(b, exponent);
  // A sum of zero is positive, unless both were negative zeros.
  if (sum === 0n) return makeLongDouble(a.negative && b.negative, 0n, 0);
  return makeLongDouble(sum < 0n, sum < 0n ? -sum : sum, exponent);
}

function signedAt(x: LongDouble & { kind: "finite" }, exponent: number): bigint {
  const shifted = x.mantissa << BigInt(x.exponent - exponent);
  return x.negative ? -shifted : shifted;
}

/**
 * The text that Redis stores and replies: rounded to 17 decimals (ties to even, as printf), without trailing zeros;
 * never `-0`. Up to 4951 characters.
 */
export function formatLongDouble(x: LongDouble): string {
  if (x.kind === "nan") return "nan";
  if (x.kind === "infinite") return x.negative ? "-inf" : "inf";
  const sign = x.negative ? "-" : "";
  if (x.exponent >= 0) return x.mantissa === 0n ? "0" : sign + (x.mantissa << BigInt(x.exponent)).toString();
  const scaled = roundShift(x.mantissa * TEN_TO_17, -x.exponent);
  if (scaled === 0n) return "0";
  const digits = scaled.toString().padStart(18, "0");
  const point = digits.length - 17;
  let end = digits.length;
  while (end > point && digits.charCodeAt(end - 1) === 0x30) end--;
  const whole = sign + digits.slice(0, point);
  return end === point ? whole : `${whole}.${digits.slice(point, end)}`;
}

/**
 * The text of the sum of two short plain decimals, or null when the general road has to be taken. A short cut (14
 * times as fast) that is exact: with magnitudes below 23 each, three roundings to 64 bits are off by less than
 * 92 * 2^-64 < 0.5 * 10^-17 together, so printing 17 decimals gives the decimal sum itself.
 */
export function sumShortDecimals(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): string | null {
  const x = parseScaled(a, aStart, aEnd);
  const y = parseScaled(b, bStart, bEnd);
  const sum = x + y;
  if (Number.isNaN(sum)) return null;
  const magnitude = Math.abs(sum);
  const whole = Math.floor(magnitude / SCALE);
  let fraction = magnitude - whole * SCALE;
  const sign = sum < 0 ? "-" : "";
  if (fraction === 0) return sign + whole;
  let width = SCALE_DIGITS;
  while (fraction % 10 === 0) {
    fraction /= 10;
    width--;
  }
  return `${sign}${whole}.${String(fraction).padStart(width, "0")}`;
}

const SCALE_DIGITS = 12;
const SCALE = 10 ** SCALE_DIGITS;
const SHORT_LIMIT = 23;

/** `-12.345` times SCALE, exact; NaN for what is not of that form, not below SHORT_LIMIT or has too many decimals. */
function parseScaled(buf: Uint8Array, start: number, end: number): number {
  let at = start;
  const negative = at < end && buf[at] === 0x2d;
  if (negative) at++;
  let whole = 0;
  const first = at;
  for (; at < end && at - first < 3; at++) {
    const digit = (buf[at] as number) - 0x30;
    if (digit < 0 || digit > 9) break;
    whole = whole * 10 + digit;
  }
  if (at === first || whole >= SHORT_LIMIT) return NaN;
  let value = whole * SCALE;
  if (at < end) {
    if (buf[at] !== 0x2e || end - at > SCALE_DIGITS + 1) return NaN;
    let unit = SCALE;
    for (at++; at < end; at++) {
      const digit = (buf[at] as number) - 0x30;
      if (digit < 0 || digit > 9) return NaN;
      unit /= 10;
      value += digit * unit;
    }
  }
  return negative ? -value : value;
}
