import t from "tap";
import { exactAsin, exactCos, exactSin } from "../../../packages/core/src/base/exact-trig.ts";
import { SeededRandom } from "../../support/seeded-random.ts";

/** Sine and cosine of a double to 60 digits, as fixed-point numbers with 200 bits. */
const BITS = 200n;
function fixed(x: number): bigint {
  return BigInt(x * 2 ** 80) << (BITS - 80n);
}
function series(x: number, first: bigint): bigint {
  const angle = fixed(x);
  let sum = 0n;
  let term = first === 0n ? 1n << BITS : angle;
  for (let n = first; term !== 0n; n += 2n) {
    sum += term;
    term = -((((term * angle) >> BITS) * angle) >> BITS) / ((n + 1n) * (n + 2n));
    if (term === -1n) break;
  }
  return sum;
}
/** Whether no other double is nearer to the exact value. */
function isNearest(result: number, exact: bigint): boolean {
  const ulp = 2 ** (Math.floor(Math.log2(Math.abs(result))) - 52);
  const scaled = (BigInt(Math.round(result / ulp)) << BITS) * 1n;
  const distance = scaled - exact * BigInt(1 / ulp);
  return (distance < 0n ? -distance : distance) <= (1n << (BITS - 1n)) + (1n << (BITS - 12n));
}

t.test("nearest doubles", async (t) => {
  const random = new SeededRandom(3);
  let wrong = 0;
  for (let i = 0; i < 3000; i++) {
    const x = (random.next() * 2 - 1) * Math.PI * 0.9;
    if (Math.abs(x) > 1e-4 && !isNearest(exactSin(x), series(x, 1n))) wrong++;
    const y = (random.next() * 2 - 1) * 1.5;
    if (!isNearest(exactCos(y), series(y, 0n))) wrong++;
  }
  t.equal(wrong, 0);
});

t.test("values that are known, and symmetry", async (t) => {
  t.equal(exactSin(0), 0);
  t.equal(exactSin(Math.PI), 1.2246467991473532e-16);
  t.equal(exactSin(Math.PI / 2), 1);
  t.equal(exactSin(-0.5), -exactSin(0.5));
  t.equal(exactCos(0), 1);
  t.equal(exactCos(-1), exactCos(1));
  t.equal(exactAsin(0), 0);
  t.equal(exactAsin(1), Math.PI / 2);
  for (let i = 1; i < 100; i++) t.ok(Math.abs(exactAsin(i / 100) - Math.asin(i / 100)) <= 2.3e-16);
});
