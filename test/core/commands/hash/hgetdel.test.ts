import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { RespError } from "../../../support/run.ts";
import { checkCommon, checkWrongType } from "../../../support/string-client.ts";

t.test("HGETDEL", async (t) => {
  await checkCommon(t, ["HGETDEL", "KEY", "FIELDS", 2, "f", "g"], [null, null]);
  await checkWrongType(t, ["HGETDEL", "KEY", "FIELDS", 1, "f"]);
  for (const [form, options] of FORMS) {
    const { run, problems } = await startCollections(t, options);
    await run("HSET", "h", "a", 1, "b", "x".repeat(20_000));
    t.same(await run("HGETDEL", "h", "FIELDS", 3, "b", "x", "b"), ["x".repeat(20_000), null, null], form);
    t.same(
      await run("HGETDEL", "h", "FOO", 1, "a"),
      new RespError("ERR Mandatory argument FIELDS is missing or not at the right position"),
    );
    t.same(await run("HGETDEL", "h", "FIELDS", 1, "a"), ["1"]);
    t.equal(await run("EXISTS", "h"), 0);
    t.same(problems(), []);
  }
});
