import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { checkCommon, checkWrongType } from "../../../support/string-client.ts";

t.test("HMGET", async (t) => {
  await checkCommon(t, ["HMGET", "KEY", "f", "g"], [null, null]);
  await checkWrongType(t, ["HMGET", "KEY", "f"]);
});

for (const [form, options] of FORMS) {
  t.test(`reads several fields of a ${form} hash`, async (t) => {
    const { run } = await startCollections(t, options);
    await run("HSET", "h", "a", 1, "b", 2);
    t.same(await run("HMGET", "h", "b", "x", "a", "b"), ["2", null, "1", "2"]);
  });
}
