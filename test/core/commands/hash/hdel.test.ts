import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { checkCommon, checkWrongType } from "../../../support/string-client.ts";

t.test("HDEL", async (t) => {
  await checkCommon(t, ["HDEL", "KEY", "f"], 0);
  await checkWrongType(t, ["HDEL", "KEY", "f"]);
});

for (const [form, options] of FORMS) {
  t.test(`deletes fields of a ${form} hash`, async (t) => {
    const { run, sorted, problems } = await startCollections(t, options);
    await run("HSET", "h", "a", 1, "b", 2, "c", 3, "d", 4);
    t.equal(await run("HDEL", "h", "x"), 0);
    t.equal(await run("HDEL", "h", "b", "x", "b", "d"), 2);
    t.same(await sorted("HKEYS", "h"), ["a", "c"]);
    t.equal(await run("HDEL", "h", "c", "a", "a"), 2);
    t.equal(await run("EXISTS", "h"), 0);
    t.equal(await run("DBSIZE"), 1);
    t.same(problems(), []);
  });

  t.test(`a field set anew after HDEL has no deadline (${form})`, async (t) => {
    const { run, problems } = await startCollections(t, options);
    await run("HSET", "h", "a", 1, "b", 2);
    await run("HEXPIRE", "h", 100, "FIELDS", 1, "a");
    t.equal(await run("HDEL", "h", "a"), 1);
    await run("HSET", "h", "a", 1);
    t.same(await run("HTTL", "h", "FIELDS", 1, "a"), [-1]);
    t.same(problems(), []);
  });

  t.test(`counts due fields of a ${form} hash`, async (t) => {
    const { run, pass } = await startCollections(t, options);
    await run("HSET", "h", "a", 1);
    await run("HPEXPIRE", "h", 1, "FIELDS", 1, "a");
    await pass(1);
    t.equal(await run("HDEL", "h", "a"), 1);
    t.equal(await run("EXISTS", "h"), 0);
  });
}
