import t from "tap";
import { Rand48, randomBelow, randomHexId } from "../../../packages/core/src/base/random.ts";

t.test("the drand48 sequence", async (t) => {
  // The definition on bigints.
  for (const seed of [0, 1, -1, 0x7fffffff, 123456789, -2147483648]) {
    const random = new Rand48(seed);
    let state = (BigInt.asUintN(32, BigInt(seed)) << 16n) | 0x330en;
    for (let i = 0; i < 1000; i++) {
      state = (state * 0x5deece66dn + 0xbn) & 0xffff_ffff_ffffn;
      if (random.next() !== Number(state >> 17n)) t.fail(`seed ${seed}, value ${i}`);
    }
  }
});

t.test("what Redis scripts see with seed 1", async (t) => {
  const random = new Rand48(1);
  const fraction = () => (random.next() % 0x7fffffff) / 0x7fffffff;
  t.equal(Math.floor(fraction() * 10) + 1, 1);
  t.equal(Math.floor(fraction() * 100) + 1, 46);
  t.equal(fraction().toPrecision(14), "0.83481721851733");
  random.seed(1);
  t.equal(random.next(), new Rand48(1).next(), "seeding starts anew");
});

t.test("uniform integers", async (t) => {
  const counts = new Uint32Array(10);
  for (let i = 0; i < 100_000; i++) {
    const n = randomBelow(10);
    counts[n] = (counts[n] as number) + 1;
  }
  for (const count of counts) t.ok(count > 9400 && count < 10_600, `${count} of 100000`);
  t.equal(randomBelow(1), 0);
});

t.test("ids", async (t) => {
  t.match(randomHexId(40), /^[0-9a-f]{40}$/);
  t.equal(randomHexId(7).length, 7);
  t.not(randomHexId(40), randomHexId(40));
});
