import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { RespError } from "../../../support/run.ts";
import { checkWrongType, wrongArity } from "../../../support/string-client.ts";

t.test("HSETEX", async (t) => {
  await checkWrongType(t, ["HSETEX", "KEY", "FIELDS", 1, "f", "v"]);
  for (const [form, options] of FORMS) {
    const { run, problems } = await startCollections(t, options);
    t.equal(await run("HSETEX", "h", "FXX", "FIELDS", 1, "a", 1), 0, form);
    t.equal(await run("EXISTS", "h"), 0);
    t.equal(await run("HSETEX", "h", "EX", 100, "FNX", "FIELDS", 2, "a", 1, "b", 2), 1);
    t.same(await run("HTTL", "h", "FIELDS", 2, "a", "b"), [100, 100]);
    t.equal(await run("HSETEX", "h", "FNX", "FIELDS", 2, "c", 3, "a", 9), 0);
    t.equal(await run("HSETEX", "h", "FXX", "FIELDS", 2, "c", 3, "a", 9), 0);
    t.equal(await run("HLEN", "h"), 2);
    t.equal(await run("HSETEX", "h", "KEEPTTL", "FIELDS", 1, "a", 9), 1);
    t.equal(await run("HSETEX", "h", "FIELDS", 1, "b", 8), 1);
    t.same(await run("HTTL", "h", "FIELDS", 2, "a", "b"), [100, -1]);
    t.same(await run("HMGET", "h", "a", "b"), ["9", "8"]);
    t.equal(await run("HSETEX", "h", "PXAT", 1, "FIELDS", 2, "a", 1, "b", 1), 1);
    t.equal(await run("EXISTS", "h"), 0, "a past time deletes");
    t.same(problems(), []);
  }
});

t.test("errors", async (t) => {
  const { run } = await startCollections(t);
  const expirations = new RespError("ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified");
  t.same(await run("HSETEX", "h", "EX", 1, "KEEPTTL", "FIELDS", 1, "a", 1), expirations);
  t.same(await run("HSETEX", "h", "EX", 1, "PX", 1, "FIELDS", 1, "a", 1), expirations);
  const conditions = new RespError("ERR Only one of FXX or FNX arguments can be specified");
  t.same(await run("HSETEX", "h", "FNX", "FXX", "FIELDS", 1, "a", 1), conditions);
  t.same(await run("HSETEX", "h", "FOO", "FIELDS", 1, "a", 1), new RespError("ERR unknown argument: FOO"));
  t.same(await run("HSETEX", "h", "FIELDS", 0, "a", 1), new RespError("ERR invalid number of fields"));
  t.same(await run("HSETEX", "h", "FIELDS", 2, "a", 1), wrongArity("hsetex"));
  t.same(await run("HSETEX", "h", "FIELDS", 1, "a", 1, "b"), wrongArity("hsetex"));
  t.same(await run("HSETEX", "h", "FNX", "KEEPTTL", "FIELDS", 1), wrongArity("hsetex"));
  t.equal(await run("EXISTS", "h"), 0);
});
