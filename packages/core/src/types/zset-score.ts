/**
 * Scores as bytes. In items of a sorted set's tree a score stands first, as eight bytes that order as the numbers do, so
 * that items `score | member` are in the order of the set. Both zeros order as one: the item of a negative zero has
 * the bytes of zero and the tree's mark.
 */
import { readU32, writeU32 } from "../codec/record.ts";

/** Bytes of a score. */
export const SCORE_BYTES = 8;

const view = new DataView(new ArrayBuffer(8));

/** Writes the ordering form of a score (not NaN). */
export function writeOrderedScore(b: Uint8Array, at: number, score: number): void {
  // Adding zero makes a negative zero a positive one.
  view.setFloat64(0, score + 0);
  const high = view.getUint32(0);
  if (high < 0x8000_0000) {
    writeU32(b, at, high | 0x8000_0000);
    writeU32(b, at + 4, view.getUint32(4));
  } else {
    writeU32(b, at, ~high);
    writeU32(b, at + 4, ~view.getUint32(4));
  }
}

/** Adds one to the number whose bytes are at `at`: the least that orders after it. */
export function nextOrderedScore(b: Uint8Array, at: number): void {
  for (let p = at + SCORE_BYTES - 1; p >= at; p--) {
    b[p] = (b[p] as number) + 1;
    if (b[p] !== 0) return;
  }
}

export function readOrderedScore(b: Uint8Array, at: number): number {
  const high = readU32(b, at);
  const low = readU32(b, at + 4);
  if (high >= 0x8000_0000) {
    view.setUint32(0, high & 0x7fff_ffff);
    view.setUint32(4, low);
  } else {
    view.setUint32(0, ~high);
    view.setUint32(4, ~low);
  }
  return view.getFloat64(0);
}

/** Writes a score as it is, signed zero included. */
export function writeScore(b: Uint8Array, at: number, score: number): void {
  view.setFloat64(0, score);
  writeU32(b, at, view.getUint32(0));
  writeU32(b, at + 4, view.getUint32(4));
}

export function readScore(b: Uint8Array, at: number): number {
  view.setUint32(0, readU32(b, at));
  view.setUint32(4, readU32(b, at + 4));
  return view.getFloat64(0);
}
