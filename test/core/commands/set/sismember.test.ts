import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { checkCommon, checkWrongType } from "../../../support/string-client.ts";

t.test("SISMEMBER and SMISMEMBER", async (t) => {
  await checkCommon(t, ["SISMEMBER", "KEY", "m"], 0);
  await checkCommon(t, ["SMISMEMBER", "KEY", "m", "n"], [0, 0]);
  for (const name of ["SISMEMBER", "SMISMEMBER"]) await checkWrongType(t, [name, "KEY", "m"]);
  for (const [form, options] of FORMS) {
    const { run, pass, problems } = await startCollections(t, options);
    await run("SADD", "s", "1", "2", "x");
    t.equal(await run("SISMEMBER", "s", "2"), 1, form);
    t.equal(await run("SISMEMBER", "s", "02"), 0);
    t.same(await run("SMISMEMBER", "s", "1", "3", "x", "1"), [1, 0, 1, 1]);
    await run("EXPIREMEMBER", "s", "x", 1, "ms");
    await pass(1);
    t.equal(await run("SISMEMBER", "s", "x"), 0, "a due member is none");
    t.equal(await run("SCARD", "s"), 2);
    t.same(problems(), []);
  }
});
