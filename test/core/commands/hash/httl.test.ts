import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { RespError } from "../../../support/run.ts";
import { checkCommon, checkWrongType } from "../../../support/string-client.ts";

t.test("HTTL, HPTTL, HEXPIRETIME and HPEXPIRETIME", async (t) => {
  for (const name of ["HTTL", "HPTTL", "HEXPIRETIME", "HPEXPIRETIME"]) {
    await checkCommon(t, [name, "KEY", "FIELDS", 1, "f"], [-2]);
    await checkWrongType(t, [name, "KEY", "FIELDS", 1, "f"]);
  }
  for (const [form, options] of FORMS) {
    const { run, pass } = await startCollections(t, options);
    await run("HSET", "h", "a", 1, "b", 2);
    t.same(await run("HTTL", "h", "FIELDS", 2, "a", "x"), [-1, -2], form);
    await run("HPEXPIRE", "h", 1, "FIELDS", 1, "a");
    await pass(1);
    t.same(await run("HPTTL", "h", "FIELDS", 2, "a", "b"), [-2, -1], "a due field is none");
    t.same(await run("HTTL", "h", "FIELDS", 0, "a"), new RespError("ERR Number of fields must be a positive integer"));
  }
});
