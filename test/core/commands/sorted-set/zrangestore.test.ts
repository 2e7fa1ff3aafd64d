import t from "tap";
import { checkWrongType, SYNTAX_ERROR } from "../../../support/string-client.ts";
import { FORMS, startZsets } from "../../../support/zset-client.ts";

t.test("ZRANGESTORE", async (t) => {
  await checkWrongType(t, ["ZRANGESTORE", "target", "KEY", "0", "-1"]);
  const { run } = await startZsets(t);
  t.same(await run("ZRANGESTORE", "target", "z", "0", "-1", "WITHSCORES"), SYNTAX_ERROR);
});

for (const [form, options] of FORMS) {
  t.test(`stores ranges of a ${form} set`, async (t) => {
    const { run, fill, show, encoding, problems } = await startZsets(t, options);
    await fill("z", "a 1 b 2 c 3 d 4");
    await run("SET", "target", "text", "EX", "100");
    t.equal(await run("ZRANGESTORE", "target", "z", "1", "2"), 2);
    t.equal(await show("target"), "b 2 c 3");
    t.equal(await run("TTL", "target"), -1);
    t.equal(await encoding("target"), form === "small" ? "listpack" : "skiplist");
    t.equal(await run("ZRANGESTORE", "target", "z", "(4", "2", "BYSCORE", "REV", "LIMIT", "0", "1"), 1);
    t.equal(await show("target"), "c 3");
    t.equal(await encoding("target"), "skiplist", "as Redis, which does not know the size beforehand");
    t.equal(await run("ZRANGESTORE", "z", "z", "0", "1"), 2);
    t.equal(await show("z"), "a 1 b 2");
    t.equal(await run("ZRANGESTORE", "target", "z", "9", "9"), 0);
    t.equal(await run("EXISTS", "target"), 0);
    await fill("target", "x 1");
    t.equal(await run("ZRANGESTORE", "target", "missing", "0", "-1"), 0);
    t.equal(await run("EXISTS", "target"), 0);
    t.same(problems(), []);
  });
}
