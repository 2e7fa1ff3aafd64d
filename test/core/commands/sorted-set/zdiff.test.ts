import t from "tap";
import { checkCommon, checkWrongType, SYNTAX_ERROR } from "../../../support/string-client.ts";
import { FORMS, startZsets } from "../../../support/zset-client.ts";

t.test("ZDIFF and ZDIFFSTORE", async (t) => {
  await checkCommon(t, ["ZDIFF", "1", "KEY"], []);
  await checkWrongType(t, ["ZDIFF", "2", "none", "KEY"]);
  await checkWrongType(t, ["ZDIFFSTORE", "target", "1", "KEY"]);
  const { run } = await startZsets(t);
  t.same(await run("ZDIFF", "1", "z", "WEIGHTS", "1"), SYNTAX_ERROR);
  t.same(await run("ZDIFFSTORE", "t", "1", "z", "WITHSCORES"), SYNTAX_ERROR);
});

for (const [form, options] of FORMS) {
  t.test(`subtracts ${form} sets`, async (t) => {
    const { run, fill, show, problems } = await startZsets(t, options);
    await fill("x", "a 1 b 2 c 3 d 4");
    await fill("y", "b 20");
    await fill("z", "c 5 e 6");
    t.same(await run("ZDIFF", 3, "x", "y", "z", "WITHSCORES"), ["a", "1", "d", "4"]);
    t.same(await run("ZDIFF", 2, "none", "x"), []);
    t.same(await run("ZDIFF", 2, "x", "x"), []);
    t.equal(await run("ZDIFFSTORE", "target", 2, "x", "none"), 4);
    t.equal(await run("ZDIFFSTORE", "target", 2, "x", "y"), 3);
    t.equal(await show("target"), "a 1 c 3 d 4");
    t.equal(await run("ZDIFFSTORE", "target", 2, "x", "x"), 0);
    t.equal(await run("EXISTS", "target"), 0);
    t.same(problems(), []);
  });

  t.test(`walks or looks up, with the same result, in ${form} sets`, async (t) => {
    const { run } = await startZsets(t, options);
    const pairs = (from: number, to: number): (string | number)[] =>
      Array.from({ length: to - from }, (_, i) => [from + i, `m${from + i}`]).flat();
    await run("ZADD", "all", ...pairs(0, 300));
    await run("ZADD", "few", ...pairs(10, 12));
    await run("ZADD", "most", ...pairs(5, 300));
    const left = (await run("ZDIFF", 4, "all", "few", "few", "few")) as string[];
    t.equal(left.length, 298);
    t.same(await run("ZDIFF", 2, "all", "most"), ["m0", "m1", "m2", "m3", "m4"]);
  });
}
