/**
 * 64-bit counters that nearly always are safe integers: a number while it is one, a bigint beyond 2^53. Every function
 * returns the number when it can, so that `===` and `<` work on the results.
 */
import { readU32, readU64, writeU32, writeU64 } from "../codec/record.ts";

export type WideCount = number | bigint;

/** A bigint as a WideCount. */
export function narrow(n: bigint): WideCount {
  return n >= -9007199254740991n && n <= 9007199254740991n ? Number(n) : n;
}

export function wideAdd(a: WideCount, b: WideCount): WideCount {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return narrow(BigInt(a) + BigInt(b));
}

export function wideSubtract(a: WideCount, b: WideCount): WideCount {
  return wideAdd(a, -b);
}

/** Reads an unsigned 64-bit number. */
export function readWide(b: Uint8Array, at: number): WideCount {
  if (readU32(b, at) < 0x200000) return readU64(b, at);
  return (BigInt(readU32(b, at)) << 32n) | BigInt(readU32(b, at + 4));
}

/** Writes the lowest 64 bits of `n`, which is not negative. */
export function writeWide(b: Uint8Array, at: number, n: WideCount): void {
  if (typeof n === "number") {
    writeU64(b, at, n);
    return;
  }
  writeU32(b, at, Number((n >> 32n) & 0xffffffffn));
  writeU32(b, at + 4, Number(n & 0xffffffffn));
}
