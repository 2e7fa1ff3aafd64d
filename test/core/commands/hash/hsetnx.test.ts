import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { checkWrongType, wrongArity } from "../../../support/string-client.ts";

t.test("HSETNX", async (t) => {
  await checkWrongType(t, ["HSETNX", "KEY", "f", "v"]);
  for (const [form, options] of FORMS) {
    const { run, pass, problems } = await startCollections(t, options);
    t.same(await run("HSETNX", "h", "f"), wrongArity("hsetnx"));
    t.equal(await run("HSETNX", "h", "f", 1), 1, form);
    t.equal(await run("HSETNX", "h", "f", 2), 0);
    t.equal(await run("HGET", "h", "f"), "1");
    await run("HPEXPIRE", "h", 1, "FIELDS", 1, "f");
    await pass(1);
    t.equal(await run("HSETNX", "h", "f", 3), 1, "a due field is none");
    t.same(await run("HTTL", "h", "FIELDS", 1, "f"), [-1]);
    t.same(problems(), []);
  }
});
