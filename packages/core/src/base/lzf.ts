/** LZF, the compression of strings in RDB payloads: decompression. */

/**
 * The `size` bytes that `source` holds, or null when it is damaged. A control byte below 32 is followed by that many
 * literal bytes and one; else it refers back: length in its upper 3 bits, distance in the lower 5 and the next byte.
 */
export function lzfDecompress(source: Uint8Array, size: number): Buffer | null {
  const out = Buffer.allocUnsafe(size);
  let from = 0;
  let to = 0;
  while (from < source.length) {
    const control = source[from++] as number;
    if (control < 32) {
      const length = control + 1;
      if (from + length > source.length || to + length > size) return null;
      out.set(source.subarray(from, from + length), to);
      from += length;
      to += length;
      continue;
    }
    let length = control >> 5;
    if (length === 7) length += source[from++] ?? Number.NaN;
    const back = to - ((control & 31) << 8) - (source[from++] ?? Number.NaN) - 1;
    length += 2;
    if (!(back >= 0) || !(to + length <= size)) return null;
    // Byte by byte: the two ranges may overlap.
    for (let i = 0; i < length; i++) out[to + i] = out[back + i] as number;
    to += length;
  }
  return to === size ? out : null;
}
