import t from "tap";
import { checkKeyspace } from "../../../../packages/core/src/keyspace/check.ts";
import { RespError, startClient } from "../../../support/run.ts";

t.test("COPY", async (t) => {
  const { run, worker } = await startClient(t);
  const large = "0123456789".repeat(8000);
  await run("SET", "a", large, "EX", 100);
  t.equal(await run("COPY", "a", "b"), 1);
  t.equal(await run("GET", "b"), large);
  t.equal(await run("TTL", "b"), 100);
  await run("SETRANGE", "b", 5, "xxx");
  t.equal(await run("GET", "a"), large, "the copy is independent");
  t.equal(await run("COPY", "a", "b"), 0);
  t.equal(await run("COPY", "a", "b", "REPLACE"), 1);
  t.equal(await run("GET", "b"), large);
  t.equal(await run("COPY", "nokey", "c"), 0);
  t.equal(await run("COPY", "a", "a", "db", 2), 1);
  t.equal(await run("COPY", "a", "a", "DB", 2), 0);
  t.equal(await run("COPY", "a", "a", "replace", "DB", 1, "db", 2), 1);
  t.same(await run("COPY", "a", "a"), new RespError("ERR source and destination objects are the same"));
  t.same(await run("COPY", "a", "a", "DB", 0), new RespError("ERR source and destination objects are the same"));
  t.same(await run("COPY", "a", "c", "DB", 16), new RespError("ERR DB index is out of range"));
  t.same(await run("COPY", "a", "c", "DB", "x"), new RespError("ERR value is not an integer or out of range"));
  for (const words of [["DB"], ["FOO"], ["REPLACE", "FOO"]]) {
    t.same(await run("COPY", "a", "c", ...words), new RespError("ERR syntax error"));
  }
  t.same(await run("COPY", "a"), new RespError("ERR wrong number of arguments for 'copy' command"));
  await run("DEL", "a");
  t.equal(await run("GET", "b"), large);
  t.equal(await run("COPY", "b", "k".repeat(3000)), 1);
  t.same(checkKeyspace(worker.server.keyspace).problems, []);
  worker.store.releaseSnapshot();
});
