import t from "tap";
import { RespError } from "../../../support/run.ts";
import { checkCommon, checkWrongType, NOT_AN_INTEGER, SYNTAX_ERROR } from "../../../support/string-client.ts";
import { FORMS, startZsets } from "../../../support/zset-client.ts";

t.test("ZUNION and ZUNIONSTORE", async (t) => {
  await checkCommon(t, ["ZUNION", "1", "KEY"], []);
  await checkCommon(t, ["ZUNIONSTORE", "KEY", "1", "none"], 0);
  await checkWrongType(t, ["ZUNION", "1", "KEY"]);
  await checkWrongType(t, ["ZUNIONSTORE", "target", "2", "none", "KEY"]);
  const { run } = await startZsets(t);
  t.same(await run("ZUNION", "x", "z"), NOT_AN_INTEGER);
  t.same(await run("ZUNION", "0", "z"), new RespError("ERR at least 1 input key is needed for 'zunion' command"));
  t.same(
    await run("ZUNIONSTORE", "t", "0", "z"),
    new RespError("ERR at least 1 input key is needed for 'zunionstore' command"),
  );
  t.same(await run("ZUNION", "2", "z"), SYNTAX_ERROR);
  t.same(await run("ZUNION", "1", "z", "WEIGHTS", "x"), new RespError("ERR weight value is not a float"));
  t.same(await run("ZUNION", "1", "z", "WEIGHTS"), SYNTAX_ERROR);
  t.same(await run("ZUNION", "1", "z", "AGGREGATE", "avg"), SYNTAX_ERROR);
  t.same(await run("ZUNIONSTORE", "t", "1", "z", "WITHSCORES"), SYNTAX_ERROR);
});

for (const [form, options] of FORMS) {
  t.test(`unites ${form} sets`, async (t) => {
    const { run, fill, show, problems } = await startZsets(t, options);
    await fill("x", "a 1 b 2");
    await fill("y", "b 3 c 4");
    t.same(await run("ZUNION", 3, "x", "y", "none"), ["a", "c", "b"]);
    t.same(await run("ZUNION", 2, "x", "y", "WEIGHTS", 10, 1, "WITHSCORES"), ["c", "4", "a", "10", "b", "23"]);
    t.same(await run("ZUNION", 2, "x", "y", "AGGREGATE", "MIN", "WITHSCORES"), ["a", "1", "b", "2", "c", "4"]);
    t.same(await run("ZUNION", 2, "x", "y", "AGGREGATE", "max", "WITHSCORES"), ["a", "1", "b", "3", "c", "4"]);
    t.equal(await run("ZUNIONSTORE", "x", 2, "x", "y"), 3);
    t.equal(await show("x"), "a 1 c 4 b 5");
    await run("SADD", "s", "a", "d");
    t.same(await run("ZUNION", 2, "y", "s", "WITHSCORES"), ["a", "1", "d", "1", "b", "3", "c", "4"]);
    await run("ZADD", "i", "inf", "b");
    await run("ZADD", "j", "-inf", "b");
    t.same(await run("ZUNION", 2, "i", "j", "WITHSCORES"), ["b", "0"], "infinities cancel out to zero");
    t.same(await run("ZUNION", 1, "i", "WEIGHTS", 0, "WITHSCORES"), ["b", "0"]);
    await run("HELLO", "3");
    t.same(await run("ZUNION", 1, "y", "WITHSCORES"), [
      ["b", { double: "3" }],
      ["c", { double: "4" }],
    ]);
    t.same(problems(), []);
  });
}
