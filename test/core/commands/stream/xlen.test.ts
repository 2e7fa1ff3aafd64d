import t from "tap";
import { type RespError, startClient } from "../../../support/run.ts";

t.test("XLEN", async (t) => {
  const { run } = await startClient(t);
  t.equal(await run("XLEN", "s"), 0);
  await run("XADD", "s", "1-0", "f", "v");
  t.equal(await run("XLEN", "s"), 1);
  t.match((await run("XLEN")) as RespError, /wrong number of arguments for 'xlen'/);
  await run("SET", "string", "x");
  t.match((await run("XLEN", "string")) as RespError, /WRONGTYPE/);
});
