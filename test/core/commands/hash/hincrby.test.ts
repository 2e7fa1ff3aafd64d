import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { RespError } from "../../../support/run.ts";
import { checkWrongType, NOT_AN_INTEGER, wrongArity } from "../../../support/string-client.ts";

t.test("HINCRBY", async (t) => {
  await checkWrongType(t, ["HINCRBY", "KEY", "f", 1]);
  const { run } = await startCollections(t);
  t.same(await run("HINCRBY", "h", "f"), wrongArity("hincrby"));
  for (const increment of ["x", "1.5", "", "9223372036854775808"]) {
    t.same(await run("HINCRBY", "h", "f", increment), NOT_AN_INTEGER);
  }
  t.equal(await run("EXISTS", "h"), 0);
});

for (const [form, options] of FORMS) {
  t.test(`adds in the whole range of 64 bits (${form})`, async (t) => {
    const { run } = await startCollections(t, options);
    t.equal(await run("HINCRBY", "h", "f", -5), -5);
    t.equal(await run("HINCRBY", "h", "f", 7), 2);
    await run("HSET", "h", "f", "9007199254740991");
    t.equal(await run("HINCRBY", "h", "f", 2), 9007199254740993n);
    await run("HSET", "h", "f", "9223372036854775806");
    t.equal(await run("HINCRBY", "h", "f", 1), 9223372036854775807n);
    const overflow = new RespError("ERR increment or decrement would overflow");
    t.same(await run("HINCRBY", "h", "f", 1), overflow);
    t.equal(await run("HGET", "h", "f"), "9223372036854775807");
    await run("HSET", "h", "f", "-9223372036854775808");
    t.same(await run("HINCRBY", "h", "f", -1), overflow);
    for (const value of ["", " 1", "1 ", "abc", "1.0", "007"]) {
      await run("HSET", "h", "f", value);
      t.same(await run("HINCRBY", "h", "f", 1), new RespError("ERR hash value is not an integer"), value);
    }
  });

  t.test(`keeps the deadline of a field (${form})`, async (t) => {
    const { run, pass } = await startCollections(t, options);
    await run("HSET", "h", "f", 1, "g", 1);
    await run("HEXPIRE", "h", 100, "FIELDS", 1, "f");
    await run("HINCRBY", "h", "f", 1);
    t.same(await run("HTTL", "h", "FIELDS", 1, "f"), [100]);
    await run("HPEXPIRE", "h", 1, "FIELDS", 1, "g");
    await pass(1);
    t.equal(await run("HINCRBY", "h", "g", 7), 7, "a due field counts as missing");
    t.same(await run("HTTL", "h", "FIELDS", 1, "g"), [-1]);
  });
}
