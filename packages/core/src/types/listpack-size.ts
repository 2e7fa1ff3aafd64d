/** How many bytes things take in a listpack of Redis: limits and node sizes are counted in them. */
import { parseInt64, parseSafeInt } from "../base/numbers.ts";

/** Bytes of an empty listpack: its header and its end. */
export const LISTPACK_EMPTY = 7;

/** Bytes of an entry with its own length behind it, given the bytes of its content and header. */
function withBackLength(size: number): number {
  if (size <= 127) return size + 1;
  if (size < 16383) return size + 2;
  if (size < 2097151) return size + 3;
  return size < 268435455 ? size + 4 : size + 5;
}

/** Bytes of an integer entry. Beyond 2^53 a rounded number will do. */
export function listpackIntBytes(n: number): number {
  if (n >= 0 && n <= 127) return 2;
  if (n >= -4096 && n <= 4095) return 3;
  if (n >= -32768 && n <= 32767) return 4;
  if (n >= -8388608 && n <= 8388607) return 5;
  return n >= -2147483648 && n <= 2147483647 ? 6 : 10;
}

/** Bytes of the entry for `bytes[start..end)`; what reads as an int64 is held as one. */
export function listpackEntryBytes(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length <= 20) {
    const n = parseSafeInt(bytes, start, end);
    if (!Number.isNaN(n)) return listpackIntBytes(n);
    if (length >= 16 && parseInt64(bytes, start, end) !== null) return 10;
  }
  if (length < 64) return withBackLength(1 + length);
  return withBackLength(length < 4096 ? 2 + length : 5 + length);
}
