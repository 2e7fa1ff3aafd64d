/**
 * What an element says to a HyperLogLog: which register it belongs to, and how long a run of zeros its hash shows. The
 * hash is MurmurHash64A with Redis' seed; values of Redis depend on it. In 32-bit halves, so that no bigint is made.
 */

const M_HIGH = 0xc6a4a793;
const M_LOW = 0x5bd1e995;
const M_LOW_0 = M_LOW & 0xffff;
const M_LOW_1 = M_LOW >>> 16;
const SEED = 0xadc83b19;
/** Bits of the hash that choose the register. */
const INDEX_BITS = 14;
/** Set above the bits that are counted, so that the run of zeros ends. */
const STOP = 1 << (50 - 32);

/** Upper half of the product of a 32-bit number and M_LOW. */
function highProduct(a: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const middle = a1 * M_LOW_0 + ((a0 * M_LOW_0) >>> 16);
  return a1 * M_LOW_1 + (middle >>> 16) + (((middle & 0xffff) + a0 * M_LOW_1) >>> 16);
}

/** Upper half of `high:low` times M, modulo 2^64; the lower half is Math.imul(low, M_LOW). */
function timesHigh(high: number, low: number): number {
  return (highProduct(low) + Math.imul(high, M_LOW) + Math.imul(low, M_HIGH)) | 0;
}

function word(b: Uint8Array, at: number): number {
  return (
    (b[at] as number) | ((b[at + 1] as number) << 8) | ((b[at + 2] as number) << 16) | ((b[at + 3] as number) << 24)
  );
}

/** The register (low 14 bits) and the length of the run, its 1 bit included (above them), of element `b[start..end)`. */
export function elementPattern(b: Uint8Array, start: number, end: number): number {
  const length = end - start;
  let high = timesHigh(0, length);
  let low = Math.imul(length, M_LOW) ^ SEED;
  let p = start;
  for (const stop = end - (length & 7); p < stop; p += 8) {
    let kLow = word(b, p);
    let kHigh = word(b, p + 4);
    kHigh = timesHigh(kHigh, kLow);
    kLow = Math.imul(kLow, M_LOW);
    kLow ^= kHigh >>> 15;
    kHigh = timesHigh(kHigh, kLow);
    kLow = Math.imul(kLow, M_LOW);
    high ^= kHigh;
    low ^= kLow;
    high = timesHigh(high, low);
    low = Math.imul(low, M_LOW);
  }
  if (p < end) {
    for (let i = 0; p + i < end; i++) {
      const byte = b[p + i] as number;
      if (i < 4) low ^= byte << (8 * i);
      else high ^= byte << (8 * (i - 4));
    }
    high = timesHigh(high, low);
    low = Math.imul(low, M_LOW);
  }
  low ^= high >>> 15;
  high = timesHigh(high, low);
  low = Math.imul(low, M_LOW);
  low ^= high >>> 15;
  const restLow = (low >>> INDEX_BITS) | (high << (32 - INDEX_BITS));
  const restHigh = (high >>> INDEX_BITS) | STOP;
  const run = restLow === 0 ? 33 + trailingZeros(restHigh) : 1 + trailingZeros(restLow);
  return (run << INDEX_BITS) | (low & ((1 << INDEX_BITS) - 1));
}

function trailingZeros(n: number): number {
  return 31 - Math.clz32(n & -n);
}
