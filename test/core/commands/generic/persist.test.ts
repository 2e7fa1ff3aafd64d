import t from "tap";
import { RespError, startClient } from "../../../support/run.ts";

t.test("PERSIST", async (t) => {
  const { run } = await startClient(t);
  await run("SET", "a", "1", "EX", 100);
  t.equal(await run("PERSIST", "a"), 1);
  t.equal(await run("TTL", "a"), -1);
  t.equal(await run("PERSIST", "a"), 0);
  t.equal(await run("PERSIST", "nokey"), 0);
  t.equal(await run("GET", "a"), "1");
  t.same(await run("PERSIST"), new RespError("ERR wrong number of arguments for 'persist' command"));
});
