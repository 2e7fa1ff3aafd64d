import t from "tap";
import { RespError, startClient } from "../../../support/run.ts";

t.test("PFDEBUG", async (t) => {
  const { run } = await startClient(t);
  t.same(await run("PFDEBUG", "DECODE", "h"), new RespError("ERR The specified key does not exist"));
  await run("PFADD", "h");
  t.equal(await run("PFDEBUG", "DECODE", "h"), "Z:16384");
  await run("PFADD", "h", "a", "b", "c");
  t.match(await run("PFDEBUG", "DECODE", "h"), /^Z:\d+ v:\d+,1 Z:\d+ v:\d+,1 Z:\d+ v:\d+,1 Z:\d+$/);
  t.equal(await run("PFDEBUG", "encoding", "h"), "sparse");
  t.equal(await run("PFDEBUG", "TODENSE", "h"), 1);
  t.equal(await run("PFDEBUG", "TODENSE", "h"), 0);
  t.same(await run("PFDEBUG", "DECODE", "h"), new RespError("ERR HLL encoding is not sparse"));
  const registers = (await run("PFDEBUG", "GETREG", "h")) as number[];
  t.equal(registers.length, 16384);
  t.equal(registers.filter((value) => value > 0).length, 3);
  t.equal(await run("PFCOUNT", "h"), 3);
  t.same(await run("PFDEBUG", "WHAT", "h"), new RespError("ERR Unknown PFDEBUG subcommand 'WHAT'"));
  await run("LPUSH", "list", "x");
  t.match((await run("PFDEBUG", "GETREG", "list")) as RespError, /WRONGTYPE/);
});
