import t from "tap";
import { RespError } from "../../../support/run.ts";
import {
  checkCommon,
  checkWrongType,
  NOT_AN_INTEGER,
  SYNTAX_ERROR,
  startStrings,
} from "../../../support/string-client.ts";

t.test("GETEX", async (t) => {
  await checkCommon(t, ["GETEX", "KEY"], null);
  await checkCommon(t, ["GETEX", "KEY", "EX", 100], null);
  await checkWrongType(t, ["GETEX", "KEY"]);
  await checkWrongType(t, ["GETEX", "KEY", "PERSIST"]);
});

t.test("changes the expiry only", async (t) => {
  const { run } = await startStrings(t);
  for (const value of ["value", "x".repeat(50_000)]) {
    await run("SET", "a", value);
    t.equal(await run("GETEX", "a", "EX", 100), value);
    t.equal(await run("TTL", "a"), 100);
    t.equal(await run("GETEX", "a"), value);
    t.equal(await run("TTL", "a"), 100);
    t.equal(await run("GETEX", "a", "px", 50_000), value);
    t.equal(await run("TTL", "a"), 50);
    t.equal(await run("GETEX", "a", "EXAT", 4_000_000_000), value);
    t.equal(await run("PEXPIRETIME", "a"), 4_000_000_000_000);
    t.equal(await run("GETEX", "a", "PXAT", 4_000_000_000_001), value);
    t.equal(await run("PEXPIRETIME", "a"), 4_000_000_000_001);
    t.equal(await run("GETEX", "a", "persist"), value);
    t.equal(await run("TTL", "a"), -1);
    t.equal(await run("GETEX", "a", "PERSIST", "PERSIST"), value);
    t.equal(await run("GETEX", "a", "PXAT", 1), value, "replied once more");
    t.equal(await run("EXISTS", "a"), 0, "and deleted");
  }
  t.equal(await run("DBSIZE"), 1, "list");
});

t.test("errors", async (t) => {
  const { run } = await startStrings(t);
  await run("SET", "a", "1");
  for (const options of ["FOO", "EX", "EX 10 PX 10", "EX 10 PERSIST", "PERSIST EX 10", "KEEPTTL", "NX", "GET"]) {
    t.same(await run("GETEX", "a", ...options.split(" ")), SYNTAX_ERROR, options);
  }
  t.same(await run("GETEX", "a", "EX", "x"), NOT_AN_INTEGER);
  t.same(await run("GETEX", "a", "EX", 0), new RespError("ERR invalid expire time in 'getex' command"));
  t.equal(await run("GETEX", "nokey", "EX", "x"), null, "a missing key hides a wrong time");
  t.equal(await run("TTL", "a"), -1);
});

t.test("without options it is no change", async (t) => {
  const { run } = await startStrings(t);
  await run("SET", "a", "1");
  await run("WATCH", "a");
  await run("GETEX", "a");
  await run("GETEX", "a", "PERSIST");
  await run("MULTI");
  await run("PING");
  t.same(await run("EXEC"), ["PONG"]);
  await run("WATCH", "a");
  await run("GETEX", "a", "EX", 100);
  await run("MULTI");
  await run("PING");
  t.equal(await run("EXEC"), null, "with one it is");
});
