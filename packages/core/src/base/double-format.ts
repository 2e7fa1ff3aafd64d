/**
 * Doubles as text the way Redis 7.2 replies them (scores, RESP3 doubles): `inf`, `-inf`, `nan`, `-0`, whole numbers up
 * to 2^62 in digits, and the rest in the digits of the Grisu2 algorithm (Loitsch, "Printing floating-point numbers
 * quickly and accurately with integers").
 *
 * Why not `String(x)`: Grisu2 gives a text that reads back as the same double, but for about one double in a thousand
 * it is not the shortest one. Redis prints Grisu2's, and clients compare bytes.
 *
 * 64-bit values are pairs of unsigned 32-bit halves held in numbers. The module-level scratch below carries results
 * between the steps of one synchronous call; nothing survives it.
 */
import { writeBigint, writeInt } from "./numbers.ts";

const TWO_32 = 2 ** 32;
const INVERSE_32 = 2 ** -32;
const ZERO = 0x30;
const DOT = 0x2e;
const MINUS = 0x2d;

/** `writeDouble` needs at most this much room. */
export const MAX_DOUBLE_CHARS = 32;

const bits = new DataView(new ArrayBuffer(8));

/** Cached powers of ten, 10^-348 to 10^340 in steps of 8: a 64-bit mantissa with its top bit set, and its exponent. */
const FIRST_POWER = -348;
const POWER_STEP = 8;
const POWER_COUNT = 87;
const powerHigh = new Uint32Array(POWER_COUNT);
const powerLow = new Uint32Array(POWER_COUNT);
const powerExponent = new Int16Array(POWER_COUNT);
for (let i = 0; i < POWER_COUNT; i++) computePower(i);

/** 10^k as the nearest 64-bit mantissa times a power of two. */
function computePower(index: number): void {
  const k = FIRST_POWER + index * POWER_STEP;
  // 1400 bits of head room keep the division of the negative powers exact enough to round.
  const scaled = k >= 0 ? (10n ** BigInt(k)) << 1400n : (1n << 2800n) / 10n ** BigInt(-k);
  const exponent = scaled.toString(2).length - 64;
  let mantissa = scaled >> BigInt(exponent);
  if ((scaled >> BigInt(exponent - 1)) & 1n) mantissa++;
  powerHigh[index] = Number(mantissa >> 32n);
  powerLow[index] = Number(mantissa & 0xffff_ffffn);
  powerExponent[index] = exponent - (k >= 0 ? 1400 : 2800);
}

const digits = new Uint8Array(20);
let digitLength = 0;
let decimalExponent = 0;

/** Writes a double at `pos` (at most MAX_DOUBLE_CHARS bytes) and returns the position behind it. */
export function writeDouble(buf: Uint8Array, pos: number, value: number): number {
  if (Math.floor(value) === value) {
    if (value === 0) {
      let at = pos;
      if (1 / value < 0) buf[at++] = MINUS;
      buf[at] = ZERO;
      return at + 1;
    }
    if (value >= -Number.MAX_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) return writeInt(buf, pos, value);
    // The range where Redis takes the integer road: half of the int64 range, as doubles (so 2^62 itself is in).
    if (value >= -(2 ** 62) && value <= 2 ** 62) return writeBigint(buf, pos, BigInt(value));
  }
  if (Number.isNaN(value)) return writeWord(buf, pos, "nan");
  if (value === Infinity) return writeWord(buf, pos, "inf");
  if (value === -Infinity) return writeWord(buf, pos, "-inf");
  let at = pos;
  if (value < 0) buf[at++] = MINUS;
  generate(value < 0 ? -value : value);
  return writeDigits(buf, at);
}

/** The same text as a string; for replies use `writeDouble`. */
export function formatDouble(value: number): string {
  const end = writeDouble(text, 0, value);
  return text.toString("latin1", 0, end);
}

/** The digits of Grisu2 also for whole numbers, as DEBUG DIGEST takes them: 100000000 is `1e+8`. */
export function formatShortest(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return formatDouble(value);
  generate(Math.abs(value));
  return (value < 0 ? "-" : "") + text.toString("latin1", 0, writeDigits(text, 0));
}

const text = Buffer.alloc(MAX_DOUBLE_CHARS);

function writeWord(buf: Uint8Array, pos: number, word: string): number {
  for (let i = 0; i < word.length; i++) buf[pos + i] = word.charCodeAt(i);
  return pos + word.length;
}

/** Lays out `digits * 10^decimalExponent`: plain while that stays short, else with an exponent. */
function writeDigits(buf: Uint8Array, pos: number): number {
  const scale = decimalExponent;
  const exponent = scale + digitLength - 1;
  let at = pos;
  if (scale >= 0 && exponent < digitLength + 7) {
    at = copyDigits(buf, at, 0, digitLength);
    for (let i = 0; i < scale; i++) buf[at++] = ZERO;
    return at;
  }
  if (scale < 0 && (scale > -7 || Math.abs(exponent) < 4)) {
    const whole = digitLength + scale;
    if (whole > 0) {
      at = copyDigits(buf, at, 0, whole);
      buf[at++] = DOT;
      return copyDigits(buf, at, whole, digitLength);
    }
    buf[at++] = ZERO;
    buf[at++] = DOT;
    for (let i = whole; i < 0; i++) buf[at++] = ZERO;
    return copyDigits(buf, at, 0, digitLength);
  }
  buf[at++] = digits[0] as number;
  if (digitLength > 1) {
    buf[at++] = DOT;
    at = copyDigits(buf, at, 1, digitLength);
  }
  buf[at++] = 0x65;
  buf[at++] = exponent < 0 ? MINUS : 0x2b;
  return writeInt(buf, at, Math.abs(exponent));
}

function copyDigits(buf: Uint8Array, pos: number, from: number, to: number): number {
  for (let i = from; i < to; i++) buf[pos + i - from] = digits[i] as number;
  return pos + to - from;
}

// ---- Grisu2 ----

/**
 * The three scaled 64-bit values of one run, high half first: the upper bound, the value, the lower bound. A typed
 * array, as passing them as arguments or in module variables would box every half above 2^31 (measured: +40 %).
 */
const scaled = new Uint32Array(6);
const UPPER = 0;
const VALUE = 2;
const LOWER = 4;

/** Puts the upper 64 bits of the product of two 64-bit values, the lower ones rounded off, into `scaled[slot]`. */
function multiply(slot: number, aHigh: number, aLow: number, bHigh: number, bLow: number): void {
  const highLow = upper32(aHigh, bLow);
  const lowHigh = upper32(aLow, bHigh);
  const middle = (Math.imul(aHigh, bLow) >>> 0) + (Math.imul(aLow, bHigh) >>> 0) + upper32(aLow, bLow) + 0x8000_0000;
  const low = (Math.imul(aHigh, bHigh) >>> 0) + highLow + lowHigh + Math.floor(middle * INVERSE_32);
  scaled[slot] = upper32(aHigh, bHigh) + Math.floor(low * INVERSE_32);
  scaled[slot + 1] = low;
}

/** The upper half of a 32 x 32 bit product. */
function upper32(a: number, b: number): number {
  const aHigh = a >>> 16;
  const aLow = a & 0xffff;
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  const middle = Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16);
  const carry = Math.imul(aLow, bHigh) + (middle & 0xffff);
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (carry >>> 16)) >>> 0;
}

/** Fills digits, digitLength and decimalExponent for a finite positive double. */
function generate(value: number): void {
  bits.setFloat64(0, value);
  const word = bits.getUint32(0);
  const biased = (word >>> 20) & 0x7ff;
  let fractionHigh = word & 0xf_ffff;
  const fractionLow = bits.getUint32(4);
  let exponent = -1074;
  if (biased !== 0) {
    fractionHigh |= 0x10_0000;
    exponent = biased - 1075;
  }

  // Left-aligned to 64 bits, the value and the midpoints to its neighbours have the same exponent.
  const shift = fractionHigh !== 0 ? Math.clz32(fractionHigh) : 32 + Math.clz32(fractionLow);
  const wHigh = shiftHigh(fractionHigh, fractionLow, shift);
  const wLow = shiftLow(fractionLow, shift);
  exponent -= shift;
  // Half the distance to the next double, in units of the last of the 64 bits. Below a power of two the lower
  // neighbour is taken as only half as far (also at the smallest normal double, where it is not: so does Redis).
  const halfHigh = shift >= 33 ? 2 ** (shift - 33) : 0;
  const halfLow = shift >= 33 ? 0 : 2 ** (shift - 1);
  const down = fractionHigh === 0x10_0000 && fractionLow === 0 ? 0.5 : 1;

  let upperHigh = wHigh + halfHigh;
  let upperLow = wLow + halfLow;
  if (upperLow >= TWO_32) {
    upperLow -= TWO_32;
    upperHigh++;
  }
  let lowerHigh = wHigh - halfHigh * down;
  let lowerLow = wLow - halfLow * down;
  if (lowerLow < 0) {
    lowerLow += TWO_32;
    lowerHigh--;
  }

  const index = findPower(exponent);
  const pHigh = powerHigh[index] as number;
  const pLow = powerLow[index] as number;
  decimalExponent = -(FIRST_POWER + index * POWER_STEP);
  multiply(UPPER, upperHigh, upperLow, pHigh, pLow);
  multiply(VALUE, wHigh, wLow, pHigh, pLow);
  multiply(LOWER, lowerHigh, lowerLow, pHigh, pLow);
  emit(-(exponent + (powerExponent[index] as number) + 64));
}

function shiftHigh(high: number, low: number, shift: number): number {
  if (shift >= 32) return (low << (shift - 32)) >>> 0;
  return ((high << shift) | (shift === 0 ? 0 : low >>> (32 - shift))) >>> 0;
}

function shiftLow(low: number, shift: number): number {
  return shift >= 32 ? 0 : (low << shift) >>> 0;
}

/**
 * The cached power that brings the exponent into [-60, -32], starting from the same estimate as Redis' printer: where
 * two powers would do, the choice decides the last rounding.
 */
function findPower(exponent: number): number {
  const estimate = Math.trunc(-(exponent + POWER_COUNT) * 0.30102999566398114);
  let index = Math.trunc((estimate - FIRST_POWER) / POWER_STEP);
  for (;;) {
    const shifted = exponent + (powerExponent[index] as number) + 64;
    if (shifted < -60) index++;
    else if (shifted > -32) index--;
    else return index;
  }
}

/**
 * Digits of the upper bound from the left until what remains is within `delta`, the allowed distance from it; then the
 * last digit is lowered towards the value itself. `shift` (32 to 60) is where the fraction begins.
 */
function emit(shift: number): void {
  // The products are off by up to one unit: stay one unit inside on either side, hence the 1 and the 2.
  let upperHigh = scaled[UPPER] as number;
  let restLow = (scaled[UPPER + 1] as number) - 1;
  let deltaHigh = upperHigh - (scaled[LOWER] as number);
  let deltaLow = restLow - 1 - (scaled[LOWER + 1] as number);
  let distanceHigh = upperHigh - (scaled[VALUE] as number);
  let distanceLow = restLow - (scaled[VALUE + 1] as number);
  if (restLow < 0) {
    restLow += TWO_32;
    upperHigh--;
  }
  while (deltaLow < 0) {
    deltaLow += TWO_32;
    deltaHigh--;
  }
  if (distanceLow < 0) {
    distanceLow += TWO_32;
    distanceHigh--;
  }

  const oneHigh = 1 << (shift - 32);
  const inverseOne = 1 / oneHigh;
  let whole = Math.floor(upperHigh * inverseOne);
  let restHigh = upperHigh - whole * oneHigh;
  let count = 0;
  let kappa = 9;
  let divisor = 1e9;
  for (; divisor > whole; kappa--) divisor /= 10;
  for (; kappa >= 0; kappa--) {
    const digit = Math.floor(whole / divisor);
    digits[count++] = ZERO + digit;
    whole -= digit * divisor;
    const remainder = whole * oneHigh + restHigh;
    if (remainder < deltaHigh || (remainder === deltaHigh && restLow <= deltaLow)) {
      const down = downSteps(deltaHigh, deltaLow, remainder, restLow, divisor * oneHigh, distanceHigh, distanceLow);
      finish(count, down, kappa);
      return;
    }
    divisor /= 10;
  }

  for (; ; kappa--) {
    restLow *= 10;
    let carry = Math.floor(restLow * INVERSE_32);
    restHigh = restHigh * 10 + carry;
    restLow -= carry * TWO_32;
    deltaLow *= 10;
    carry = Math.floor(deltaLow * INVERSE_32);
    deltaHigh = deltaHigh * 10 + carry;
    deltaLow -= carry * TWO_32;
    distanceLow *= 10;
    carry = Math.floor(distanceLow * INVERSE_32);
    distanceHigh = distanceHigh * 10 + carry;
    distanceLow -= carry * TWO_32;
    const digit = Math.floor(restHigh * inverseOne);
    digits[count++] = ZERO + digit;
    restHigh -= digit * oneHigh;
    if (restHigh < deltaHigh || (restHigh === deltaHigh && restLow < deltaLow)) {
      finish(count, downSteps(deltaHigh, deltaLow, restHigh, restLow, oneHigh, distanceHigh, distanceLow), kappa);
      return;
    }
  }
}

function finish(count: number, down: number, kappa: number): void {
  digits[count - 1] = (digits[count - 1] as number) - down;
  digitLength = count;
  decimalExponent += kappa;
}

/**
 * How often a unit (`unitHigh * 2^32`) comes off the last digit: as long as that goes nearer to the value, `distance`
 * below the upper bound, and stays `delta` within it. `rest` is how far the digits so far are below the upper bound.
 */
function downSteps(
  deltaHigh: number,
  deltaLow: number,
  restHigh: number,
  restLow: number,
  unitHigh: number,
  distanceHigh: number,
  distanceLow: number,
): number {
  // The unit has no lower half, so a step changes no lower half either.
  const roomBorrow = deltaLow < restLow ? 1 : 0;
  let steps = 0;
  let high = restHigh;
  while (high < distanceHigh || (high === distanceHigh && restLow < distanceLow)) {
    if (deltaHigh - high - roomBorrow < unitHigh) break;
    const next = high + unitHigh;
    if (next > distanceHigh || (next === distanceHigh && restLow >= distanceLow)) {
      // The next one reaches or passes the value: only if it is nearer than this one. (Rounding keeps the sign.)
      const nearer = (distanceHigh - high - (next - distanceHigh)) * TWO_32 + 2 * (distanceLow - restLow);
      if (nearer <= 0) break;
    }
    high = next;
    steps++;
  }
  return steps;
}
