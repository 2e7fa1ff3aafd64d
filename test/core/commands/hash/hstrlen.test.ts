import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { checkCommon, checkWrongType } from "../../../support/string-client.ts";

t.test("HSTRLEN and HEXISTS", async (t) => {
  for (const name of ["HSTRLEN", "HEXISTS"]) {
    await checkCommon(t, [name, "KEY", "f"], 0);
    await checkWrongType(t, [name, "KEY", "f"]);
  }
  for (const [form, options] of FORMS) {
    const { run } = await startCollections(t, options);
    await run("HSET", "h", "a", "12345", "b", "", "c", -9000);
    t.equal(await run("HSTRLEN", "h", "a"), 5, form);
    t.equal(await run("HSTRLEN", "h", "b"), 0);
    t.equal(await run("HSTRLEN", "h", "c"), 5);
    t.equal(await run("HSTRLEN", "h", "x"), 0);
    t.equal(await run("HEXISTS", "h", "b"), 1);
    t.equal(await run("HEXISTS", "h", "x"), 0);
  }
});

t.test("a read that meets a due field has it deleted", async (t) => {
  for (const [form, options] of FORMS) {
    const { run, pass, problems } = await startCollections(t, options);
    await run("HSET", "h", "a", 1, "b", 2);
    await run("HPEXPIRE", "h", 1, "FIELDS", 2, "a", "b");
    await pass(1);
    t.equal(await run("HLEN", "h"), 2, form);
    t.equal(await run("HEXISTS", "h", "a"), 0);
    t.equal(await run("HLEN", "h"), 1);
    t.same(problems(), []);
    t.equal(await run("HSTRLEN", "h", "b"), 0);
    t.equal(await run("EXISTS", "h"), 0, "and the key with the last one");
    t.match(await run("INFO", "stats"), "expired_subkeys:2");
    t.same(problems(), []);
  }
});
