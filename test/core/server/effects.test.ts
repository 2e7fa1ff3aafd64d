/** Effects that redis-server 7.2 does not know, those of the server's own work, and txns that fail. */
import t from "tap";
import { PROPAGATE } from "../../../packages/core/src/ports/op-log.ts";
import { CollectingOpLog, toldTo } from "../../support/op-log.ts";
import type { Argument } from "../../support/resp-client.ts";
import { startClient, type WorkerOptions } from "../../support/run.ts";
import { sleep, waitUntil } from "../../support/wait-until.ts";

async function start(t: Parameters<typeof startClient>[0], options: WorkerOptions = {}) {
  const started = await startClient(t, options);
  const log = new CollectingOpLog();
  started.worker.server.tellEffects(log);
  const { run } = started;
  /** Runs a command; what it is told as, times as TIME. */
  const told = async (...words: readonly Argument[]): Promise<string[][]> => {
    log.take();
    await run(...words);
    await sleep(1);
    return log.take().map((unit) => unit.map((line) => line.replace(/\b1\d{12}\b/g, "TIME")));
  };
  return { ...started, log, told };
}

t.test("fields of hashes with deadlines: as times of the clock, only those concerned", async (t) => {
  const { run, told } = await start(t, { activeExpire: false });
  await run("HSET", "h", "a", "1", "b", "2", "c", "3", "d", "4", "e", "5");
  t.same(await told("HEXPIRE", "h", "100", "FIELDS", "3", "a", "b", "none"), [["0: HPEXPIREAT h TIME FIELDS 2 a b"]]);
  t.same(await told("HPEXPIRE", "h", "9", "GT", "FIELDS", "1", "a"), []);
  t.same(await told("HEXPIREAT", "h", "9999999999", "XX", "FIELDS", "2", "a", "c"), [
    ["0: HPEXPIREAT h 9999999999000 FIELDS 1 a"],
  ]);
  t.same(await told("HPEXPIREAT", "h", "1", "FIELDS", "2", "a", "none"), [["0: HDEL h a"]]);
  t.same(await told("HPERSIST", "h", "FIELDS", "1", "b"), [["0: HPERSIST h FIELDS 1 b"]]);
  t.same(await told("HPERSIST", "h", "FIELDS", "1", "b"), []);
  t.same(await told("HGETEX", "h", "EX", "100", "FIELDS", "2", "b", "none"), [["0: HPEXPIREAT h TIME FIELDS 1 b"]]);
  t.same(await told("HGETEX", "h", "PERSIST", "FIELDS", "1", "b"), [["0: HPERSIST h FIELDS 1 b"]]);
  t.same(await told("HGETEX", "h", "FIELDS", "1", "b"), []);
  t.same(await told("HGETEX", "h", "PXAT", "1", "FIELDS", "1", "b"), [["0: HDEL h b"]]);
  t.same(await told("HSETEX", "h", "FXX", "EX", "100", "FIELDS", "1", "c", "9"), [
    ["0: HSETEX h FXX PXAT TIME FIELDS 1 c 9"],
  ]);
  t.same(await told("HSETEX", "h", "FNX", "EX", "100", "FIELDS", "1", "c", "9"), []);
  t.same(await told("HSETEX", "h", "KEEPTTL", "FIELDS", "1", "c", "8"), [["0: HSETEX h KEEPTTL FIELDS 1 c 8"]]);
  t.same(await told("HSETEX", "h", "PXAT", "1", "FIELDS", "1", "c", "9"), [["0: HDEL h c"]]);
  t.same(await told("HGETDEL", "h", "FIELDS", "2", "d", "none"), [["0: HDEL h d"]]);
  t.same(await told("HGETDEL", "h", "FIELDS", "1", "none"), []);
  t.same(await told("KEYDB.HRENAME", "h", "e", "f"), [["0: KEYDB.HRENAME h e f"]]);
  await run("HPEXPIRE", "h", "1", "FIELDS", "1", "f");
  await sleep(5);
  t.same(await told("HSETNX", "h", "f", "new"), [["0: HDEL h f", "0: HSETNX h f new"]], "the due field goes first");
});

t.test("members with deadlines (KeyDB)", async (t) => {
  const { run, told } = await start(t, { activeExpire: false });
  await run("SADD", "s", "a", "b", "c");
  await run("ZADD", "z", "1", "a", "2", "b");
  await run("HSET", "h", "a", "1", "b", "2");
  t.same(await told("EXPIREMEMBER", "s", "a", "100"), [["0: PEXPIREMEMBERAT s a TIME"]]);
  t.same(await told("EXPIREMEMBERAT", "z", "a", "9999999999"), [["0: PEXPIREMEMBERAT z a 9999999999000"]]);
  t.same(await told("PEXPIREMEMBERAT", "h", "a", "9999999999999"), [["0: PEXPIREMEMBERAT h a 9999999999999"]]);
  t.same(await told("EXPIREMEMBER", "s", "none", "100"), []);
  t.same(await told("PERSIST", "s", "a"), [["0: PERSIST s a"]]);
  t.same(await told("PERSIST", "s", "a"), []);
  t.same(await told("EXPIREMEMBER", "s", "a", "-1"), [["0: SREM s a"]]);
  t.same(await told("EXPIREMEMBER", "z", "a", "0"), [["0: ZREM z a"]]);
  t.same(await told("PEXPIREMEMBERAT", "h", "a", "1"), [["0: HDEL h a"]]);
  await run("EXPIREMEMBER", "s", "b", "1", "ms");
  await run("EXPIREMEMBER", "z", "b", "1", "ms");
  await sleep(5);
  t.same(await told("SUNIONSTORE", "d", "s"), [["0: SREM s b", "0: SUNIONSTORE d s"]]);
  t.same(await told("ZCARD", "z"), [["0: ZREM z b"]], "a read tells nothing but what was due");
  t.same(await told("KEYDB.NHSET", "n.a.b", "1"), [["0: KEYDB.NHSET n.a.b 1"]]);
});

t.test("the active cycle: a unit for each key and member", async (t) => {
  const { run, log } = await start(t);
  await run("MSET", "a", "1", "b", "2");
  await run("SADD", "s", "m", "n");
  log.take();
  await run("PEXPIRE", "a", "1");
  await run("PEXPIRE", "b", "1");
  await run("EXPIREMEMBER", "s", "m", "1", "ms");
  const lines: string[] = [];
  await waitUntil("the cycle", () => {
    const units = log.take();
    t.ok(units.every((unit) => unit.length === 1));
    lines.push(...units.flat().filter((line) => !line.includes("PEXPIRE")));
    return lines.length === 3;
  });
  t.same(lines.sort(), ["0: DEL a", "0: DEL b", "0: SREM s m"]);
});

t.test("eviction, by lazyfree-lazy-eviction", async (t) => {
  for (const lazy of ["no", "yes"]) {
    const config = { maxmemory: "100kb", "maxmemory-policy": "allkeys-random", "lazyfree-lazy-eviction": lazy };
    const { run, log } = await start(t, { config });
    const name = lazy === "yes" ? "UNLINK" : "DEL";
    const value = "x".repeat(1000);
    const gone = await waitUntil("an eviction", async () => {
      for (let i = 0; i < 100; i++) await run("SET", `k${i}`, value);
      const units = log.take().filter((unit) => !unit[0]?.startsWith("0: SET"));
      return units.length > 0 && units;
    });
    t.ok(
      gone.every((unit) => unit.length === 1 && unit[0]?.startsWith(`0: ${name} k`)),
      lazy,
    );
  }
});

t.test("jobs of KEYDB.CRON", async (t) => {
  const { run, log, told } = await start(t);
  t.same(await told("KEYDB.CRON", "far", "repeat", "1000000", "return 1", "1", "k", "arg"), [
    ["0: KEYDB.CRON far REPEAT TIME 1000000 return 1 1 k arg"],
  ]);
  await run("KEYDB.CRON", "once", "single", "1", "redis.call('SET', KEYS[1], 1) redis.call('INCR', KEYS[1])", "1", "k");
  await run("KEYDB.CRON", "again", "repeat", "20", "redis.call('SET', KEYS[1], 'v', 'EX', 100)", "1", "r");
  const units: string[] = [];
  await waitUntil("both to run", () => {
    for (const unit of log.take())
      if (!unit[0]?.includes("CRON")) units.push(unit.join(" | ").replace(/\d{13}/, "TIME"));
    return units.length >= 3;
  });
  t.ok(units.includes("0: DEL once | 0: SET k 1 | 0: INCR k"), "the job that ran once is gone in the same unit");
  t.ok(units.includes("0: SET r v PXAT TIME"));
  await run("DEL", "again");
});

t.test("a txn that fails tells nothing; order is that of execution", async (t) => {
  const { worker, client, log } = await start(t, { activeExpire: false });
  const other = worker.connect();
  const { store } = worker;
  const commit = store.commit.bind(store);
  store.commit = () => {
    store.commit = commit;
    throw new Error("disk full");
  };
  await Promise.all([client.run("SET", "a", "1"), other.run("SET", "b", "1"), client.run("INCR", "a")]);
  t.same(log.take(), []);
  t.same(log.ends, ["dropped 3"]);
  await Promise.all([
    client.run("SET", "a", "1"),
    client.run("MULTI"),
    client.run("INCR", "a"),
    client.run("SPOP", "none"),
    client.run("SET", "b", "1"),
    client.run("EXEC"),
    client.run("GET", "a"),
    client.run("DEL", "a"),
    other.run("RPUSH", "l", "1"),
    other.run("EVAL", "redis.call('RPUSH', 'l', 2) redis.call('SELECT', 3) redis.call('RPUSH', 'l', 3)", "0"),
  ]);
  t.same(log.take(), [
    ["0: SET a 1"],
    ["0: INCR a", "0: SET b 1"],
    ["0: DEL a"],
    ["0: RPUSH l 1"],
    ["0: RPUSH l 2", "3: RPUSH l 3"],
  ]);
  t.equal(log.ends.at(-1), "committed 5");
});

t.test("what the op log throws drops the txn", async (t) => {
  const { worker, client, run } = await start(t, { activeExpire: false });
  worker.server.tellEffects({
    append: () => {
      throw new Error("no room");
    },
    committed: () => undefined,
    dropped: () => undefined,
  });
  t.ok((await client.run("SET", "a", "1")) instanceof Error);
  worker.server.tellEffects(null);
  t.equal(await run("EXISTS", "a"), 0);
});

t.test("whom it is for: redis.set_repl and messages", async (t) => {
  const { run, log } = await start(t, { activeExpire: false });
  await run("PUBLISH", "ch", "m");
  await run("SET", "k", "1");
  await run(
    "EVAL",
    "redis.set_repl(redis.REPL_AOF) redis.call('SET','k',1) redis.set_repl(redis.REPL_SLAVE) redis.call('SET','k',2)",
    "0",
  );
  const units = log.units;
  t.same(toldTo(units, PROPAGATE.aof), [["0: SET k 1"], ["0: SET k 1"]]);
  t.same(toldTo(units, PROPAGATE.replicas), [["0: PUBLISH ch m"], ["0: SET k 1"], ["0: SET k 2"]]);
});

t.test("without an op log nothing is told, and messages take no lock", async (t) => {
  const { worker, run, log } = await start(t, { activeExpire: false });
  await run("SET", "k", "1");
  worker.server.tellEffects(null);
  log.take();
  await run("SET", "k", "2");
  await run("PUBLISH", "ch", "m");
  t.same(log.take(), []);
  const begin = worker.store.begin.bind(worker.store);
  worker.store.begin = () => {
    throw new Error("a txn for a message");
  };
  t.equal(await run("PUBLISH", "ch", "m"), 0);
  worker.store.begin = begin;
});
