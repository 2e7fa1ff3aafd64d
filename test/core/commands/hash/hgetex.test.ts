import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { RespError } from "../../../support/run.ts";
import { checkCommon, checkWrongType, NOT_AN_INTEGER } from "../../../support/string-client.ts";

t.test("HGETEX", async (t) => {
  await checkCommon(t, ["HGETEX", "KEY", "EX", 10, "FIELDS", 1, "f"], [null]);
  await checkWrongType(t, ["HGETEX", "KEY", "FIELDS", 1, "f"]);
  for (const [form, options] of FORMS) {
    const { run, problems } = await startCollections(t, options);
    await run("HSET", "h", "a", 1, "b", 2);
    t.same(await run("HGETEX", "h", "FIELDS", 2, "a", "x"), ["1", null], form);
    t.same(await run("HGETEX", "h", "EX", 100, "FIELDS", 1, "a"), ["1"]);
    t.same(await run("HTTL", "h", "FIELDS", 2, "a", "b"), [100, -1]);
    t.same(await run("HGETEX", "h", "PX", 5000, "FIELDS", 1, "a"), ["1"]);
    t.same(await run("HTTL", "h", "FIELDS", 1, "a"), [5]);
    t.same(await run("HGETEX", "h", "PERSIST", "FIELDS", 1, "a"), ["1"]);
    t.same(await run("HTTL", "h", "FIELDS", 1, "a"), [-1]);
    t.same(await run("HGETEX", "h", "EXAT", 4_000_000_000, "FIELDS", 1, "a"), ["1"]);
    t.same(await run("HPEXPIRETIME", "h", "FIELDS", 1, "a"), [4_000_000_000_000]);
    t.same(await run("HGETEX", "h", "PXAT", 1, "FIELDS", 2, "a", "b"), ["1", "2"], "replied once more");
    t.equal(await run("EXISTS", "h"), 0, "and deleted");
    t.same(problems(), []);
  }
  const { run } = await startCollections(t);
  const missing = new RespError("ERR Mandatory argument FIELDS is missing or not at the right position");
  t.same(await run("HGETEX", "h", "FOO", 1, "a"), missing);
  t.same(await run("HGETEX", "h", "EX", 1, "a"), missing);
  t.same(await run("HGETEX", "h", "EX", "x", "FIELDS", 1, "a"), NOT_AN_INTEGER);
  t.same(await run("HGETEX", "h", "FIELDS", 0, "a"), new RespError("ERR Number of fields must be a positive integer"));
});
