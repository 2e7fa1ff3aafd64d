import t from "tap";
import { RespError, startClient } from "../../../support/run.ts";

t.test("TYPE", async (t) => {
  const { run } = await startClient(t);
  await run("SET", "a", "1");
  t.equal(await run("TYPE", "a"), "string");
  t.equal(await run("TYPE", "nokey"), "none");
  t.same(await run("TYPE"), new RespError("ERR wrong number of arguments for 'type' command"));
});
