import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { checkCommon, checkWrongType } from "../../../support/string-client.ts";

t.test("HGET", async (t) => {
  await checkCommon(t, ["HGET", "KEY", "f"], null);
  await checkWrongType(t, ["HGET", "KEY", "f"]);
});

for (const [form, options] of FORMS) {
  t.test(`reads fields of a ${form} hash`, async (t) => {
    const { run } = await startCollections(t, options);
    await run("HSET", "h", "a", 1, "", "empty", "b\\0c", "binary");
    t.equal(await run("HGET", "h", "a"), "1");
    t.equal(await run("HGET", "h", ""), "empty");
    t.equal(await run("HGET", "h", "b\\0c"), "binary");
    t.equal(await run("HGET", "h", "A"), null);
    t.equal(await run("HGET", "h", "aa"), null);
  });
}
