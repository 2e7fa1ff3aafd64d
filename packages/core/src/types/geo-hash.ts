/**
 * Places as scores of a sorted set, with Redis' figures: longitude and latitude as 26-bit fractions of their ranges,
 * interleaved to 52 bits, longitude on the odd ones. Squares of coarser grids are prefixes of such hashes.
 */

export const LONGITUDE_MAX = 180;
export const LONGITUDE_MIN = -180;
/** The limits of the Mercator map (EPSG:3857): the poles have no hash. */
export const LATITUDE_MAX = 85.05112878;
export const LATITUDE_MIN = -85.05112878;
/** Bits of each coordinate in a score. */
export const FINEST_STEP = 26;

const TWO_26 = 2 ** 26;

export interface Place {
  readonly longitude: number;
  readonly latitude: number;
}

/** A square of the grid with `2^step` columns and rows. */
export interface Square {
  readonly step: number;
  readonly column: number;
  readonly row: number;
}

/** The corners of a square. */
export interface Area {
  readonly minLongitude: number;
  readonly maxLongitude: number;
  readonly minLatitude: number;
  readonly maxLatitude: number;
}

/** Puts the low 14 bits of `n` on the even bits of the result. */
function spread(n: number): number {
  let x = n & 0x3fff;
  x = (x | (x << 8)) & 0x00ff00ff;
  x = (x | (x << 4)) & 0x0f0f0f0f;
  x = (x | (x << 2)) & 0x33333333;
  return (x | (x << 1)) & 0x55555555;
}

/** The even ones of the low 26 bits. */
function gather(n: number): number {
  let x = n & 0x1555555;
  x = (x | (x >>> 1)) & 0x33333333;
  x = (x | (x >>> 2)) & 0x0f0f0f0f;
  x = (x | (x >>> 4)) & 0x00ff00ff;
  return (x | (x >>> 8)) & 0xffff;
}

/** The square of a place. The far edges of the map give a row or column of `2^step`, as in Redis. */
export function squareOf({ longitude, latitude }: Place, step: number): Square {
  const scale = 2 ** step;
  const row = Math.floor(((latitude - LATITUDE_MIN) / (LATITUDE_MAX - LATITUDE_MIN)) * scale);
  const column = Math.floor(((longitude - LONGITUDE_MIN) / (LONGITUDE_MAX - LONGITUDE_MIN)) * scale);
  return { step, column, row };
}

/** The interleaved bits of a square: `2 * step` of them. */
export function squareBits({ column, row }: Square): number {
  const low = spread(row & 0x1fff) + spread(column & 0x1fff) * 2;
  const high = spread(row >>> 13) + spread(column >>> 13) * 2;
  return high * TWO_26 + low;
}

export function placeScore(place: Place): number {
  return squareBits(squareOf(place, FINEST_STEP));
}

/** The score range `[min, max)` of the places in a square. */
export function squareScores(square: Square): [min: number, max: number] {
  const bits = squareBits(square);
  const scale = 4 ** (FINEST_STEP - square.step);
  return [bits * scale, (bits + 1) * scale];
}

export function areaOf({ step, column, row }: Square): Area {
  const scale = 2 ** step;
  const width = LONGITUDE_MAX - LONGITUDE_MIN;
  const height = LATITUDE_MAX - LATITUDE_MIN;
  // Of a score that is no place the numbers may have 32 bits, and the next one may be 0.
  const nextRow = (row + 1) % 2 ** 32;
  const nextColumn = (column + 1) % 2 ** 32;
  return {
    minLatitude: LATITUDE_MIN + (row / scale) * height,
    maxLatitude: LATITUDE_MIN + (nextRow / scale) * height,
    minLongitude: LONGITUDE_MIN + (column / scale) * width,
    maxLongitude: LONGITUDE_MIN + (nextColumn / scale) * width,
  };
}

/** Column and row of any score: one that is no place is read as the processor turns doubles into 64 bits. */
function squareOfScore(score: number): Square {
  if (score >= 0 && score < 2 ** 52) {
    const bits = Math.floor(score);
    const high = Math.floor(bits / TWO_26);
    const low = bits % TWO_26;
    return {
      step: FINEST_STEP,
      row: gather(high) * 8192 + gather(low),
      column: gather(high >>> 1) * 8192 + gather(low >>> 1),
    };
  }
  const bits = Number.isFinite(score) && score < 2 ** 64 ? BigInt(Math.trunc(score)) : score < 0 ? 1n << 63n : 0n;
  const word = score < -(2 ** 63) ? 1n << 63n : BigInt.asUintN(64, bits);
  let row = 0;
  let column = 0;
  for (let bit = 31n; bit >= 0n; bit--) {
    row = row * 2 + Number((word >> (2n * bit)) & 1n);
    column = column * 2 + Number((word >> (2n * bit + 1n)) & 1n);
  }
  return { step: FINEST_STEP, column, row };
}

/** The middle of the square that a score stands for. */
export function scorePlace(score: number): Place {
  const area = areaOf(squareOfScore(score));
  const longitude = (area.minLongitude + area.maxLongitude) / 2;
  const latitude = (area.minLatitude + area.maxLatitude) / 2;
  return {
    longitude: Math.min(LONGITUDE_MAX, Math.max(LONGITUDE_MIN, longitude)),
    latitude: Math.min(LATITUDE_MAX, Math.max(LATITUDE_MIN, latitude)),
  };
}

/** The neighbour so many columns to the east and rows to the north; the map goes on at the other side. */
export function neighbour({ step, column, row }: Square, east: number, north: number): Square {
  const size = 2 ** step;
  return {
    step,
    column: east === 0 ? column : (column + east + size) % size,
    row: north === 0 ? row : (row + north + size) % size,
  };
}

const ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz";

/** The standard geohash of a place, 11 characters, of which the last is always 0 for want of bits. */
export function standardGeohash({ longitude, latitude }: Place): string {
  const row = Math.floor(((latitude + 90) / 180) * TWO_26);
  const column = Math.floor(((longitude + 180) / 360) * TWO_26);
  const bits = squareBits({ step: FINEST_STEP, column, row });
  let text = "";
  for (let shift = 47; shift >= 2; shift -= 5) text += ALPHABET[Math.floor(bits / 2 ** shift) % 32];
  return `${text}0`;
}
