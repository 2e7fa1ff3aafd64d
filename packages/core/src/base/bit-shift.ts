/**
 * KeyDB's BITOP LSHIFT and RSHIFT. Unlike all other bit commands they see a string as a little-endian number: byte 0 is
 * the least significant byte, and bit 0 its least significant bit.
 */

/** Length of the result of shifting `length` bytes to the left; a negative shift goes to the right. */
export function shiftedLength(length: number, shift: number): number {
  if (shift >= 0) return length + Math.floor(shift / 8) + (shift % 8 === 0 ? 0 : 1);
  return Math.max(0, length - Math.floor(-shift / 8));
}

/**
 * Writes the bytes `from..to` of the shifted number to `dest[pos..]`, so that a large result can be produced in pieces.
 * `src` is the whole source; `shift` as in `shiftedLength`. What is shifted in is zero.
 */
export function shiftBits(
  dest: Uint8Array,
  pos: number,
  src: Uint8Array,
  shift: number,
  from: number,
  to: number,
): void {
  // A byte of the result is made of source bytes `i` (its upper part goes up) and `i - 1` (its remainder comes down).
  const bytes = Math.floor(shift / 8);
  const up = shift - bytes * 8;
  const last = src.length - 1;
  for (let at = from; at < to; at++) {
    const i = at - bytes;
    const high = i >= 0 && i <= last ? (src[i] as number) << up : 0;
    const low = i >= 1 && i <= last + 1 ? (src[i - 1] as number) >> (8 - up) : 0;
    dest[pos + at - from] = high | low;
  }
}
