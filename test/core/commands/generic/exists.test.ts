import t from "tap";
import { COUNTER } from "../../../../packages/core/src/ports/counters.ts";
import { RespError, startClient } from "../../../support/run.ts";

t.test("EXISTS and KEYDB.MEXISTS", async (t) => {
  const { run, worker } = await startClient(t);
  await run("MSET", "a", "1", "b", "2", "", "3");
  t.equal(await run("EXISTS", "a"), 1);
  t.equal(await run("EXISTS", "a", "a", "nokey", "b", ""), 4);
  t.same(await run("KEYDB.MEXISTS", "a", "nokey", "a"), [1, 0, 1]);
  const { counters } = worker.server;
  t.equal(counters[COUNTER.keyspace_hits], 7);
  t.equal(counters[COUNTER.keyspace_misses], 2);
  t.same(await run("EXISTS"), new RespError("ERR wrong number of arguments for 'exists' command"));
  t.same(await run("KEYDB.MEXISTS"), new RespError("ERR wrong number of arguments for 'keydb.mexists' command"));
  await run("HELLO", 3);
  t.same(await run("KEYDB.MEXISTS", "a", "nokey"), [true, false]);
  await run("PEXPIREAT", "a", 1);
  t.equal(await run("EXISTS", "a"), 0);
});
