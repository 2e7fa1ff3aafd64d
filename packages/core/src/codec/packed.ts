/**
 * Parts of packed payloads. Lengths are varints: seven bits per byte, low bits first, the top bit set on all bytes but the
 * last.
 */

/** Bytes that `writeVarint` needs for `n` (0 to 2^31 - 1). */
export function varintSize(n: number): number {
  return n < 0x80 ? 1 : n < 0x4000 ? 2 : n < 0x20_0000 ? 3 : n < 0x1000_0000 ? 4 : 5;
}

/** Writes `n` at `at` and returns the position behind it. */
export function writeVarint(b: Uint8Array, at: number, n: number): number {
  let rest = n;
  let p = at;
  while (rest >= 0x80) {
    b[p++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  b[p++] = rest;
  return p;
}

/** The number at `at`; `varintSize` of it tells where it ends, since only the shortest form is written. */
export function readVarint(b: Uint8Array, at: number): number {
  let byte = b[at] as number;
  if (byte < 0x80) return byte;
  let n = byte & 0x7f;
  for (let p = at + 1, shift = 7; ; p++, shift += 7) {
    byte = b[p] as number;
    n |= (byte & 0x7f) << shift;
    if (byte < 0x80) return n;
  }
}

/** From here on the native copy is cheaper than a loop. */
const NATIVE_COPY_MIN = 48;

/** Copies `from[start..end)` to `to[at..]` and returns the position behind it. */
export function copyBytes(from: Buffer, start: number, end: number, to: Buffer, at: number): number {
  const length = end - start;
  if (length > NATIVE_COPY_MIN) from.copy(to, at, start, end);
  else for (let i = start, p = at; i < end; i++, p++) to[p] = from[i] as number;
  return at + length;
}

/** Whether `a[aStart..aStart + length)` and `b[bStart..]` hold the same bytes. */
export function equalBytes(a: Uint8Array, aStart: number, b: Uint8Array, bStart: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[aStart + i] !== b[bStart + i]) return false;
  return true;
}

/** Makes `b[from..to)` `size` bytes long, moving what is behind it up to `end`; returns the new end. */
export function resizeRange(b: Buffer, from: number, to: number, size: number, end: number): number {
  if (from + size !== to) b.copyWithin(from + size, to, end);
  return end + size - (to - from);
}
