/** What INFO tells of the write lock: who holds it, for what, since when, and how long the others wait. */
import t from "tap";
import { connectEach, connectTo, startServer, workerOf } from "../support/server.ts";
import { waitUntil } from "../support/wait-until.ts";

// Starts of servers take long on a loaded machine.
t.setTimeout(180_000);

const SLEEP_SECONDS = 1.2;

t.test("a long wait is counted once and at its length, the holder is named", async (t) => {
  const server = await startServer({ processes: 2, t });
  const [a, b] = await connectEach(server, 2);
  if (a === undefined || b === undefined) throw new Error("no clients");
  const watcher = await connectTo(server, await workerOf(server, b));
  const fields = async (): Promise<Record<string, number | string>> => {
    const info = String(await watcher.ok("INFO", "keydb", "stats", "cpu"));
    const pairs = [...info.matchAll(/^(\w+):(.*)\r$/gm)].map(([, name, value]) => [name, value] as const);
    return Object.fromEntries(
      pairs.map(([name, value]) => [name, Number.isNaN(Number(value)) ? value : Number(value)]),
    );
  };
  await a.ok("CONFIG", "RESETSTAT");
  const before = await fields();
  t.equal(before["lock_holder_pid"], 0);
  t.equal(before["lock_holder_command"], "none");
  t.equal(before["lock_held_ms"], 0);
  t.equal(before["long_lock_waits"], 0);
  const holder = await workerOf(server, a);
  const held = a.pipeline([["MULTI"], ["SET", "k", "1"], ["DEBUG", "SLEEP", String(SLEEP_SECONDS)], ["EXEC"]]);
  const during = await waitUntil("the lock is held", async () => {
    const now = await fields();
    return Number(now["lock_held_ms"]) > 50 && now;
  });
  t.equal(during["lock_holder_pid"], holder);
  t.equal(during["lock_holder_command"], "debug");
  const startedAt = performance.now();
  t.equal(await b.ok("SET", "k", "2"), "OK");
  const waitedUsec = (performance.now() - startedAt) * 1000;
  await held;
  const after = await fields();
  t.equal(after["long_lock_waits"], 1, "its many tries are one wait");
  t.equal(after["lock_waits"], 1);
  const counted = Number(after["lock_wait_usec"]);
  t.ok(counted > waitedUsec * 0.8 && counted < waitedUsec * 1.05, `${counted} us counted of ${waitedUsec}`);
  t.ok(Number(after["avg_lock_contention"]) > 0.05, `average ${after["avg_lock_contention"]}`);
  t.equal(after["lock_holder_pid"], 0);
  await waitUntil("the wait is over", async () => (await fields())["instantaneous_lock_contention"] === 0);
});

t.test("instantaneous_lock_contention is the number of processes that wait", async (t) => {
  const server = await startServer({ processes: 3, t });
  const [a, b, c] = await connectEach(server, 3);
  if (a === undefined || b === undefined || c === undefined) throw new Error("no clients");
  const watcher = await connectTo(server, await workerOf(server, b));
  const held = a.pipeline([["MULTI"], ["SET", "k", "1"], ["DEBUG", "SLEEP", "4"], ["EXEC"]]);
  await waitUntil("the lock is held", async () => /lock_held_ms:[1-9]/.test(String(await watcher.ok("INFO", "keydb"))));
  const waiting = [b.ok("INCR", "n"), c.ok("INCR", "n")];
  await waitUntil("two processes wait", async () =>
    /instantaneous_lock_contention:2\r/.test(String(await watcher.ok("INFO", "stats"))),
  );
  await held;
  t.same((await Promise.all(waiting)).sort(), [1, 2]);
});
