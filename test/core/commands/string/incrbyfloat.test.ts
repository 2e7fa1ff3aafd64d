import t from "tap";
import { RespError } from "../../../support/run.ts";
import { checkCommon, checkWrongType, startStrings } from "../../../support/string-client.ts";

const NOT_A_FLOAT = new RespError("ERR value is not a valid float");

t.test("INCRBYFLOAT", async (t) => {
  await checkCommon(t, ["INCRBYFLOAT", "KEY", "1.5"], "1.5");
  await checkWrongType(t, ["INCRBYFLOAT", "KEY", "1.5"]);
  const { run, encoding } = await startStrings(t);
  for (const [value, increment, wanted] of [
    ["1", "1", "2"],
    ["10.5", "0.1", "10.6"],
    ["3.0", "1.000000000000000005", "4.00000000000000001"],
    ["-1", "1", "0"],
    ["5.0e3", "2.0e2", "5200"],
    ["3", "1.1", "4.1"],
    ["0", "0.00000000000000001", "0.00000000000000001"],
    ["1e17", "1", "100000000000000001"],
    ["1e40", "-1", "9999999999999999999783686092270256259072"],
    ["9223372036854775807", "1", "9223372036854775808"],
  ] as const) {
    await run("SET", "a", value, "EX", 100);
    const sum = String(await run("INCRBYFLOAT", "a", increment));
    t.equal(sum, wanted, `${value} + ${increment}`);
    t.equal(await run("GET", "a"), sum);
    t.equal(await run("TTL", "a"), 100);
    t.equal(await encoding("a"), sum.length <= 44 ? "embstr" : "raw", "never int");
  }
});

t.test("errors", async (t) => {
  const { run } = await startStrings(t);
  await run("SET", "a", "1");
  for (const increment of ["", "abc", " 1", "1 ", "nan", "1e5000"]) {
    t.same(await run("INCRBYFLOAT", "a", increment), NOT_A_FLOAT, increment);
  }
  for (const value of ["", "abc", " 1", "1".repeat(20_000), "x".repeat(40_000)]) {
    await run("SET", "b", value);
    t.same(await run("INCRBYFLOAT", "b", "1"), NOT_A_FLOAT, value.slice(0, 10));
  }
  const infinite = new RespError("ERR increment would produce NaN or Infinity");
  t.same(await run("INCRBYFLOAT", "a", "+inf"), infinite);
  t.same(await run("INCRBYFLOAT", "a", "-inf"), infinite);
  t.equal(await run("GET", "a"), "1");
});
