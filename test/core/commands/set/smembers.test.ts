import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { checkWrongType } from "../../../support/string-client.ts";

t.test("SMEMBERS", async (t) => {
  await checkWrongType(t, ["SMEMBERS", "KEY"]);
  for (const [form, options] of FORMS) {
    const { run, sorted, pass } = await startCollections(t, options);
    t.same(await run("SMEMBERS", "nokey"), []);
    await run("SADD", "s", "b", "a", "c");
    t.same(await sorted("SMEMBERS", "s"), ["a", "b", "c"], form);
    await run("HELLO", 3);
    t.same(await sorted("SMEMBERS", "s"), ["a", "b", "c"]);
    t.ok((await run("SMEMBERS", "s")) instanceof Set, "a set in RESP3");
    t.ok((await run("SMEMBERS", "nokey")) instanceof Set);
    await run("EXPIREMEMBER", "s", "b", 1, "ms");
    await pass(1);
    t.same(await sorted("SMEMBERS", "s"), ["a", "c"]);
  }
});
