import t from "tap";
import { checkCommon, checkWrongType } from "../../../support/string-client.ts";
import { FORMS, startZsets } from "../../../support/zset-client.ts";

t.test("ZREM", async (t) => {
  await checkCommon(t, ["ZREM", "KEY", "a"], 0);
  await checkWrongType(t, ["ZREM", "KEY", "a"]);
});

for (const [form, options] of FORMS) {
  t.test(`removes members of a ${form} set`, async (t) => {
    const { run, fill, show, problems } = await startZsets(t, options);
    await fill("z", "a 1 b 2 c 3 d 4");
    await run("EXPIRE", "z", 100);
    t.equal(await run("ZREM", "z", "b", "x", "b", "d"), 2);
    t.equal(await show("z"), "a 1 c 3");
    t.equal(await run("TTL", "z"), 100);
    t.equal(await run("ZREM", "z", "c", "a", "a"), 2);
    t.equal(await run("EXISTS", "z"), 0);
    t.same(problems(), []);
    const words = Array.from({ length: 2000 }, (_, i) => [(i * 7) % 2000, `member ${i}`]);
    await run("ZADD", "z", ...words.flat());
    t.equal(await run("ZREM", "z", ...words.slice(3).map((pair) => String(pair[1]))), 1997);
    t.equal(await show("z"), "member 0 0 member 1 7 member 2 14");
    t.same(problems(), []);
  });
}
