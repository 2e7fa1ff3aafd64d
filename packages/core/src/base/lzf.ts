/** LZF, the compression of strings in RDB payloads. */

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

const HASH_BITS = 14;
const LITERALS_MAX = 32;
const DISTANCE_MAX = 8192;
const MATCH_MAX = 264;
/** Where three bytes with a hash were last seen, counted on over all calls, so that nothing has to be cleared. */
const seen = new Float64Array(1 << HASH_BITS);
let origin = 1;

function hashOf(b: Uint8Array, at: number): number {
  const three = ((b[at] as number) << 16) | ((b[at + 1] as number) << 8) | (b[at + 2] as number);
  return Math.imul(three, 0x9e3779b1) >>> (32 - HASH_BITS);
}

/** `source[start..end)` in at most `room` bytes; null when that is not possible. */
export function lzfCompress(source: Uint8Array, start: number, end: number, room: number): Buffer | null {
  // A run of literals may pass the end before it is noticed.
  const out = Buffer.allocUnsafe(room + LITERALS_MAX + 4);
  const base = origin - start;
  origin += end - start + DISTANCE_MAX;
  let to = 1;
  let literals = 0;
  let at = start;
  const endLiterals = (): void => {
    if (literals === 0) to--;
    else out[to - literals - 1] = literals - 1;
    literals = 0;
  };
  while (at < end) {
    if (to > room) return null;
    let length = 0;
    if (at + 2 < end) {
      const hash = hashOf(source, at);
      const back = (seen[hash] as number) - base;
      seen[hash] = at + base;
      if (back >= start && at - back <= DISTANCE_MAX) {
        const most = Math.min(end - at, MATCH_MAX);
        while (length < most && source[back + length] === source[at + length]) length++;
      }
      if (length >= 3) {
        endLiterals();
        const distance = at - back - 1;
        const coded = length - 2;
        out[to++] = (Math.min(coded, 7) << 5) | (distance >> 8);
        if (coded >= 7) out[to++] = coded - 7;
        out[to++] = distance & 255;
        // The control byte of the literals to come.
        to++;
        for (const next = at + length; ++at < next; ) if (at + 2 < end) seen[hashOf(source, at)] = at + base;
        continue;
      }
    }
    out[to++] = source[at++] as number;
    if (++literals === LITERALS_MAX) {
      endLiterals();
      to++;
    }
  }
  endLiterals();
  return to <= room ? out.subarray(0, to) : null;
}
