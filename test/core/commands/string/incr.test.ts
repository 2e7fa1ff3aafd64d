import t from "tap";
import { RespError } from "../../../support/run.ts";
import { checkCommon, checkWrongType, NOT_AN_INTEGER, startStrings } from "../../../support/string-client.ts";

const OVERFLOW = new RespError("ERR increment or decrement would overflow");
const MAX = 9223372036854775807n;
const MIN = -MAX - 1n;

for (const [args, missing] of [
  [["INCR", "KEY"], 1],
  [["DECR", "KEY"], -1],
  [["INCRBY", "KEY", 7], 7],
  [["DECRBY", "KEY", 7], -7],
] as const) {
  t.test(args[0], async (t) => {
    await checkCommon(t, args, missing);
    await checkWrongType(t, args);
    const { run, encoding } = await startStrings(t);
    const on = (key: string): Promise<unknown> => run(...args.map((word) => (word === "KEY" ? key : word)));
    await run("SET", "a", 100, "EX", 50);
    t.equal(await on("a"), 100 + missing);
    t.equal(await run("TTL", "a"), 50);
    t.equal(await encoding("a"), "int");
    for (const value of [
      "",
      " 1",
      "1 ",
      "+1",
      "01",
      "-0",
      "1.0",
      "abc",
      MAX + 1n,
      "1".repeat(20_000),
      "9".repeat(20),
    ]) {
      await run("SET", "a", value);
      t.same(await on("a"), NOT_AN_INTEGER, String(value).slice(0, 30));
    }
    await run("APPEND", "raw", "4");
    await run("APPEND", "raw", "2");
    t.equal(await encoding("raw"), "raw");
    t.equal(await on("raw"), 42 + missing);
    t.equal(await encoding("raw"), "int");
  });
}

t.test("exact over the whole range", async (t) => {
  const { run } = await startStrings(t);
  const starts = [
    0n,
    1n << 53n,
    (1n << 53n) - 1n,
    -(1n << 53n),
    -(1n << 53n) + 1n,
    1n << 62n,
    MAX,
    MIN,
    MAX - 1n,
    MIN + 1n,
  ];
  const steps = [
    0n,
    1n,
    -1n,
    2n,
    (1n << 53n) - 1n,
    1n << 53n,
    (1n << 53n) + 1n,
    -(1n << 53n) - 1n,
    1n << 62n,
    MAX,
    MIN,
  ];
  for (const start of starts) {
    for (const step of steps) {
      await run("SET", "a", start);
      const sum = start + step;
      const found = await run("INCRBY", "a", step);
      if (sum > MAX || sum < MIN) {
        t.same(found, OVERFLOW, `${start} + ${step}`);
        t.equal(await run("GET", "a"), String(start));
      } else {
        t.equal(BigInt(found as number), sum, `${start} + ${step}`);
        t.equal(await run("GET", "a"), String(sum));
      }
    }
  }
});

t.test("DECRBY", async (t) => {
  const { run } = await startStrings(t);
  t.same(await run("DECRBY", "a", MIN), new RespError("ERR decrement would overflow"));
  t.equal(await run("EXISTS", "a"), 0);
  t.equal(await run("DECRBY", "a", MAX), -MAX);
  t.equal(await run("DECRBY", "a", 1), MIN);
  t.same(await run("DECR", "a"), OVERFLOW);
  t.equal(await run("DECRBY", "zero", 0), 0);
  t.equal(await run("GET", "zero"), "0");
  t.same(await run("DECRBY", "a", "x"), NOT_AN_INTEGER);
  t.same(await run("INCRBY", "a", MAX + 1n), NOT_AN_INTEGER);
  t.same(await run("INCRBY", "list", "x"), NOT_AN_INTEGER, "the increment is read first");
});
