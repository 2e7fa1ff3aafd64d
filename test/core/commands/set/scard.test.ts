import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { checkCommon, checkWrongType } from "../../../support/string-client.ts";

t.test("SCARD", async (t) => {
  await checkCommon(t, ["SCARD", "KEY"], 0);
  await checkWrongType(t, ["SCARD", "KEY"]);
  for (const [form, options] of FORMS) {
    const { run } = await startCollections(t, options);
    await run("SADD", "i", 1, 2, 70_000);
    await run("SADD", "w", "a", "b");
    t.equal(await run("SCARD", "i"), 3, form);
    t.equal(await run("SCARD", "w"), 2);
  }
});
