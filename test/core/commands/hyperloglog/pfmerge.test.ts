import t from "tap";
import { type RespError, startClient } from "../../../support/run.ts";

t.test("PFMERGE", async (t) => {
  const { run } = await startClient(t);
  await run("PFADD", "a", "1", "2", "3");
  await run("PFADD", "b", "3", "4");
  t.equal(await run("PFMERGE", "c", "a", "b", "missing"), "OK");
  t.equal(await run("PFCOUNT", "c"), 4);
  await run("PFDEBUG", "TODENSE", "b");
  await run("PEXPIRE", "a", "100000");
  t.equal(await run("PFMERGE", "a", "b"), "OK");
  t.equal(await run("PFDEBUG", "ENCODING", "a"), "dense", "one dense source is enough");
  t.ok(((await run("PTTL", "a")) as number) > 0, "the expiry stays");
  t.equal(await run("PFCOUNT", "a"), 4);
  t.equal(await run("PFMERGE", "new"), "OK");
  t.equal(await run("PFCOUNT", "new"), 0);
  await run("LPUSH", "list", "x");
  t.match((await run("PFMERGE", "list", "a")) as RespError, /WRONGTYPE/);
  t.match((await run("PFMERGE", "a", "list")) as RespError, /WRONGTYPE/);
});
