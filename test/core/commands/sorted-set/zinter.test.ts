import t from "tap";
import { RespError } from "../../../support/run.ts";
import { checkCommon, checkWrongType, SYNTAX_ERROR } from "../../../support/string-client.ts";
import { FORMS, startZsets } from "../../../support/zset-client.ts";

t.test("ZINTER, ZINTERSTORE and ZINTERCARD", async (t) => {
  await checkCommon(t, ["ZINTER", "1", "KEY"], []);
  await checkCommon(t, ["ZINTERCARD", "1", "KEY"], 0);
  for (const args of [
    ["ZINTER", "2", "none", "KEY"],
    ["ZINTERSTORE", "target", "1", "KEY"],
    ["ZINTERCARD", "1", "KEY"],
  ]) {
    await checkWrongType(t, args);
  }
  const { run } = await startZsets(t);
  t.same(await run("ZINTERCARD", "1", "z", "LIMIT", "-1"), new RespError("ERR LIMIT can't be negative"));
  t.same(await run("ZINTERCARD", "1", "z", "WITHSCORES"), SYNTAX_ERROR);
  t.same(await run("ZINTER", "1", "z", "LIMIT", "1"), SYNTAX_ERROR);
});

for (const [form, options] of FORMS) {
  t.test(`intersects ${form} sets`, async (t) => {
    const { run, fill, show, problems } = await startZsets(t, options);
    await fill("x", "a 1 b 2 c 3");
    await fill("y", "b 20 c 10 d 4");
    t.same(await run("ZINTER", 2, "x", "y", "WITHSCORES"), ["c", "13", "b", "22"]);
    t.same(await run("ZINTER", 2, "x", "x", "WITHSCORES"), ["a", "2", "b", "4", "c", "6"]);
    t.same(await run("ZINTER", 2, "x", "none"), []);
    t.equal(await run("ZINTERCARD", 2, "x", "y"), 2);
    t.equal(await run("ZINTERCARD", 2, "x", "y", "LIMIT", 1), 1);
    t.equal(await run("ZINTERCARD", 2, "x", "y", "LIMIT", 0), 2);
    await run("SADD", "s", "c", "z");
    t.equal(await run("ZINTERSTORE", "target", 3, "x", "y", "s", "WEIGHTS", 1, 2, 3, "AGGREGATE", "MAX"), 1);
    t.equal(await show("target"), "c 20");
    t.equal(await run("ZINTERSTORE", "target", 2, "x", "none"), 0);
    t.equal(await run("EXISTS", "target"), 0);
    t.same(problems(), []);
  });
}

t.test("encoding of a stored result", async (t) => {
  const { run, fill, encoding } = await startZsets(t, { config: { "zset-max-listpack-entries": 2 } });
  await fill("x", "a 1 b 2 c 3");
  await run("ZINTERSTORE", "x", 1, "x");
  t.equal(await encoding("x"), "skiplist");
  await fill("y", "a 1 b 2");
  await run("ZINTERSTORE", "x", 2, "x", "y");
  t.equal(await encoding("x"), "listpack");
});
