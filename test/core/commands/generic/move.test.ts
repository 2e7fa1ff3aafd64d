import t from "tap";
import { RespError, startClient } from "../../../support/run.ts";

t.test("MOVE", async (t) => {
  const { run } = await startClient(t);
  await run("SET", "a", "x".repeat(40_000), "EX", 100);
  t.equal(await run("MOVE", "a", 1), 1);
  t.equal(await run("EXISTS", "a"), 0);
  t.equal(await run("MOVE", "a", 1), 0, "no such key");
  await run("SET", "a", "here");
  t.equal(await run("MOVE", "a", 1), 0, "taken there");
  t.equal(await run("GET", "a"), "here");
  await run("SELECT", 1);
  t.equal(await run("STRLEN", "a"), 40_000);
  t.equal(await run("TTL", "a"), 100);
  for (const db of [16, -1]) t.same(await run("MOVE", "a", db), new RespError("ERR DB index is out of range"));
  t.same(await run("MOVE", "a", "x"), new RespError("ERR value is not an integer or out of range"));
  t.same(
    await run("MOVE", "a", 3_000_000_000),
    new RespError("ERR value is out of range, value must between -2147483648 and 2147483647"),
  );
  t.same(await run("MOVE", "a", 1), new RespError("ERR source and destination objects are the same"));
  t.same(await run("MOVE", "a"), new RespError("ERR wrong number of arguments for 'move' command"));
});
