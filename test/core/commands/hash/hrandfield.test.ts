import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { RespError } from "../../../support/run.ts";
import { checkCommon, checkWrongType, NOT_AN_INTEGER, SYNTAX_ERROR } from "../../../support/string-client.ts";

t.test("HRANDFIELD", async (t) => {
  await checkCommon(t, ["HRANDFIELD", "KEY"], null);
  await checkCommon(t, ["HRANDFIELD", "KEY", 3], []);
  await checkCommon(t, ["HRANDFIELD", "KEY", -3, "WITHVALUES"], []);
  await checkWrongType(t, ["HRANDFIELD", "KEY"]);
  const { run } = await startCollections(t);
  await run("HSET", "h", "a", 1);
  t.same(await run("HRANDFIELD", "h", "x"), NOT_AN_INTEGER);
  t.same(await run("HRANDFIELD", "h", 1, "foo"), SYNTAX_ERROR);
  t.same(await run("HRANDFIELD", "h", 1, "WITHVALUES", 1), SYNTAX_ERROR);
  t.same(
    await run("HRANDFIELD", "h", "-9223372036854775808"),
    new RespError("ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807"),
  );
  t.same(
    await run("HRANDFIELD", "h", "-9223372036854775807", "WITHVALUES"),
    new RespError("ERR value is out of range"),
  );
});

for (const [form, options] of FORMS) {
  t.test(`picks fields of a ${form} hash`, async (t) => {
    const { run, sorted } = await startCollections(t, options);
    const fields = Array.from({ length: 30 }, (_, i) => `f${i}`);
    await run("HSET", "h", ...fields.flatMap((field) => [field, `${field}!`]));
    for (const count of [1, 5, 29, 30]) {
      const picked = (await run("HRANDFIELD", "h", count)) as string[];
      t.equal(new Set(picked).size, count, "all different");
      t.ok(picked.every((field) => fields.includes(field)));
    }
    t.equal((await sorted("HRANDFIELD", "h", 100)).length, 30);
    t.equal((await sorted("HRANDFIELD", "h", -100)).length, 100);
    const pairs = (await run("HRANDFIELD", "h", 7, "WITHVALUES")) as string[];
    t.equal(pairs.length, 14);
    for (let i = 0; i < 14; i += 2) t.equal(pairs[i + 1], `${pairs[i]}!`);
    await run("HELLO", 3);
    const nested = (await run("HRANDFIELD", "h", -3, "WITHVALUES")) as string[][];
    t.ok(nested.length === 3 && nested.every(([field, value]) => value === `${field}!`), "pairs in RESP3");
  });

  t.test(`never returns due fields of a ${form} hash, and ends them`, async (t) => {
    const { run, pass, problems } = await startCollections(t, options);
    await run("HSET", "h", "a", 1, "b", 2, "c", 3);
    await run("HPEXPIRE", "h", 1, "FIELDS", 2, "a", "c");
    await pass(1);
    t.same(await run("HRANDFIELD", "h", -3), ["b", "b", "b"]);
    t.equal(await run("HLEN", "h"), 1);
    t.same(await run("HRANDFIELD", "h", 3, "WITHVALUES"), ["b", "2"]);
    await run("HPEXPIRE", "h", 1, "FIELDS", 1, "b");
    await pass(1);
    t.equal(await run("HRANDFIELD", "h"), null);
    t.equal(await run("EXISTS", "h"), 0);
    t.same(problems(), []);
  });
}
