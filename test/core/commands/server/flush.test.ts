import t from "tap";
import { checkKeyspace } from "../../../../packages/core/src/keyspace/check.ts";
import { RespError, startClient } from "../../../support/run.ts";
import { waitUntil } from "../../../support/wait-until.ts";

t.test("FLUSHDB, FLUSHALL, DBSIZE", async (t) => {
  const { run, worker } = await startClient(t, { store: "lmdb" });
  const fill = async (): Promise<void> => {
    for (const db of [0, 9]) {
      await run("SELECT", db);
      await run("SET", "a", "1", "EX", 100);
      await run("SET", "large", "x".repeat(100_000));
    }
  };
  const sizes = async (): Promise<unknown[]> => {
    const found = [];
    for (const db of [0, 9]) {
      await run("SELECT", db);
      found.push(await run("DBSIZE"));
    }
    return found;
  };
  for (const words of [[], ["ASYNC"], ["sync"]]) {
    await fill();
    t.same(await sizes(), [2, 2]);
    t.equal(await run("FLUSHDB", ...words), "OK");
    t.same(await sizes(), [2, 0]);
    await fill();
    t.equal(await run("FLUSHALL", ...words), "OK");
    t.same(await sizes(), [0, 0]);
  }
  for (const name of ["FLUSHDB", "FLUSHALL"]) {
    t.equal(await run(name), "OK", "also when empty");
    for (const words of [["x"], ["ASYNC", "SYNC"]]) {
      t.same(await run(name, ...words), new RespError("ERR syntax error"));
    }
  }
  t.same(await run("DBSIZE", "x"), new RespError("ERR wrong number of arguments for 'dbsize' command"));
  const { keyspace } = worker.server;
  const check = (): ReturnType<typeof checkKeyspace> => {
    keyspace.renewSnapshot();
    const report = checkKeyspace(keyspace);
    keyspace.store.releaseSnapshot();
    return report;
  };
  await waitUntil("everything is reclaimed", () => check().trash === 0);
  const report = check();
  t.same([report.keys, report.expires, report.elements, report.problems], [0, 0, 0, []]);
});

t.test("SWAPDB", async (t) => {
  const { run } = await startClient(t);
  await run("SET", "a", "zero");
  await run("SELECT", 5);
  await run("SET", "a", "five", "EX", 100);
  t.equal(await run("SWAPDB", 0, 5), "OK");
  t.equal(await run("GET", "a"), "zero");
  await run("SELECT", 0);
  t.equal(await run("GET", "a"), "five");
  t.equal(await run("TTL", "a"), 100);
  t.equal(await run("SWAPDB", 0, 0), "OK");
  t.equal(await run("GET", "a"), "five");
  t.same(await run("SWAPDB", "x", 0), new RespError("ERR invalid first DB index"));
  t.same(await run("SWAPDB", 0, "x"), new RespError("ERR invalid second DB index"));
  t.same(await run("SWAPDB", 99999999999, 0), new RespError("ERR invalid first DB index"));
  for (const db of [16, -1]) {
    t.same(await run("SWAPDB", 0, db), new RespError("ERR DB index is out of range"));
    t.same(await run("SWAPDB", db, 0), new RespError("ERR DB index is out of range"));
  }
  t.same(await run("SWAPDB", 0), new RespError("ERR wrong number of arguments for 'swapdb' command"));
});
