import t from "tap";
import {
  type BitfieldOverflow,
  type BitfieldType,
  bitfieldGet,
  bitfieldIncrBy,
  bitfieldSet,
  type Int64,
  parseBitfieldType,
} from "../../../packages/core/src/base/bitfield.ts";

function type(text: string): BitfieldType {
  const parsed = tryType(text);
  if (parsed === null) throw new Error(`bad type ${text}`);
  return parsed;
}

function tryType(text: string): BitfieldType | null {
  const buf = Buffer.from(`x${text}9`);
  return parseBitfieldType(buf, 1, buf.length - 1);
}

t.test("types", async (t) => {
  t.same(tryType("i64"), { signed: true, bits: 64 });
  t.same(tryType("u1"), { signed: false, bits: 1 });
  for (const text of ["", "i", "u", "i0", "i65", "u64", "u063", "u-1", "x8", "I8", "i 8", "i100", "8"]) {
    t.equal(tryType(text), null, JSON.stringify(text));
  }
});

t.test("limits of each width", async (t) => {
  for (let bits = 1; bits <= 64; bits++) {
    for (const signed of bits === 64 ? [true] : [true, false]) {
      const buf = Buffer.alloc(20);
      const kind = { signed, bits };
      const max = signed ? 2n ** BigInt(bits - 1) - 1n : 2n ** BigInt(bits) - 1n;
      const min = signed ? -max - 1n : 0n;
      bitfieldSet(buf, 13, kind, max, "fail");
      t.equal(BigInt(bitfieldGet(buf, 20, 13, kind)), max, `max of ${bits}`);
      t.equal(bitfieldIncrBy(buf, 13, kind, 1, "fail").reply, null);
      t.equal(BigInt(bitfieldIncrBy(buf, 13, kind, 5, "sat").reply ?? 99n), max);
      t.equal(BigInt(bitfieldIncrBy(buf, 13, kind, 1, "wrap").reply ?? 99n), min);
      t.equal(bitfieldIncrBy(buf, 13, kind, -1, "fail").reply, null);
      t.equal(BigInt(bitfieldIncrBy(buf, 13, kind, -1, "sat").reply ?? 99n), min);
      t.equal(BigInt(bitfieldIncrBy(buf, 13, kind, -1, "wrap").reply ?? 99n), max);
    }
  }
});

t.test("neighbours stay as they are, and what is unchanged says so", async (t) => {
  const buf = Buffer.alloc(4, 0xff);
  t.same(bitfieldSet(buf, 5, type("u7"), 0, "wrap"), { reply: 127, changed: true });
  t.equal(buf.toString("hex"), "f80fffff");
  t.same(bitfieldSet(buf, 5, type("u7"), 128, "wrap"), { reply: 0, changed: false });
  t.same(bitfieldIncrBy(buf, 0, type("i5"), 0, "wrap"), { reply: -1, changed: false });
  t.same(bitfieldSet(buf, 0, type("i8"), 300, "fail"), { reply: null, changed: false });
});

t.test("bits behind the end are 0", async (t) => {
  const buf = Buffer.from([0xff, 0xff]);
  t.equal(bitfieldGet(buf, 1, 4, type("u8")), 0xf0);
  t.equal(bitfieldGet(buf, 2, 2 ** 32, type("u8")), 0);
  t.equal(bitfieldGet(buf, 2, 0, type("i64")), -(2 ** 48));
});

t.test("SET and sat: Redis' idea of above", async (t) => {
  const buf = Buffer.alloc(8);
  bitfieldSet(buf, 0, type("u8"), -1, "sat");
  t.equal(bitfieldGet(buf, 8, 0, type("u8")), 255, "a negative value is a huge unsigned one");
  bitfieldSet(buf, 0, type("i8"), -200, "sat");
  t.equal(bitfieldGet(buf, 8, 0, type("i8")), -128);
  bitfieldSet(buf, 0, type("i8"), -(2n ** 63n), "sat");
  t.equal(bitfieldGet(buf, 8, 0, type("i8")), 127, "the distance to the maximum wraps");
});

t.test("against the definition on bigints", async (t) => {
  const buf = Buffer.alloc(32);
  let field = 0n;
  const width = 256n;
  for (let i = 0; i < 20_000; i++) {
    const signed = i % 2 === 0;
    const bits = 1 + Math.floor(Math.random() * (signed ? 64 : 63));
    const offset = Math.floor(Math.random() * (256 - bits));
    const increment = BigInt.asIntN(64, BigInt(Math.floor(Math.random() * 2 ** 53)) << BigInt(i % 64));
    const low = width - BigInt(offset + bits);
    const mask = (1n << BigInt(bits)) - 1n;
    const raw = (field >> low) & mask;
    const old = signed ? BigInt.asIntN(bits, raw) : raw;
    const overflow = (["wrap", "sat", "fail"] as const)[i % 3] as BitfieldOverflow;
    const expected = increase(old, increment, signed, bits, overflow);
    const { reply } = bitfieldIncrBy(buf, offset, { signed, bits }, narrow(increment), overflow);
    if (reply !== (expected === null ? null : narrow(expected))) t.fail(`${i}: ${old} + ${increment} gave ${reply}`);
    if (expected !== null) field = (field & ~(mask << low)) | ((expected & mask) << low);
    if (i % 100 === 0) t.equal(BigInt(`0x${buf.toString("hex")}`), field);
  }
});

function narrow(n: bigint): Int64 {
  return n < 2n ** 53n && n > -(2n ** 53n) ? Number(n) : n;
}

function increase(old: bigint, by: bigint, signed: boolean, bits: number, overflow: BitfieldOverflow): bigint | null {
  const max = signed ? 2n ** BigInt(bits - 1) - 1n : 2n ** BigInt(bits) - 1n;
  const min = signed ? -max - 1n : 0n;
  const sum = old + by;
  if (sum >= min && sum <= max) return sum;
  if (overflow === "fail") return null;
  if (overflow === "sat") return sum > max ? max : min;
  return signed ? BigInt.asIntN(bits, sum) : BigInt.asUintN(bits, sum);
}
