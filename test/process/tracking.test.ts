/** Client-side caching with reader and writer on different processes. */
import t from "tap";
import type { Reply, RespClient } from "../support/resp-client.ts";
import { connectEach, type ServerProcess, startServer } from "../support/server.ts";
import { waitUntil } from "../support/wait-until.ts";
import { checkClientCaches } from "./drivers/client-cache.ts";

t.setTimeout(120_000);

async function pair(server: ServerProcess): Promise<[RespClient, RespClient]> {
  const [a, b] = await connectEach(server, 2);
  if (a === undefined || b === undefined) throw new Error("no clients");
  return [a, b];
}

/** The keys named by the invalidations that have arrived. */
function invalidated(client: RespClient): Reply[] {
  return client.pushes.splice(0).map((push) => (push as Reply[])[1] ?? null);
}

interface Case {
  readonly name: string;
  readonly tracking: readonly string[];
  readonly reads: readonly string[][];
  readonly writes: readonly string[][];
  readonly told: readonly Reply[];
}

const CASES: readonly Case[] = [
  { name: "a change", tracking: [], reads: [["GET", "k"]], writes: [["SET", "k", "2"]], told: [["k"]] },
  {
    name: "two changes",
    tracking: [],
    reads: [["GET", "k"]],
    writes: [
      ["INCR", "k"],
      ["INCR", "k"],
    ],
    told: [["k"]],
  },
  { name: "a key not read", tracking: [], reads: [["GET", "k"]], writes: [["SET", "x", "2"]], told: [] },
  { name: "deletion", tracking: [], reads: [["MGET", "k", "k2"]], writes: [["DEL", "k", "k2"]], told: [["k"], ["k2"]] },
  { name: "FLUSHALL", tracking: [], reads: [["GET", "k"]], writes: [["FLUSHALL"]], told: [null] },
  {
    name: "a prefix",
    tracking: ["BCAST", "PREFIX", "k"],
    reads: [],
    writes: [["MSET", "k", "1", "x", "2", "k2", "3"]],
    told: [["k", "k2"]],
  },
  { name: "OPTIN unasked", tracking: ["OPTIN"], reads: [["GET", "k"]], writes: [["SET", "k", "2"]], told: [] },
  {
    name: "OPTIN",
    tracking: ["OPTIN"],
    reads: [
      ["CLIENT", "CACHING", "YES"],
      ["GET", "k"],
    ],
    writes: [["SET", "k", "2"]],
    told: [["k"]],
  },
  {
    name: "OPTOUT",
    tracking: ["OPTOUT"],
    reads: [
      ["CLIENT", "CACHING", "NO"],
      ["GET", "k"],
      ["GET", "k2"],
    ],
    writes: [["MSET", "k", "2", "k2", "3"]],
    told: [["k2"]],
  },
];

t.test("a write tells the clients of other processes, before it is answered", async (t) => {
  const server = await startServer({ processes: 2, t });
  const [a, b] = await pair(server);
  await a.ok("HELLO", 3);
  for (const { name, tracking, reads, writes, told } of CASES) {
    await b.ok("FLUSHALL");
    await b.ok("MSET", "k", "1", "k2", "1");
    await a.ok("CLIENT", "TRACKING", "ON", ...tracking);
    for (const read of reads) await a.ok(...read);
    invalidated(a);
    for (const write of writes) await b.ok(...write);
    // The invalidation was sent before the write was answered, so it comes before this reply.
    await a.ok("PING");
    t.strictSame(invalidated(a), told, name);
    await a.ok("CLIENT", "TRACKING", "OFF");
  }
});

t.test("invalidations are redirected to a client of another process", async (t) => {
  const server = await startServer({ processes: 2, t });
  const [a, b] = await pair(server);
  const id = Number(await b.ok("CLIENT", "ID"));
  await b.ok("SUBSCRIBE", "__redis__:invalidate");
  await a.ok("CLIENT", "TRACKING", "ON", "REDIRECT", id);
  t.equal(await a.ok("CLIENT", "GETREDIR"), id);
  await a.ok("GET", "k");
  await a.ok("SET", "k", "1");
  t.strictSame(await b.read(), ["message", "__redis__:invalidate", ["k"]]);
  t.match(await a.call("CLIENT", "TRACKING", "ON", "REDIRECT", 999_999), { message: /does not exist/ });
});

t.test("an expired key is told to a client of another process", async (t) => {
  const server = await startServer({ processes: 2, t });
  const [a, b] = await pair(server);
  await a.ok("HELLO", 3);
  await a.ok("CLIENT", "TRACKING", "ON");
  await b.ok("SET", "k", "v", "PX", 100);
  await a.ok("GET", "k");
  await waitUntil("the expiry to be told", async () => a.pushes.length > 0);
  t.strictSame(invalidated(a), [["k"]]);
});

t.test("no stale value outlives the reply of the write that replaced it", async (t) => {
  const server = await startServer({ processes: 2, t });
  const [a, b] = await pair(server);
  await a.ok("HELLO", 3);
  await a.ok("CLIENT", "TRACKING", "ON");
  const cache = new Map<string, string>();
  for (let i = 0; i < 1500; i++) {
    const key = `k${i % 7}`;
    if (!cache.has(key)) cache.set(key, String(await a.ok("GET", key)));
    await b.ok("SET", key, String(i));
    await a.ok("PING");
    for (const keys of invalidated(a)) for (const name of keys as string[]) cache.delete(name);
    if (cache.has(key)) t.fail(`${key} is stale after write ${i}`);
  }
  t.pass("every write was told in time");
});

t.test("caches keep no stale value while keys change through the other process", async (t) => {
  const server = await startServer({ t });
  const options = { processes: 2, cachesPerProcess: 4, writers: 4, keys: 50, durationMs: 3000, seed: 1 };
  const found = await checkClientCaches(server, options);
  t.same(found.violations, []);
  t.ok(found.cacheHits > 0 && found.invalidations > 0 && found.checks > 0);
});

t.test("who is redirected to is looked for first; FLUSHALL is a null bulk string to RESP2", async (t) => {
  const server = await startServer({ processes: 2, t });
  const [a, b] = await pair(server);
  const nobody = { message: "ERR The client ID you want redirect to does not exist" };
  t.match(await a.call("CLIENT", "TRACKING", "ON", "REDIRECT", "0"), nobody);
  t.match(await a.call("CLIENT", "TRACKING", "ON", "REDIRECT", "123456", "PREFIX", "x"), nobody);
  t.match(await a.call("CLIENT", "TRACKING", "ON", "REDIRECT", "123456", "what"), nobody);
  t.match(await a.call("CLIENT", "TRACKING", "ON", "what", "REDIRECT", "0"), { message: "ERR syntax error" });

  const id = Number(await b.ok("CLIENT", "ID"));
  await b.ok("SUBSCRIBE", "__redis__:invalidate");
  t.equal(await a.ok("CLIENT", "TRACKING", "ON", "REDIRECT", id), "OK");
  await a.ok("SET", "k", "1");
  await a.ok("FLUSHALL");
  t.equal(String(await b.readRaw()), "*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n$-1\r\n");
});

t.test("CLIENT CACHING outlives a change of the options", async (t) => {
  const server = await startServer({ processes: 2, t });
  const [a] = await pair(server);
  await a.ok("CLIENT", "TRACKING", "ON", "OPTIN");
  await a.ok("CLIENT", "CACHING", "YES");
  await a.ok("CLIENT", "TRACKING", "ON", "OPTIN", "NOLOOP");
  t.same(((await a.ok("CLIENT", "TRACKINGINFO")) as Reply[])[1], ["on", "optin", "caching-yes", "noloop"]);
  await a.ok("GET", "k");
  t.same(((await a.ok("CLIENT", "TRACKINGINFO")) as Reply[])[1], ["on", "optin", "noloop"]);
});

t.test("NOLOOP in broadcast mode: a script's changes are told to its caller too, as in Redis", async (t) => {
  const server = await startServer({ processes: 2, t });
  const [a, b] = await pair(server);
  for (const client of [a, b]) {
    await client.ok("HELLO", "3");
    await client.ok("CLIENT", "TRACKING", "ON", "BCAST", "NOLOOP");
  }
  await a.ok("SET", "k", "1");
  await a.ok("EVAL", "return redis.call('SET', KEYS[1], 2)", "1", "s");
  await waitUntil("the other client to be told", () => b.pushes.length === 2);
  t.same(invalidated(b), [["k"], ["s"]]);
  await a.ok("PING");
  t.same(invalidated(a), [["s"]]);
});
