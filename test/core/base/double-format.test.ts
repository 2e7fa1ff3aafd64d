import t from "tap";
import { formatDouble, MAX_DOUBLE_CHARS, writeDouble } from "../../../packages/core/src/base/double-format.ts";

t.test("special values and integers", async (t) => {
  const cases: [number, string][] = [
    [0, "0"],
    [-0, "-0"],
    [NaN, "nan"],
    [Infinity, "inf"],
    [-Infinity, "-inf"],
    [-17, "-17"],
    [2 ** 53, "9007199254740992"],
    [2 ** 62, "4611686018427387904"],
    [-(2 ** 62), "-4611686018427387904"],
    [4521018710919865300, "4521018710919865344"],
    [2 ** 63, "9223372036854776000"],
    [-(2 ** 63), "-9223372036854776000"],
  ];
  for (const [value, text] of cases) t.equal(formatDouble(value), text);
});

t.test("layouts, as recorded from Redis 7.2", async (t) => {
  const texts = ["0.1", "1.5", "4.35", "123456.789", "0.00001", "0.000001", "1e-7", "1.5e-7", "1.234e-4", "1e-10"];
  texts.push("1e+21", "1e+22", "123456789012345680000", "99999999999999990000000", "1e+100", "5e+25", "5e-324");
  texts.push("0.3333333333333333", "-0.6666666666666666", "1.7976931348623157e+308", "2.2250738585072014e-308");
  for (const text of texts) t.equal(formatDouble(Number(text)), text);
});

t.test("where Grisu2 is not the shortest text", async (t) => {
  const texts = ["720437229167513.3", "5.1594251884305473e-30", "99291468861374.13", "73382481991105.37"];
  texts.push("2.4811141359995015e+5", "76439615562340.87", "131630732580563.13", "895566153824529.3");
  for (const text of texts) {
    t.equal(formatDouble(Number(text)), text);
    t.not(formatDouble(Number(text)), String(Number(text)));
  }
});

t.test("every text reads back as the same double and fits", async (t) => {
  const bits = new DataView(new ArrayBuffer(8));
  const buf = Buffer.alloc(MAX_DOUBLE_CHARS + 2, 0x78);
  let notShortest = 0;
  for (let i = 0; i < 100_000; i++) {
    bits.setUint32(0, Math.random() * 2 ** 32);
    bits.setUint32(4, Math.random() * 2 ** 32);
    const x =
      i % 3 === 0
        ? (Math.random() - 0.5) * 10 ** (i % 25)
        : i % 3 === 1
          ? 2 ** ((i % 2098) - 1074)
          : bits.getFloat64(0);
    if (!Number.isFinite(x)) continue;
    const end = writeDouble(buf, 1, x);
    const text = buf.toString("latin1", 1, end);
    if (!Object.is(Number(text), x) || end > MAX_DOUBLE_CHARS + 1) t.fail(`${x} written as ${text}`);
    if (digitCount(text) > digitCount(String(x))) notShortest++;
  }
  t.ok(notShortest < 5000, `${notShortest} of 100000 not shortest`);
  t.equal(buf[0], 0x78);
});

function digitCount(text: string): number {
  return text
    .replace(/e.*/, "")
    .replace(/[-.]/g, "")
    .replace(/^0+|0+$/g, "").length;
}
