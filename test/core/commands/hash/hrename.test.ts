import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { RespError } from "../../../support/run.ts";
import { checkCommon, checkWrongType } from "../../../support/string-client.ts";

t.test("KEYDB.HRENAME", async (t) => {
  await checkCommon(t, ["KEYDB.HRENAME", "KEY", "f", "g"], null);
  await checkWrongType(t, ["KEYDB.HRENAME", "KEY", "f", "g"]);
  for (const [form, options] of FORMS) {
    const { run, problems } = await startCollections(t, options);
    await run("HSET", "h", "a", 1, "b", 2);
    t.same(await run("KEYDB.HRENAME", "h", "x", "y"), new RespError("ERR hash key doesn't exist"), form);
    t.equal(await run("KEYDB.HRENAME", "h", "a", "a"), 1);
    await run("HEXPIRE", "h", 100, "FIELDS", 1, "a");
    t.equal(await run("KEYDB.HRENAME", "h", "a", "b"), 1);
    t.same(await run("HGETALL", "h"), ["b", "1"]);
    t.same(await run("HTTL", "h", "FIELDS", 1, "b"), [100], "the deadline moves along");
    t.same(problems(), []);
  }
});
