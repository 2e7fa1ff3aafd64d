import t from "tap";
import {
  INT64_MAX,
  INT64_MIN,
  intLength,
  parseInt64,
  parseSafeInt,
  parseUint64,
  writeBigint,
  writeInt,
} from "../../../packages/core/src/base/numbers.ts";

/** Calls a range parser on the text with other bytes around it. */
function within<T>(parse: (buf: Buffer, start: number, end: number) => T, text: string): T {
  const buf = Buffer.from(`9${text}9`, "latin1");
  return parse(buf, 1, buf.length - 1);
}

const NOT_CANONICAL = ["", "-", "+1", "01", "-0", "00", " 1", "1 ", "1a", "1.0", "0x1", "--1", "1\0", "-01", "1e3"];

t.test("canonical integers", async (t) => {
  for (const text of ["0", "1", "-1", "9", "10", "-10", "2147483648", "9007199254740991", "-9007199254740991"]) {
    t.equal(within(parseSafeInt, text), Number(text), text);
    t.equal(within(parseInt64, text), BigInt(text), text);
  }
  for (const text of NOT_CANONICAL) {
    t.ok(Number.isNaN(within(parseSafeInt, text)), JSON.stringify(text));
    t.equal(within(parseInt64, text), null, JSON.stringify(text));
  }
});

t.test("beyond the safe integers", async (t) => {
  for (const n of [2n ** 53n, -(2n ** 53n), 9999999999999999n, 10n ** 18n, INT64_MAX, INT64_MIN, INT64_MIN + 1n]) {
    t.ok(Number.isNaN(within(parseSafeInt, `${n}`)), `${n}`);
    t.equal(within(parseInt64, `${n}`), n, `${n}`);
  }
  for (const n of [INT64_MAX + 1n, INT64_MIN - 1n, 10n ** 19n, -(10n ** 19n), 10n ** 20n]) {
    t.equal(within(parseInt64, `${n}`), null, `${n}`);
  }
  t.equal(within(parseInt64, "00000000000000000001"), null, "leading zeros in a long text");
  t.equal(within(parseInt64, "922337203685477580a"), null, "a letter in a long text");
});

t.test("parseUint64 has the laxness of strtoull", async (t) => {
  const max = 2n ** 64n - 1n;
  const cases: [string, bigint | null][] = [
    ["0", 0n],
    ["18446744073709551615", max],
    ["18446744073709551616", null],
    ["007", 7n],
    ["0000000000000000000000018446744073709551615", max],
    ["  12", 12n],
    ["+5", 5n],
    ["-1", null],
    [" -1", max],
    ["-0", 0n],
    ["", null],
    [" ", null],
    ["-", null],
    ["1x", null],
    ["12\0junk", 12n],
  ];
  for (const [text, value] of cases) t.equal(within(parseUint64, text), value, JSON.stringify(text));
});

t.test("integers written", async (t) => {
  const buf = Buffer.alloc(40, 0x2a);
  const values = [0, -0, 7, -7, 99999999, 2 ** 31 - 1, 2 ** 31, 2 ** 32, -(2 ** 32), 2 ** 53 - 1, -(2 ** 53 - 1)];
  for (let power = 1; power < 2 ** 53; power *= 10) values.push(power - 1, power, -power);
  for (let i = 0; i < 20_000; i++) values.push(Math.trunc((Math.random() - 0.5) * 2 ** Math.floor(Math.random() * 54)));
  for (const n of values) {
    const end = writeInt(buf, 3, n);
    if (buf.toString("latin1", 3, end) !== String(n) || intLength(n) !== end - 3) t.fail(`${n}`);
  }
  for (const n of [0n, -5n, 2n ** 53n, INT64_MAX, INT64_MIN, 2n ** 64n - 1n, 10n ** 19n, 10n ** 16n + 1n]) {
    t.equal(buf.toString("latin1", 2, writeBigint(buf, 2, n)), `${n}`);
  }
});
