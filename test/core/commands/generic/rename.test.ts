import t from "tap";
import { checkKeyspace } from "../../../../packages/core/src/keyspace/check.ts";
import { RespError, startClient } from "../../../support/run.ts";

const LONG = "k".repeat(4000);

t.test("RENAME and RENAMENX", async (t) => {
  const { run, worker } = await startClient(t);
  await run("SET", "a", "1");
  t.equal(await run("RENAME", "a", "b"), "OK");
  t.equal(await run("GET", "a"), null);
  t.equal(await run("GET", "b"), "1");
  t.equal(await run("RENAME", "b", "b"), "OK");
  t.equal(await run("RENAMENX", "b", "b"), 0);
  t.same(await run("RENAME", "nokey", "x"), new RespError("ERR no such key"));
  t.same(await run("RENAME", "nokey", "nokey"), new RespError("ERR no such key"));
  t.same(await run("RENAMENX", "nokey", "x"), new RespError("ERR no such key"));
  t.same(await run("RENAME", "a"), new RespError("ERR wrong number of arguments for 'rename' command"));
  t.same(await run("RENAMENX", "a"), new RespError("ERR wrong number of arguments for 'renamenx' command"));
  await run("SET", "c", "x".repeat(50_000));
  t.equal(await run("RENAMENX", "b", "c"), 0);
  t.equal(await run("RENAMENX", "b", "d"), 1);
  t.equal(await run("RENAME", "c", "d"), "OK", "replaces whatever was there");
  t.equal(await run("STRLEN", "d"), 50_000);
  t.equal(await run("DBSIZE"), 1);

  // The expiry goes with the value, and the target's goes away.
  await run("EXPIRE", "d", 100);
  await run("RENAME", "d", LONG);
  t.equal(await run("TTL", LONG), 100);
  await run("SET", "plain", "1");
  await run("RENAME", "plain", LONG);
  t.equal(await run("TTL", LONG), -1);
  t.equal(await run("GET", LONG), "1");
  t.equal(await run("RENAME", LONG, ""), "OK");
  t.same(await run("KEYS", "*"), [""]);
  t.same(checkKeyspace(worker.server.keyspace).problems, []);
  worker.store.releaseSnapshot();
});

t.test("RENAME takes the use counter of a key along", async (t) => {
  const { run, worker } = await startClient(t, { config: { "maxmemory-policy": "allkeys-lfu" } });
  const { accessClock, keyspace } = worker.server;
  await run("SET", "a", "1");
  t.equal(await run("OBJECT", "FREQ", "a"), 5);
  accessClock.restore(keyspace.hashOf(Buffer.from("a"), 0, 1), Date.now(), null, 200);
  await run("RENAME", "a", "b");
  t.ok(((await run("OBJECT", "FREQ", "b")) as number) >= 200);
});
