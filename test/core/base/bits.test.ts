import t from "tap";
import {
  bitpos,
  combineBits,
  findBit,
  invertBits,
  popcount,
  popcountBits,
  resolveBitRange,
} from "../../../packages/core/src/base/bits.ts";

function random(length: number): Buffer {
  const fill = Math.random() * 3;
  return Buffer.from(Array.from({ length }, () => (fill < 1 ? 0 : fill < 2 ? 255 : Math.random() * 256)));
}

function bitAt(buf: Uint8Array, bit: number): number {
  return ((buf[bit >> 3] as number) >> (7 - (bit & 7))) & 1;
}

t.test("counting and searching agree with a bit-by-bit walk", async (t) => {
  for (let i = 0; i < 600; i++) {
    const buf = random(1 + Math.floor(Math.random() * (i % 3 === 0 ? 700 : 20)));
    for (let k = 0; k < 3; k++) buf[Math.floor(Math.random() * buf.length)] = Math.random() * 256;
    const first = Math.floor(Math.random() * buf.length * 8);
    const last = first + Math.floor(Math.random() * (buf.length * 8 - first));
    let count = 0;
    const found = [-1, -1];
    for (let bit = last; bit >= first; bit--) {
      const value = bitAt(buf, bit);
      count += value;
      found[value] = bit;
    }
    if (popcountBits(buf, first, last) !== count) t.fail(`count ${buf.toString("hex")} ${first} ${last}`);
    if (findBit(buf, first, last, 0) !== found[0]) t.fail(`clear in ${buf.toString("hex")} ${first} ${last}`);
    if (findBit(buf, first, last, 1) !== found[1]) t.fail(`set in ${buf.toString("hex")} ${first} ${last}`);
  }
  t.equal(popcount(Buffer.alloc(1000, 0xff), 1, 999), 7984);
  t.equal(popcountBits(Buffer.from([255]), 5, 4), 0);
  t.equal(findBit(Buffer.from([255]), 5, 4, 1), -1);
});

t.test("ranges of clients", async (t) => {
  const empty = { first: 0, last: -1 };
  t.same(resolveBitRange(0, -1, 3, "byte"), { first: 0, last: 23 });
  t.same(resolveBitRange(-2, -1, 3, "byte"), { first: 8, last: 23 });
  t.same(resolveBitRange(1, 99, 3, "byte"), { first: 8, last: 23 });
  t.same(resolveBitRange(-99, 0, 3, "byte"), { first: 0, last: 7 });
  t.same(resolveBitRange(5, 30, 3, "bit"), { first: 5, last: 23 });
  t.same(resolveBitRange(-3, -2, 3, "bit"), { first: 21, last: 22 });
  t.same(resolveBitRange(3, 5, 3, "byte"), empty);
  t.same(resolveBitRange(2, 1, 3, "byte"), empty);
  t.same(resolveBitRange(0, -1, 0, "byte"), empty);
  t.same(resolveBitRange(-(2 ** 63), 2 ** 63, 3, "byte"), { first: 0, last: 23 });
});

t.test("BITPOS: a clear bit behind the string only without an end", async (t) => {
  const ones = Buffer.from([255, 255]);
  const whole = resolveBitRange(0, -1, 2, "byte");
  t.equal(bitpos(ones, whole, 0, false), 16);
  t.equal(bitpos(ones, whole, 0, true), -1);
  t.equal(bitpos(ones, resolveBitRange(1, -1, 2, "byte"), 1, false), 8);
  t.equal(bitpos(Buffer.from([0, 0]), whole, 1, false), -1);
  t.equal(bitpos(ones, resolveBitRange(2, -1, 2, "byte"), 0, false), -1, "an empty range has no bits");
});

t.test("AND, OR, XOR, NOT on ranges", async (t) => {
  for (const length of [0, 1, 7, 255, 256, 259, 1000]) {
    const src = random(length + 5);
    const base = random(length + 9);
    for (const op of ["and", "or", "xor"] as const) {
      const dest = Buffer.from(base);
      combineBits(op, dest, 3, src, 5, 5 + length);
      for (let i = 0; i < base.length; i++) {
        const a = base[i] as number;
        const b = src[i + 2] as number;
        const inside = i >= 3 && i < 3 + length;
        const expected = !inside ? a : op === "and" ? a & b : op === "or" ? a | b : a ^ b;
        if (dest[i] !== expected) t.fail(`${op} ${length} at ${i}`);
      }
    }
    const inverted = Buffer.from(base);
    invertBits(inverted, 2, src, 1, 1 + length);
    for (let i = 0; i < base.length; i++) {
      const inside = i >= 2 && i < 2 + length;
      if (inverted[i] !== (inside ? ~(src[i - 1] as number) & 255 : base[i])) t.fail(`not ${length} at ${i}`);
    }
  }
});
