import t from "tap";
import {
  addLongDouble,
  formatLongDouble,
  longDoubleFromInteger,
  parseLongDouble,
  sumShortDecimals,
} from "../../../packages/core/src/base/long-double.ts";

function parse(text: string): ReturnType<typeof parseLongDouble> {
  const buf = Buffer.from(`7${text}7`, "latin1");
  return parseLongDouble(buf, 1, buf.length - 1);
}

function sum(a: string, b: string): string | null {
  const x = parse(a);
  const y = parse(b);
  return x === null || y === null ? null : formatLongDouble(addLongDouble(x, y));
}

t.test("sums as Redis prints them", async (t) => {
  const cases: [string, string, string | null][] = [
    ["10.5", "0.1", "10.6"],
    ["5.0e3", "200", "5200"],
    ["0.1", "0.2", "0.3"],
    ["-1", "0.99999999999999999999", "0"],
    ["-0", "-0", "0"],
    ["0x1p-3", "0x.8", "0.625"],
    ["1e-18", "0", "0"],
    ["-1e-18", "0", "0"],
    ["5e-18", "0", "0"],
    ["5.1e-18", "0", "0.00000000000000001"],
    ["17179869184", "1.5", "17179869185.5"],
    ["9223372036854775807", "1", "9223372036854775808"],
    ["18446744073709551615", "0", "18446744073709551615"],
    ["18446744073709551615", "1", "18446744073709551616"],
    ["18446744073709551617", "0", "18446744073709551616"],
    ["18446744073709551619", "0", "18446744073709551620"],
    ["inf", "-inf", "nan"],
    ["inf", "1", "inf"],
    ["1", "-infinity", "-inf"],
  ];
  for (const [a, b, text] of cases) t.equal(sum(a, b), text, `${a} + ${b}`);
  t.match(sum("1e4932", "1"), /^100000000000000000000601894938796\d{4900}$/);
  t.equal(sum("1.18973149535723176505e4932", "1.18973149535723176505e4932"), "inf");
});

t.test("no long doubles", async (t) => {
  const texts = [
    "",
    " 1",
    "1 ",
    "nan",
    "abc",
    "1e",
    "0x",
    ".",
    "1e5000",
    "-1e4933",
    "1e-4951",
    "1e-999999999999",
    "1\0",
  ];
  texts.push("0x1p16384", "0x1p-16446", `0.${"1".repeat(5 * 1024 - 2)}`);
  for (const text of texts) t.equal(parse(text), null, JSON.stringify(text.slice(0, 40)));
  t.ok(parse(`0.${"1".repeat(5 * 1024 - 3)}`), "the longest text");
  for (const text of ["0x1p-16445", "3.7e-4951", "1e4932", "0e99999", "0x1p16383"]) t.ok(parse(text), text);
});

t.test("integers", async (t) => {
  for (const n of [0, 5, -5, 2n ** 63n - 1n, -(2n ** 63n), 2 ** 53]) {
    t.equal(formatLongDouble(longDoubleFromInteger(n)), `${n}`);
  }
});

t.test("the short cut agrees with the long road", async (t) => {
  let taken = 0;
  for (let i = 0; i < 50_000; i++) {
    const a = (Math.random() * 50 - 25).toFixed(i % 14);
    const b = (Math.random() * 50 - 25).toFixed(Math.floor(i / 14) % 14);
    const x = Buffer.from(`1${a}`);
    const y = Buffer.from(`11${b}`);
    const short = sumShortDecimals(x, 1, x.length, y, 2, y.length);
    if (short === null) continue;
    taken++;
    if (short !== sum(a, b)) t.fail(`${a} + ${b}: ${short}`);
  }
  t.ok(taken > 20_000, `${taken} taken`);
  for (const text of ["", "-", "1e1", "abc", "23", "0x1", ".5", "1.2.3", " 1", "0.0000000000001", "+1"]) {
    const buf = Buffer.from(text);
    t.equal(sumShortDecimals(buf, 0, buf.length, Buffer.from("1"), 0, 1), null, JSON.stringify(text));
  }
});
