import t from "tap";
import { checkCommon, checkWrongType, SYNTAX_ERROR, wrongArity } from "../../../support/string-client.ts";
import { FORMS, startZsets } from "../../../support/zset-client.ts";

t.test("ZRANK and ZREVRANK", async (t) => {
  for (const name of ["ZRANK", "ZREVRANK"]) {
    await checkCommon(t, [name, "KEY", "a"], null);
    await checkCommon(t, [name, "KEY", "a", "WITHSCORE"], null);
    await checkWrongType(t, [name, "KEY", "a"]);
    const { run } = await startZsets(t);
    t.same(await run(name, "z", "a", "x"), SYNTAX_ERROR);
    t.same(await run(name, "z", "a", "WITHSCORE", "x"), wrongArity(name.toLowerCase()));
  }
});

for (const [form, options] of FORMS) {
  t.test(`ranks in a ${form} set`, async (t) => {
    const { run } = await startZsets(t, options);
    // Enough for several levels of the tree.
    const words = Array.from({ length: 3000 }, (_, i) => [i % 10, `m${String(i).padStart(5, "0")}`]).flat();
    await run("ZADD", "z", ...words);
    t.equal(await run("ZRANK", "z", "m00000"), 0);
    t.equal(await run("ZRANK", "z", "m00010"), 1);
    t.equal(await run("ZRANK", "z", "m00001"), 300);
    t.equal(await run("ZREVRANK", "z", "m02999"), 0);
    t.equal(await run("ZREVRANK", "z", "m00000"), 2999);
    t.equal(await run("ZRANK", "z", "none"), null);
    t.same(await run("ZRANK", "z", "m00019", "withscore"), [2701, "9"]);
    await run("HELLO", "3");
    t.same(await run("ZREVRANK", "z", "m00019", "WITHSCORE"), [298, { double: "9" }]);
  });
}
