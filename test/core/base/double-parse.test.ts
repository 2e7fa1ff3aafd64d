import t from "tap";
import { parseDouble, parseDoubleLax } from "../../../packages/core/src/base/double-parse.ts";

function parse(text: string): number {
  const buf = Buffer.from(`1${text}1`, "latin1");
  return parseDouble(buf, 1, buf.length - 1);
}

function parseLax(text: string): number {
  const buf = Buffer.from(`1${text}1`, "latin1");
  return parseDoubleLax(buf, 1, buf.length - 1);
}

t.test("decimal", async (t) => {
  const texts = [
    "0",
    "-0",
    "1",
    "+1",
    "5.",
    ".5",
    "-.5e1",
    "3.14",
    "1e5",
    "1E-5",
    "1e+308",
    "0.1",
    "123456789.123456789",
  ];
  texts.push("1.7976931348623157e308", "5e-324", "4.9406564584124654e-324", "2.2250738585072011e-308", "0e5000");
  texts.push("9007199254740993", "100000000000000000000000", "0.000000000000000000000000000001", "00012");
  for (const text of texts) t.equal(parse(text), Number(text), text);
  t.ok(Object.is(parse("-0"), -0), "-0 keeps its sign");
  for (let i = 0; i < 20_000; i++) {
    const x = (Math.random() - 0.5) * 10 ** Math.floor(Math.random() * 40 - 20);
    const text = i % 2 ? String(x) : x.toFixed(i % 9);
    if (!Object.is(parse(text), Number(text))) t.fail(text);
  }
});

t.test("hexadecimal", async (t) => {
  const cases: [string, number][] = [
    ["0x10", 16],
    ["-0X1.8p1", -3],
    ["0x.8", 0.5],
    ["0x1.", 1],
    ["0xfp-4", 15 / 16],
    ["0x1p-1074", 5e-324],
    ["0x1.8p-1075", 5e-324],
    ["0x1.fffffffffffffp1023", Number.MAX_VALUE],
    ["0x20000000000001", 2 ** 53],
    ["0x20000000000003", 2 ** 53 + 4],
    ["0x0p99999", 0],
  ];
  for (const [text, value] of cases) t.equal(parse(text), value, text);
});

t.test("infinities", async (t) => {
  for (const text of ["inf", "+inf", "INF", "infinity", "Infinity"]) t.equal(parse(text), Infinity, text);
  t.equal(parse("-iNf"), -Infinity);
});

t.test("no floats", async (t) => {
  const texts = [
    "",
    " 1",
    "1 ",
    "\t1",
    "nan",
    "-nan",
    "nan(1)",
    "1e",
    "1e+",
    ".",
    "-",
    "+",
    "e5",
    "1..2",
    "--1",
    "1_0",
  ];
  texts.push("0x", "0x.", "0x1p", "0xg", "infinit", "infx", "0b1", "1\0", "1,5", "0x1.8.1");
  for (const text of texts) t.ok(Number.isNaN(parse(text)), JSON.stringify(text));
});

t.test("range errors", async (t) => {
  const texts = ["1e309", "-1e400", "1e-324", "1e-99999999999999999999", "1e99999999999999999999"];
  texts.push("0x1p1024", "0x1p-1075", "0x1p-99999999999999999999", "0x1.fffffffffffff8p1023");
  for (const text of texts) t.ok(Number.isNaN(parse(text)), text);
  t.equal(parseLax("1e309"), Infinity);
  t.equal(parseLax("1e-400"), 0);
});

t.test("lax", async (t) => {
  t.equal(parseLax(""), 0);
  t.equal(parseLax(" \n1.5"), 1.5);
  t.equal(parseLax("2\0junk"), 2);
  t.equal(parseLax("-inf"), -Infinity);
  for (const text of [" ", "1 ", "nan", "x"]) t.ok(Number.isNaN(parseLax(text)), JSON.stringify(text));
});
