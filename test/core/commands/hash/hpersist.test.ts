import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { checkCommon, checkWrongType } from "../../../support/string-client.ts";

t.test("HPERSIST", async (t) => {
  await checkCommon(t, ["HPERSIST", "KEY", "FIELDS", 1, "f"], [-2]);
  await checkWrongType(t, ["HPERSIST", "KEY", "FIELDS", 1, "f"]);
  for (const [form, options] of FORMS) {
    const { run, problems, encoding } = await startCollections(t, options);
    await run("HSET", "h", "a", 1, "b", 2);
    t.same(await run("HPERSIST", "h", "FIELDS", 1, "a"), [-1], form);
    await run("HEXPIRE", "h", 100, "FIELDS", 1, "a");
    t.same(await run("HPERSIST", "h", "FIELDS", 3, "a", "b", "x"), [1, -1, -2]);
    t.same(await run("HTTL", "h", "FIELDS", 1, "a"), [-1]);
    t.equal(await encoding("h"), form === "small" ? "listpackex" : "hashtable");
    t.same(problems(), []);
  }
});
