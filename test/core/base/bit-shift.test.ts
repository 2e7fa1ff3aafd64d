import t from "tap";
import { shiftBits, shiftedLength } from "../../../packages/core/src/base/bit-shift.ts";

function shift(src: Buffer, by: number): Buffer {
  const dest = Buffer.alloc(shiftedLength(src.length, by), 0xaa);
  shiftBits(dest, 0, src, by, 0, dest.length);
  return dest;
}

function toNumber(buf: Buffer): bigint {
  return buf.length === 0 ? 0n : BigInt(`0x${Buffer.from(buf).reverse().toString("hex")}`);
}

t.test("shifts a little-endian number", async (t) => {
  t.equal(shift(Buffer.from("abcd"), 8).toString("latin1"), "\0abcd");
  t.equal(shift(Buffer.from("abcd"), -8).toString("latin1"), "bcd");
  t.equal(shift(Buffer.from("abcd"), 0).toString(), "abcd");
  t.same([...shift(Buffer.from([0x81]), 1)], [0x02, 0x01]);
  t.same([...shift(Buffer.from([0x02, 0x01]), -1)], [0x81, 0x00]);
  t.equal(shift(Buffer.from("abcd"), -32).length, 0);
  t.equal(shift(Buffer.from("abcd"), -1000).length, 0);
  t.same([...shift(Buffer.alloc(0), 9)], [0, 0]);
});

t.test("any amount, in pieces too", async (t) => {
  for (let i = 0; i < 500; i++) {
    const src = Buffer.from(Array.from({ length: i % 20 }, () => Math.random() * 256));
    const by = Math.floor(Math.random() * 200 - 100);
    const all = shift(src, by);
    const value = by >= 0 ? toNumber(src) << BigInt(by) : toNumber(src) >> BigInt(-by);
    if (toNumber(all) !== value) t.fail(`${src.toString("hex")} by ${by}`);
    const middle = Math.floor(Math.random() * (all.length + 1));
    const pieces = Buffer.alloc(all.length + 2);
    shiftBits(pieces, 1 + middle, src, by, middle, all.length);
    shiftBits(pieces, 1, src, by, 0, middle);
    if (!pieces.subarray(1, 1 + all.length).equals(all)) t.fail(`pieces of ${src.toString("hex")} by ${by}`);
  }
});
