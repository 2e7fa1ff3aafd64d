import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { checkCommon, checkWrongType } from "../../../support/string-client.ts";

t.test("HLEN", async (t) => {
  await checkCommon(t, ["HLEN", "KEY"], 0);
  await checkWrongType(t, ["HLEN", "KEY"]);
  for (const [form, options] of FORMS) {
    const { run } = await startCollections(t, options);
    for (let i = 1; i <= 20; i++) {
      await run("HSET", "h", `f${i}`, i);
      t.equal(await run("HLEN", "h"), i, form);
    }
    await run("HDEL", "h", "f3", "f4", "nope");
    t.equal(await run("HLEN", "h"), 18);
  }
});
