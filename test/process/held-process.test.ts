/** What clients may begin while another process is held, by a signal or by a long script, and that it holds afterwards. */
import t, { type Test } from "tap";
import { encodeCommand, type Reply, type RespClient } from "../support/resp-client.ts";
import { connectEach, startServer, workerOf } from "../support/server.ts";
import { waitUntil } from "../support/wait-until.ts";

t.setTimeout(120_000);

/** An answer of a process that is held would take longer than this. */
const SOON_MS = 2500;

interface Cast {
  /** Of the process that serves. */
  readonly a: RespClient;
  readonly a2: RespClient;
  /** Of the process that is held. */
  readonly b: RespClient;
  readonly held: number;
}

async function cast(t: Test): Promise<Cast> {
  const server = await startServer({ processes: 2, t, config: { "busy-reply-threshold": 100 } });
  const [a, b] = await connectEach(server, 2);
  if (a === undefined || b === undefined) throw new Error("no clients");
  const served = await workerOf(server, a);
  const a2 = await waitUntil("a second client of the process", async () => {
    const client = await server.connect();
    if ((await workerOf(server, client)) === served) return client;
    client.destroy();
    return null;
  });
  await Promise.all([a.ok("HELLO", 3), a2.ok("HELLO", 3)]);
  return { a, a2, b, held: await workerOf(server, b) };
}

function push(client: RespClient): Promise<Reply> {
  return waitUntil("a push", async () => client.pushes.shift() ?? null);
}

async function subscribe(t: Test, { a }: Cast): Promise<void> {
  const startedAt = performance.now();
  a.sendRaw(encodeCommand(["SUBSCRIBE", "c", "d"]));
  a.sendRaw(encodeCommand(["PSUBSCRIBE", "c*"]));
  a.sendRaw(encodeCommand(["UNSUBSCRIBE", "d"]));
  t.equal(await a.ok("PING"), "PONG");
  t.strictSame(
    a.pushes.splice(0).map((frame) => (frame as Reply[])[0]),
    ["subscribe", "subscribe", "psubscribe", "unsubscribe"],
  );
  t.ok(performance.now() - startedAt < SOON_MS, "nobody is waited for");
}

async function track(t: Test, { a2 }: Cast): Promise<void> {
  const startedAt = performance.now();
  t.equal(await a2.ok("CLIENT", "TRACKING", "ON"), "OK");
  t.equal(await a2.ok("GET", "k"), null);
  t.ok(performance.now() - startedAt < SOON_MS, "nobody is waited for");
}

/** That the process knows of the subscriptions as soon as it serves again. */
async function checkSubscriptions(t: Test, { a, b }: Cast): Promise<void> {
  t.equal(await b.ok("EVAL", "return redis.call('publish', 'c', 'm') + 10 * redis.call('publish', 'd', 'm')", 0), 2);
  t.strictSame(await push(a), ["message", "c", "m"]);
  t.strictSame(await push(a), ["pmessage", "c*", "c", "m"]);
  t.strictSame(await b.ok("PUBSUB", "NUMSUB", "c", "d"), ["c", 1, "d", 0]);
}

t.test("SUBSCRIBE and CLIENT TRACKING do not wait for a stopped process", async (t) => {
  const all = await cast(t);
  process.kill(all.held, "SIGSTOP");
  await subscribe(t, all);
  await track(t, all);
  process.kill(all.held, "SIGCONT");
  await checkSubscriptions(t, all);
  t.equal(await all.b.ok("SET", "k", "v"), "OK");
  t.strictSame(await push(all.a2), ["invalidate", ["k"]]);
});

t.test("SUBSCRIBE does not wait for a process with a long script", async (t) => {
  const all = await cast(t);
  // Kept beforehand: it runs without the write lock.
  const sha = String(await all.b.ok("SCRIPT", "LOAD", "while true do end"));
  const script = all.b.call("EVALSHA_RO", sha, 0);
  await waitUntil("the script to be slow", async () => /BUSY/.test(String(await all.a.call("CLIENT", "LIST"))));
  await subscribe(t, all);
  t.equal(await all.a2.ok("SCRIPT", "KILL"), "OK");
  t.match(await script, { message: /Script killed by user/ });
  await checkSubscriptions(t, all);
});

t.test("MONITOR does not wait for a stopped process, and shows what it does from then on", async (t) => {
  const { a, b, held } = await cast(t);
  process.kill(held, "SIGSTOP");
  const startedAt = performance.now();
  t.equal(await a.ok("MONITOR"), "OK");
  t.ok(performance.now() - startedAt < SOON_MS);
  process.kill(held, "SIGCONT");
  b.sendRaw(encodeCommand(["SET", "k", "v"]));
  t.match(String(await a.read()), /"SET" "k" "v"$/);
});

t.test("what a client begins is in force everywhere with its reply", async (t) => {
  const server = await startServer({ processes: 3, t });
  const [a, b, c] = await connectEach(server, 3);
  if (a === undefined || b === undefined || c === undefined) throw new Error("no clients");
  await a.ok("HELLO", 3);
  const publish = "return redis.call('publish', KEYS[1], 'm')";
  for (let i = 0; i < 150; i++) {
    a.sendRaw(encodeCommand(["SUBSCRIBE", `c${i}`]));
    await a.ok("PING");
    const counts = await Promise.all([b.ok("EVAL", publish, 1, `c${i}`), c.ok("PUBSUB", "NUMSUB", `c${i}`)]);
    t.strictSame(counts, [1, [`c${i}`, 1]]);
    a.sendRaw(encodeCommand(["UNSUBSCRIBE", `c${i}`]));
    await a.ok("PING");
    t.equal(await c.ok("EVAL", publish, 1, `c${i}`), 0);
    await a.ok("CLIENT", "TRACKING", "ON");
    await a.ok("GET", "k");
    a.pushes.length = 0;
    await b.ok("SET", "k", String(i));
    t.strictSame(await push(a), ["invalidate", ["k"]]);
    await a.ok("CLIENT", "TRACKING", "OFF");
  }
});

t.test("no write txn that was open when a process began to track is missed", async (t) => {
  const server = await startServer({ processes: 2, t });
  const [a, b] = await connectEach(server, 2);
  if (a === undefined || b === undefined) throw new Error("no clients");
  await a.ok("HELLO", 3);
  // The script keeps the lock for a while between its begin and its change.
  const slow = "local s = 0; for i = 1, 200000 do s = s + i end; redis.call('set', KEYS[1], ARGV[1]); return s";
  await b.ok("SET", "k", "none");
  for (let i = 0; i < 40; i++) {
    const written = b.ok("EVAL", slow, 1, "k", i);
    await a.ok("CLIENT", "TRACKING", "ON");
    const seen = await a.ok("GET", "k");
    await written;
    const after = await b.ok("GET", "k");
    if (seen !== after) t.strictSame(await push(a), ["invalidate", ["k"]], `round ${i}: ${seen} was read`);
    await a.ok("CLIENT", "TRACKING", "OFF");
    a.pushes.length = 0;
  }
});

t.test("a stopped process that tracks holds a write up once, and is told of all when it goes on", async (t) => {
  const { a, b, held } = await cast(t);
  await b.ok("HELLO", 3);
  await b.ok("CLIENT", "TRACKING", "ON", "BCAST");
  process.kill(held, "SIGSTOP");
  const times: number[] = [];
  for (const key of ["k1", "k2", "k3"]) {
    const startedAt = performance.now();
    t.equal(await a.ok("SET", key, "v"), "OK");
    times.push(performance.now() - startedAt);
  }
  t.ok(
    times.slice(1).every((ms) => ms < SOON_MS),
    `writes took ${times.map(Math.round)} ms`,
  );
  process.kill(held, "SIGCONT");
  const told: Reply[] = [];
  for (let i = 0; i < 3; i++) told.push(await push(b));
  t.strictSame(told, [
    ["invalidate", ["k1"]],
    ["invalidate", ["k2"]],
    ["invalidate", ["k3"]],
  ]);
  // Heard of again, it is waited for again: its client has the news when the writer has its reply.
  t.equal(await a.ok("SET", "k4", "v"), "OK");
  t.strictSame(await push(b), ["invalidate", ["k4"]]);
});
