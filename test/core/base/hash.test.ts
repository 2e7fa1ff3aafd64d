import t from "tap";
import { Hasher } from "../../../packages/core/src/base/hash.ts";

const SEED = Buffer.from("000102030405060708090a0b0c0d0e0f", "hex");

function hash(hasher: Hasher, bytes: Uint8Array, start = 0, end = bytes.length): string {
  hasher.hash(bytes, start, end);
  return hasher.hi.toString(16).padStart(8, "0") + hasher.lo.toString(16).padStart(8, "0");
}

t.test("values that are stored never change", async (t) => {
  const hasher = new Hasher(SEED);
  const expected: [string, string][] = [
    ["", "6258fdded9e7ff65"],
    ["a", "4994e96ee6f7ac4f"],
    ["abc", "a265832cc4b4bd3d"],
    ["abcd", "4cc3a3959a7ca401"],
    ["user:1000", "b97e5630ec792ec2"],
    ["0123456789abcdef", "762eff097634dec1"],
  ];
  for (const [text, value] of expected) t.equal(hash(hasher, Buffer.from(text)), value, text);
});

t.test("content, length and seed count; the place does not", async (t) => {
  const hasher = new Hasher(SEED);
  const seen = new Set<string>();
  for (let length = 0; length < 300; length++) seen.add(hash(hasher, Buffer.alloc(length)));
  t.equal(seen.size, 300);
  const bytes = Buffer.from("xxhello worldyy");
  t.equal(hash(hasher, bytes, 2, 13), hash(hasher, Buffer.from("hello world")));
  const other = Buffer.from(SEED);
  for (let bit = 0; bit < 128; bit++) {
    other[bit >> 3] = (other[bit >> 3] as number) ^ (1 << (bit & 7));
    seen.add(hash(new Hasher(other), bytes));
    SEED.copy(other);
  }
  t.equal(seen.size, 428, "every bit of the seed changes the result");
  t.throws(() => new Hasher(Buffer.alloc(15)), RangeError);
});

t.test("every input bit flips every output bit half of the time", async (t) => {
  const hasher = new Hasher(SEED);
  const tries = 1000;
  let worst = 0;
  for (const length of [8, 13, 16]) {
    const bytes = Buffer.alloc(length);
    for (let bit = 0; bit < length * 8; bit++) {
      const flips = new Uint32Array(64);
      for (let k = 0; k < tries; k++) {
        for (let i = 0; i < length; i++) bytes[i] = Math.random() * 256;
        hasher.hash(bytes, 0, length);
        const { hi, lo } = hasher;
        bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
        hasher.hash(bytes, 0, length);
        for (let j = 0; j < 32; j++) {
          flips[j] = (flips[j] as number) + (((hi ^ hasher.hi) >>> j) & 1);
          flips[32 + j] = (flips[32 + j] as number) + (((lo ^ hasher.lo) >>> j) & 1);
        }
      }
      for (const count of flips) worst = Math.max(worst, Math.abs(count / tries - 0.5));
    }
  }
  // One standard deviation is 0.016; 19000 samples stay within six.
  t.ok(worst < 0.1, `worst bias ${worst}`);
});

t.test("similar keys spread evenly over buckets", async (t) => {
  const hasher = new Hasher(SEED);
  for (const part of ["hi", "lo"] as const) {
    const buckets = new Uint32Array(1024);
    const keys = 200_000;
    for (let i = 0; i < keys; i++) {
      const key = Buffer.from(`key:${i}`);
      hasher.hash(key, 0, key.length);
      const bucket = hasher[part] & 1023;
      buckets[bucket] = (buckets[bucket] as number) + 1;
    }
    let chiSquare = 0;
    for (const count of buckets) chiSquare += (count - keys / 1024) ** 2 / (keys / 1024);
    // 1023 degrees of freedom: mean 1023, deviation 45.
    t.ok(chiSquare > 750 && chiSquare < 1300, `${part}: chi square ${chiSquare}`);
  }
});
