/** KEYDB.CRON and KEYDB.CRONLIST: parsing, what a job is to other commands, runs, errors. */
import t from "tap";
import { checkKeyspace } from "../../../../packages/core/src/keyspace/check.ts";
import { nextSlot, slotAfterClockChange } from "../../../../packages/core/src/types/cron-job.ts";
import { type RespError, startClient, type TestWorker } from "../../../support/run.ts";
import { waitUntil } from "../../../support/wait-until.ts";

type Assertions = Pick<typeof t, "same">;
type Run = Awaited<ReturnType<typeof startClient>>["run"];

/** KEYDB.CRONLIST as objects. */
async function jobs(run: Run, ...options: string[]): Promise<Array<Record<string, unknown>>> {
  const list = (await run("KEYDB.CRONLIST", ...options)) as unknown[][];
  return list.map((job) =>
    Object.fromEntries(Array.from({ length: job.length / 2 }, (_, i) => [job[i * 2], job[i * 2 + 1]])),
  );
}

async function job(run: Run, name: string): Promise<Record<string, unknown>> {
  const found = (await jobs(run, "MATCH", name))[0];
  if (found === undefined) throw new Error(`there is no job ${name}`);
  return found;
}

/** Every row of the store belongs to something, and nothing went wrong in the background. */
async function isConsistent(worker: TestWorker, t: Assertions): Promise<void> {
  const { keyspace } = worker.server;
  keyspace.renewSnapshot();
  t.same(checkKeyspace(keyspace).problems, []);
  keyspace.store.releaseSnapshot();
  t.same(
    worker.warnings.filter((line) => line.includes("background work failed")),
    [],
  );
}

t.test("refusals, as KeyDB words them", async (t) => {
  const { run } = await startClient(t);
  const refused = async (text: string, ...args: string[]): Promise<void> => {
    t.equal(((await run("KEYDB.CRON", ...args)) as RespError).message, text, args.join(" "));
  };
  await refused("ERR wrong number of arguments for 'keydb.cron' command", "n", "single", "1");
  await refused("ERR syntax error", "n", "twice", "1", "return 1");
  await refused("ERR missing expire time", "n", "single", "x", "return 1");
  await refused("ERR missing expire time", "n", "single", "1.5", "10", "return 1");
  await refused("ERR interval must be positive", "n", "single", "0", "return 1");
  await refused("ERR interval must be positive", "n", "repeat", "5", "-1", "return 1");
  await refused("ERR wrong number of arguments for 'keydb.cron' command", "n", "single", "0", "1");
  await refused("ERR value is not an integer or out of range", "n", "single", "10", "return 1", "x");
  await refused("ERR Missing arguments or numkeys is too big", "n", "single", "10", "return 1", "1");
  await refused("ERR Missing arguments or numkeys is too big", "n", "single", "0", "10", "return 1", "2", "a");
  await refused("ERR Number of keys can't be negative", "n", "single", "10", "return 1", "-1");
  t.equal(await run("EXISTS", "n"), 0);
  for (const number of ["9223372036854775807", "-9223372036854775808"]) {
    t.equal(await run("KEYDB.CRON", "far", "repeat", number, "9223372036854775807", "return 1"), "OK");
  }
  t.equal(await run("PING"), "PONG");
});

t.test("what a job is to other commands", async (t) => {
  const { worker, run } = await startClient(t, { store: "lmdb" });
  t.equal(await run("KEYDB.CRON", "j", "repeat", "100000", "return 1", "1", "a", "b"), "OK");
  t.equal(await run("TYPE", "j"), "unknown");
  t.equal(await run("OBJECT", "ENCODING", "j"), "raw");
  t.match(((await run("GET", "j")) as RespError).message, /WRONGTYPE/);
  t.equal(((await run("COPY", "j", "k")) as RespError).message, "ERR unknown type object");
  t.equal(await run("TTL", "j"), -1);
  t.ok(Number(await run("PTTL", "j", "j")) > 90_000, "the next run is the deadline of the member of that name");
  t.equal(await run("PTTL", "j", "other"), -1);
  t.equal(((await run("EXPIREMEMBER", "j", "j", "1")) as RespError).message, "ERR object type is unsupported");
  t.same(await run("SCAN", "0", "TYPE", "unknown"), ["0", ["j"]]);
  const digest = await run("DEBUG", "DIGEST");
  t.notMatch(digest, /^0+$/);
  t.equal(await run("RENAME", "j", "k"), "OK");
  t.not(await run("DEBUG", "DIGEST"), digest);
  t.match(await job(run, "k"), { name: "k", db: 0, mode: "repeat", interval: 100000, keys: ["a"], args: ["b"] });
  t.equal(await run("MOVE", "k", "3"), 1);
  t.same(
    (await jobs(run)).map(({ name, db }) => [name, db]),
    [["k", 3]],
  );
  t.equal(await run("SWAPDB", "3", "4"), "OK");
  t.same(
    (await jobs(run, "DB", "4")).map(({ name, db }) => [name, db]),
    [["k", 4]],
  );
  t.same(await jobs(run, "DB", "3"), []);
  t.equal(((await run("KEYDB.CRONLIST", "NONSENSE")) as RespError).message, "ERR syntax error");
  await run("SELECT", "4");
  t.equal(await run("SET", "k", "now a string"), "OK", "an overwritten job is gone");
  t.same(await jobs(run), []);
  await run("SADD", "s", "m");
  await run("EXPIREMEMBER", "s", "m", "1000");
  t.equal(await run("KEYDB.CRON", "s", "single", "100000", "return 1"), "OK", "and a job takes any key's place");
  t.equal((await jobs(run)).length, 1);
  await isConsistent(worker, t);
  t.equal(await run("DEL", "s"), 1);
  t.equal(await run("KEYDB.CRON", "s", "repeat", "100000", "x".repeat(40_000), "1", "k".repeat(2000), "arg"), "OK");
  await isConsistent(worker, t);
  t.match(await jobs(run, "WITHCODE"), [{ script: "x".repeat(40_000), keys: ["k".repeat(2000)], args: ["arg"] }]);
  t.equal(await run("FLUSHALL"), "OK");
  t.same(await jobs(run), []);
  await waitUntil("the reclaimer", async () => {
    worker.server.keyspace.renewSnapshot();
    const { trash } = checkKeyspace(worker.server.keyspace);
    worker.server.keyspace.store.releaseSnapshot();
    return trash === 0;
  });
  await isConsistent(worker, t);
});

t.test("a job runs in its database with its keys and arguments, once or again and again", async (t) => {
  const { worker, run } = await startClient(t);
  await run("SELECT", "2");
  await run(
    "KEYDB.CRON",
    "once",
    "single",
    "0",
    "1",
    "return redis.call('rpush', KEYS[1], ARGV[1], ARGV[2])",
    "1",
    "l",
    "a",
    "b",
  );
  await run("KEYDB.CRON", "often", "repeat", "5", "redis.call('incr', KEYS[1])", "1", "n");
  await waitUntil("the runs", async () => Number(await run("GET", "n")) >= 5);
  t.same(await run("LRANGE", "l", "0", "-1"), ["a", "b"]);
  t.equal(await run("EXISTS", "once"), 0, "what runs once is gone afterwards");
  const often = await job(run, "often");
  t.ok(Number(often.runs) >= 5 && often.errors === 0 && often["last-error"] === null);
  await run("DEL", "often");
  const n = await run("GET", "n");
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.equal(await run("GET", "n"), n);
  await run("SELECT", "0");
  t.equal(await run("EXISTS", "l"), 0);
  t.match(String(await run("INFO", "stats")), /cron_job_runs:[1-9]/);
  await isConsistent(worker, t);
});

t.test("errors are kept, counted and logged; the job goes on", async (t) => {
  const { worker, run } = await startClient(t);
  for (const [name, script] of [
    ["bad", "this is not Lua"],
    ["fails", "redis.call('set', 'written', 1) return redis.call('lpush', 'written', 1)"],
    ["returns", "return redis.error_reply('MINE own words')"],
  ] as const) {
    await run("KEYDB.CRON", name, "repeat", "20", script);
    const seen = await waitUntil(`two runs of ${name}`, async () => {
      const found = await job(run, name);
      return Number(found.errors) >= 2 ? found : null;
    });
    t.match(
      seen["last-error"],
      name === "bad" ? /Error compiling script/ : name === "fails" ? /WRONGTYPE/ : /^MINE own words/,
    );
    t.equal(seen.errors, seen.runs);
    t.ok(worker.warnings.some((line) => line.includes(`job '${name}' of database 0 failed`)));
    await run("DEL", name);
  }
  t.equal(await run("GET", "written"), "1", "what it wrote before stays, as with EVAL");
  t.match(String(await run("INFO", "stats")), /cron_job_errors:[1-9]/);
});

t.test("a script may delete, rename, replace and make jobs", async (t) => {
  const { worker, run } = await startClient(t);
  await run("KEYDB.CRON", "suicide", "repeat", "1", "redis.call('incr', 'died') redis.call('del', 'suicide')");
  await run(
    "KEYDB.CRON",
    "moves",
    "repeat",
    "30",
    "redis.call('rename', 'moves', 'moved') redis.call('incr', 'moves:n')",
  );
  await run(
    "KEYDB.CRON",
    "rearm",
    "single",
    "1",
    "if redis.call('incr', 'armed') < 3 then redis.call('keydb.cron', 'rearm', 'single', 1, ARGV[1], 0, ARGV[1]) end",
    "0",
    "return redis.call('incr', 'armed')",
  );
  await run("KEYDB.CRON", "flush", "single", "1", "redis.call('select', 5) redis.call('flushdb')");
  await waitUntil(
    "all of it",
    async () =>
      ((await run("MGET", "died", "moves:n", "armed")) as unknown as boolean) &&
      String(await run("MGET", "died", "moves:n", "armed")) === "1,1,2",
  );
  t.same(
    (await jobs(run)).map(({ name }) => name),
    ["moved"],
  );
  t.match(
    await waitUntil("an error of the moved one", async () => {
      const found = await job(run, "moved");
      return Number(found.errors) > 0 ? found : null;
    }),
    { "last-error": /no such key/ },
  );
  await isConsistent(worker, t);
});

t.test("made in MULTI and in scripts, held by CLIENT PAUSE", async (t) => {
  const { run } = await startClient(t);
  t.equal(await run("MULTI"), "OK");
  t.equal(await run("KEYDB.CRON", "j", "single", "1", "redis.call('incr', 'n')"), "QUEUED");
  t.same(await run("EXEC"), ["OK"]);
  await waitUntil("its run", async () => (await run("GET", "n")) === "1");
  await run("EVAL", "return redis.call('keydb.cron', 'k', 'repeat', 10, \"redis.call('incr', 'm')\")", "0");
  await waitUntil("its run", async () => Number(await run("GET", "m")) > 0);
  await run("CLIENT", "PAUSE", "300", "WRITE");
  const before = await run("GET", "m");
  await new Promise((resolve) => setTimeout(resolve, 100));
  t.equal(await run("GET", "m"), before, "no job runs while writes are paused");
  await waitUntil("the end of the pause", async () => Number(await run("GET", "m")) > Number(before));
  t.ok(Number((await job(run, "k")).missed) >= 10, "missed slots are counted, not made up");
});

t.test("a run is a use of the key", async (t) => {
  const { run } = await startClient(t, { config: { "maxmemory-policy": "allkeys-lfu" } });
  await run("KEYDB.CRON", "j", "repeat", "5", "return 1");
  const before = Number(await run("OBJECT", "FREQ", "j"));
  await waitUntil("runs", async () => Number((await job(run, "j")).runs) >= 3);
  t.ok(Number(await run("OBJECT", "FREQ", "j")) > before);
});

t.test("the grid of slots", async (t) => {
  const definition = { repeats: true, interval: 100n, script: Buffer.alloc(0), keys: [], args: [] };
  const at1000 = { ...definition, start: 1000n };
  t.same(nextSlot(at1000, 1100, 1101), { nextMs: 1200, missed: 0 });
  t.same(nextSlot(at1000, 1100, 1200), { nextMs: 1300, missed: 1 });
  t.same(nextSlot(at1000, 1100, 1555), { nextMs: 1600, missed: 4 });
  t.same(nextSlot({ ...definition, start: 0n }, 100, 1555), { nextMs: 1655, missed: 0 }, "start 0: from now");
  const ran = {
    ...at1000,
    createdMs: 900,
    lastRunMs: 5000,
    runs: 1,
    failures: 0,
    missed: 0,
    lastUsec: 0,
    lastError: "",
  };
  t.equal(slotAfterClockChange(ran, 5100, 5050), null, "the clock is not behind");
  t.equal(slotAfterClockChange(ran, 5100, 2010), 2100, "an hour that comes again is used again");
  t.equal(slotAfterClockChange({ ...ran, repeats: false }, 5100, 2010), null);
});

t.test("the event after a run", async (t) => {
  const { worker, run } = await startClient(t, { config: { "notify-keyspace-events": "KE" } });
  const listener = worker.connect();
  await listener.run("SUBSCRIBE", "__keyevent@0__:CRON Executed");
  let message: unknown = null;
  listener.next().then((next) => {
    message = next;
  });
  await run("KEYDB.CRON", "j", "single", "1", "return 1");
  t.same(await waitUntil("the event", () => message), ["message", "__keyevent@0__:CRON Executed", "j"]);
});
