/**
 * A keyed 64-bit hash of byte ranges for hash-ordered keys and tables: SipHash's construction on 32-bit words (the
 * rounds of HalfSipHash, one per word and three at the end) under a 128-bit seed, so that a client who does not know
 * the seed cannot construct collisions. Nothing is allocated per call but the two numbers of the result.
 */

/**
 * The halves of the last result, unsigned. Read them right after the call; they are module variables because an
 * object per call would cost more than the hash of a short key.
 */
export let hashHigh = 0;
export let hashLow = 0;

/**
 * Hashes `buf[start..end)` into `hashHigh` and `hashLow`. `seed` is 16 random bytes, the same in every process that
 * shares the hashes. Ranges differ in hash by content and length alone. The result is stored in files: never change it.
 */
export function hash64(buf: Uint8Array, start: number, end: number, seed: Uint8Array): void {
  let v0 = readWord(seed, 0);
  let v1 = readWord(seed, 4);
  let v2 = readWord(seed, 8) ^ 0x6c79_6765;
  let v3 = readWord(seed, 12) ^ 0x7465_6462;
  const length = end - start;
  const tail = end - (length & 3);
  let at = start;
  for (; at < tail; at += 4) {
    const word = readWord(buf, at);
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  // The last word: up to three bytes, and the length, so that "a" and "a\0" differ.
  let last = length << 24;
  if (at < end) last |= buf[at] as number;
  if (at + 1 < end) last |= (buf[at + 1] as number) << 8;
  if (at + 2 < end) last |= (buf[at + 2] as number) << 16;
  v3 ^= last;
  for (let round = 0; round < 4; round++) {
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    // The first of the four rounds belongs to the last word.
    if (round === 0) {
      v0 ^= last;
      v2 ^= 0xee;
    }
  }
  hashHigh = (v0 ^ v2) >>> 0;
  hashLow = (v1 ^ v3) >>> 0;
}

function readWord(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}
