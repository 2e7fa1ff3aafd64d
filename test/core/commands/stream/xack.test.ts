import t from "tap";
import { type RespError, startClient } from "../../../support/run.ts";

t.test("XACK", async (t) => {
  const { worker, run } = await startClient(t);
  for (let i = 1; i <= 3; i++) await run("XADD", "s", `${i}-0`, "f", "v");
  await run("XGROUP", "CREATE", "s", "g", "0");
  await run("XREADGROUP", "GROUP", "g", "c", "STREAMS", "s", ">");
  const other = worker.connect();
  await other.run("WATCH", "s");
  t.equal(await run("XACK", "s", "g", "1-0", "1-0", "9-9"), 1);
  await other.run("MULTI");
  t.same(await other.run("EXEC"), [], "as in Redis, WATCH does not notice changes of groups");
  t.match((await run("XACK", "s", "g", "2-0", "bad")) as RespError, /Invalid stream ID/);
  t.same(await run("XPENDING", "s", "g"), [2, "2-0", "3-0", [["c", "2"]]]);
  t.equal(await run("XACK", "s", "no", "bad"), 0);
  t.equal(await run("XACK", "missing", "g", "1-0"), 0);
  await run("SET", "string", "x");
  t.match((await run("XACK", "string", "g", "1-0")) as RespError, /WRONGTYPE/);
});
