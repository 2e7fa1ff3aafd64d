import t from "tap";
import { checkCommon, startStrings, wrongArity } from "../../../support/string-client.ts";

t.test("MSET", async (t) => {
  await checkCommon(t, ["MSET", "KEY", "v"], "OK");
  const { run, encoding } = await startStrings(t);
  await run("SET", "a", "0", "EX", 100);
  t.equal(await run("MSET", "a", "1", "list", "x".repeat(30_000), "b", "2", "a", "3"), "OK");
  t.same(await run("MGET", "a", "b"), ["3", "2"]);
  t.equal(await run("STRLEN", "list"), 30_000, "replaces any type");
  t.equal(await run("TTL", "a"), -1);
  t.equal(await encoding("a"), "int");
  t.same(await run("MSET", "a", "1", "b"), wrongArity("mset"));
  t.same(await run("MSET", "a"), wrongArity("mset"));
  await run("MULTI");
  t.equal(await run("MSET", "a", "1", "b"), "QUEUED");
  t.same(await run("EXEC"), [wrongArity("mset")]);
});

t.test("MSETNX", async (t) => {
  await checkCommon(t, ["MSETNX", "KEY", "v"], 1);
  const { run, setDue } = await startStrings(t);
  t.equal(await run("MSETNX", "a", "1", "b", "2", "a", "3"), 1);
  t.same(await run("MGET", "a", "b"), ["3", "2"]);
  t.equal(await run("MSETNX", "c", "1", "b", "2"), 0);
  t.equal(await run("MSETNX", "c", "1", "list", "2"), 0);
  t.equal(await run("EXISTS", "c"), 0);
  await setDue("due", "1");
  t.equal(await run("MSETNX", "c", "1", "due", "2"), 1);
  t.equal(await run("TTL", "due"), -1);
  t.same(await run("MSETNX", "x", "1", "y"), wrongArity("msetnx"));
});
