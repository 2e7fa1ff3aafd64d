/** KEYDB.CRON with several processes: one of them runs a slot, whoever is killed, and jobs outlive a restart. */
import t from "tap";
import type { RespClient } from "../support/resp-client.ts";
import { connectEach, type ServerProcess, startServer } from "../support/server.ts";
import { sleep, waitUntil } from "../support/wait-until.ts";

t.setTimeout(120_000);

interface Job {
  readonly mode: string;
  readonly db: number;
  readonly runs: number;
  readonly errors: number;
  readonly missed: number;
  readonly start: number;
  readonly interval: number;
  readonly "last-error": string | null;
}

async function jobOf(client: RespClient, name: string): Promise<Job> {
  const [list] = (await client.ok("KEYDB.CRONLIST", "MATCH", name)) as unknown[][];
  if (list === undefined) throw new Error(`there is no job ${name}`);
  return Object.fromEntries(
    Array.from({ length: list.length / 2 }, (_, i) => [list[i * 2], list[i * 2 + 1]]),
  ) as unknown as Job;
}

/** In one txn: how often the job says it ran, and how often its script did. */
async function counted(client: RespClient, name: string, list: string): Promise<[number, number]> {
  const script = `local job = redis.call('KEYDB.CRONLIST', 'MATCH', ARGV[1])[1]
    for i = 1, #job, 2 do if job[i] == 'runs' then return {job[i + 1], redis.call('LLEN', KEYS[1])} end end`;
  return (await client.ok("EVAL", script, 1, list, name)) as [number, number];
}

/** A client of a process that lives: one that was just killed may have taken the connection. */
function anyClient(server: ServerProcess): Promise<RespClient> {
  return waitUntil("a connection", async () => {
    try {
      const client = await server.connect();
      await client.ok("PING");
      return client;
    } catch {
      return null;
    }
  });
}

t.test("one process runs a slot; the next leader goes on when it is killed", async (t) => {
  const server = await startServer({ t, processes: 3 });
  const [first] = await connectEach(server, 3);
  if (first === undefined) throw new Error("no client");
  const startedMs = Date.now();
  await first.ok("KEYDB.CRON", "tick", "repeat", 20, "redis.call('rpush', KEYS[1], redis.call('time')[1])", 1, "ticks");
  await waitUntil("ticks", async () => Number(await first.ok("LLEN", "ticks")) >= 10);
  for (let round = 0; round < 6; round++) {
    // Of three processes one leads; six kills in turn meet it at least twice.
    const pid = server.workerPids()[round % 3];
    if (pid !== undefined) process.kill(pid, "SIGKILL");
    const client = await anyClient(server);
    const before = await client.ok("LLEN", "ticks");
    await waitUntil("further ticks", async () => Number(await client.ok("LLEN", "ticks")) >= Number(before) + 5);
    const [runs, pushed] = await counted(client, "tick", "ticks");
    t.equal(runs, pushed, "what ran is what was noted");
    client.destroy();
    await waitUntil("all processes", () => server.workerPids().length === 3);
  }
  const client = await anyClient(server);
  const { runs, errors, missed } = await jobOf(client, "tick");
  t.equal(errors, 0);
  t.ok(runs <= (Date.now() - startedMs) / 20 + 1, `${runs} runs: no slot ran twice`);
  t.ok(
    runs + missed >= (Date.now() - startedMs) / 20 - 20,
    `${runs} runs and ${missed} missed: no slot is unaccounted for`,
  );
});

t.test("mode, start, interval and database outlive a restart; what was due meanwhile runs once", async (t) => {
  const server = await startServer({ t, processes: 2 });
  const [a] = await connectEach(server, 2);
  if (a === undefined) throw new Error("no client");
  await a.ok("SELECT", 3);
  const soon = Date.now() - 1000;
  await a.ok("KEYDB.CRON", "late", "single", soon, 3000, "redis.call('rpush', 'ran', ARGV[1])", 0, "late");
  await a.ok("KEYDB.CRON", "often", "repeat", 50, "redis.call('incr', 'n')");
  await a.ok("KEYDB.CRON", "broken", "repeat", 50, "return redis.call('lpush', 'n')");
  await waitUntil("an error", async () => (await jobOf(a, "broken"))["last-error"]);
  const before = await jobOf(a, "late");
  await server.kill9();
  await sleep(2500);
  await server.boot();
  const b = await server.connect();
  await b.ok("SELECT", 3);
  await waitUntil("the late job", async () => Number(await b.ok("EXISTS", "late")) === 0);
  t.same(await b.ok("LRANGE", "ran", 0, -1), ["late"]);
  t.match(before, { mode: "single", db: 3, start: soon, interval: 3000 });
  const n = Number(await b.ok("GET", "n"));
  await waitUntil("further runs", async () => Number(await b.ok("GET", "n")) > n + 2);
  const often = await jobOf(b, "often");
  t.match(often, { mode: "repeat", db: 3, interval: 50, errors: 0 });
  t.ok(often.missed >= 40, `${often.missed} slots were missed, not made up`);
  t.match((await jobOf(b, "broken"))["last-error"], /Wrong number of args/);
  t.match(server.output, /KEYDB.CRON job 'broken' of database 3 failed: ERR Wrong number of args/);
  await server.restart();
  const c = await server.connect();
  t.match(await jobOf(c, "often"), { mode: "repeat", db: 3, interval: 50 });
});

t.test("a job waits for a long script of another process, and SCRIPT KILL ends one of its own", async (t) => {
  const server = await startServer({ t, processes: 2, config: { "busy-reply-threshold": 100 } });
  const [a, b] = await connectEach(server, 2);
  if (a === undefined || b === undefined) throw new Error("no clients");
  await a.ok("KEYDB.CRON", "tick", "repeat", 10, "redis.call('incr', 'n')");
  await waitUntil("ticks", async () => Number(await b.ok("GET", "n")) > 3);
  for (const [runner, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const running = runner.call("EVAL", "while true do end", 0);
    await waitUntil("BUSY", async () => String(await other.call("SET", "x", 1)).includes("BUSY"));
    const n = await other.ok("GET", "n");
    await sleep(100);
    t.equal(await other.ok("GET", "n"), n, "the script holds the lock");
    await other.ok("SCRIPT", "KILL");
    await running;
    await waitUntil("ticks", async () => Number(await other.ok("GET", "n")) > Number(n));
  }
  await a.ok("KEYDB.CRON", "endless", "single", 1, "while true do end");
  await waitUntil("BUSY", async () => String(await a.call("SET", "x", 1)).includes("BUSY"));
  t.equal(await b.ok("SCRIPT", "KILL"), "OK");
  await waitUntil("writes", async () => String(await a.call("SET", "x", 1)) === "OK");
  const noted = /job 'endless' of database 0 failed: ERR Script killed by user/;
  await waitUntil("the kill to be noted", async () => noted.test(server.output));
  t.equal((await jobOf(b, "tick")).errors, 0);
});

t.test("a job that has written and does not end can be killed: what it did is gone, the slot is over", async (t) => {
  const server = await startServer({ t, processes: 2, config: { "busy-reply-threshold": 50 } });
  const [a, b] = await connectEach(server, 2);
  if (a === undefined || b === undefined) throw new Error("no clients");
  const script = "redis.call('SET', 'trace', '1') while true do redis.call('INCR', 'count') end";
  const interval = 1_000_000_000;
  for (const [runner, killer, mode] of [
    [a, b, "repeat"],
    [b, a, "single"],
  ] as const) {
    await runner.ok("KEYDB.CRON", "endless", mode, Date.now() - interval + 20, interval, script);
    await waitUntil("BUSY", async () => String(await runner.call("SET", "x", 1)).includes("BUSY"));
    t.equal(await killer.ok("SCRIPT", "KILL"), "OK");
    await waitUntil("writes", async () => String(await runner.call("SET", "x", 1)) === "OK");
    const noted = new RegExp(
      `(job 'endless' of database 0 failed: ERR Script killed by user[^]*){${mode === "repeat" ? 1 : 2}}`,
    );
    await waitUntil("the kill to be noted", async () => noted.test(server.output));
    t.equal(await killer.ok("EXISTS", "trace", "count"), 0, "nothing is left of what it did");
    if (mode === "repeat") {
      const job = await jobOf(killer, "endless");
      t.same([job.runs, job.errors], [1, 1]);
      t.match(job["last-error"], /Script killed by user/);
      t.equal(await killer.ok("DEL", "endless"), 1);
    } else t.equal(await killer.ok("EXISTS", "endless"), 0, "it had its one run");
  }
});

t.test("reads go on while a job waits for the lock", async (t) => {
  const server = await startServer({ t, processes: 2 });
  const [a, b] = await connectEach(server, 2);
  if (a === undefined || b === undefined) throw new Error("no clients");
  await a.ok("KEYDB.CRON", "tick", "repeat", 1, "redis.call('incr', 'n')");
  await waitUntil("ticks", async () => Number(await b.ok("GET", "n")) > 3);
  // One of the two leads: its reads are those that a waiting job could hold up.
  for (const [runner, reader] of [
    [a, b],
    [b, a],
  ] as const) {
    const running = runner.call("EVAL", "for i = 1, 2e7 do end redis.call('set', 'done', 1)", 0);
    let isOver = false;
    running.then(() => {
      isOver = true;
    });
    let reads = 0;
    for (; !isOver; reads++) await reader.ok("GET", "n");
    t.ok(reads > 10, `${reads} reads`);
  }
});
