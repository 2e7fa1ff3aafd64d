import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { checkCommon, checkWrongType, WRONGTYPE } from "../../../support/string-client.ts";

t.test("SMOVE", async (t) => {
  await checkCommon(t, ["SMOVE", "KEY", "other", "m"], 0);
  await checkWrongType(t, ["SMOVE", "KEY", "other", "m"]);
  for (const [form, options] of FORMS) {
    const { run, sorted, problems } = await startCollections(t, options);
    await run("SADD", "a", "1", "x");
    t.same(await run("SMOVE", "a", "list", "x"), WRONGTYPE);
    t.equal(await run("SMOVE", "nokey", "list", "x"), 0, "a missing source hides it");
    t.equal(await run("SMOVE", "a", "b", "nope"), 0, form);
    t.equal(await run("EXISTS", "b"), 0);
    t.equal(await run("SMOVE", "a", "a", "x"), 1);
    t.equal(await run("SMOVE", "a", "a", "nope"), 0);
    t.equal(await run("SMOVE", "a", "b", "1"), 1);
    t.equal(await run("OBJECT", "ENCODING", "b"), form === "small" ? "intset" : "hashtable");
    t.equal(await run("SMOVE", "a", "b", "x"), 1);
    t.equal(await run("EXISTS", "a"), 0);
    t.same(await sorted("SMEMBERS", "b"), ["1", "x"]);
    await run("SADD", "a", "x");
    t.equal(await run("SMOVE", "a", "b", "x"), 1, "the target may have it");
    t.equal(await run("SCARD", "b"), 2);
    t.same(problems(), []);
  }
});
