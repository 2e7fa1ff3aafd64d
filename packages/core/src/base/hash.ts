/**
 * A keyed 64-bit hash of byte ranges for hash-ordered keys and tables: SipHash's construction on 32-bit words (the
 * rounds of HalfSipHash, one per word and three at the end) under a 128-bit seed, so that a client who does not know
 * the seed cannot construct collisions. A call allocates nothing: the two halves of the result stay in the hasher.
 *
 * The results are stored in files: the function must never change.
 */
export class Hasher {
  /** Upper and lower half of the last result. A typed array, as fields would box values above 2^31. */
  readonly #result = new Uint32Array(2);
  readonly #k0: number;
  readonly #k1: number;
  readonly #k2: number;
  readonly #k3: number;

  /** `seed`: 16 random bytes, the same in every process that shares the hashes. */
  constructor(seed: Uint8Array) {
    if (seed.length !== 16) throw new RangeError("a hash seed has 16 bytes");
    this.#k0 = readWord(seed, 0);
    this.#k1 = readWord(seed, 4);
    this.#k2 = readWord(seed, 8) ^ 0x6c79_6765;
    this.#k3 = readWord(seed, 12) ^ 0x7465_6462;
  }

  /** Upper 32 bits of the last result, unsigned. */
  get hi(): number {
    return this.#result[0] as number;
  }

  /** Lower 32 bits of the last result, unsigned. */
  get lo(): number {
    return this.#result[1] as number;
  }

  /** Hashes `buf[start..end)` into `hi` and `lo`. Only the content and its length count, not where it lies. */
  hash(buf: Uint8Array, start: number, end: number): void {
    let v0 = this.#k0;
    let v1 = this.#k1;
    let v2 = this.#k2;
    let v3 = this.#k3;
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
    this.#result[0] = v0 ^ v2;
    this.#result[1] = v1 ^ v3;
  }
}

function readWord(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}
