/** `maxmemory` over two processes: evicting, refusing, telling. */
import t from "tap";
import { encodeCommand, type RespClient } from "../support/resp-client.ts";
import { connectEach, startServer } from "../support/server.ts";
import { waitUntil } from "../support/wait-until.ts";

const server = await startServer({ processes: 2, t });
const [a, b] = (await connectEach(server, 2)) as [RespClient, RespClient];
t.teardown(() => {
  a.destroy();
  b.destroy();
});

async function info(client: RespClient, field: string): Promise<number> {
  const text = String(await client.ok("INFO", "everything"));
  return Number(new RegExp(`^${field}:(.*)\r$`, "m").exec(text)?.[1]);
}

async function countedBytes(): Promise<number> {
  return (await info(a, "used_memory")) - (await info(a, "mem_not_counted_for_evict"));
}

t.afterEach(async () => {
  await a.ok("CONFIG", "SET", "maxmemory", 0, "maxmemory-policy", "noeviction", "notify-keyspace-events", "");
  await a.ok("FLUSHALL");
});

t.test("a cache stays below its limit while both processes write", async (t) => {
  await a.ok("CONFIG", "SET", "maxmemory", "3mb", "maxmemory-policy", "allkeys-lfu");
  const value = "v".repeat(1000);
  for (let i = 0; i < 6000; i += 50) {
    const client = i % 100 === 0 ? a : b;
    const commands = Array.from({ length: 50 }, (_, n) => ["SET", `key:${i + n}`, value]);
    t.same(new Set(await client.pipeline(commands)), new Set(["OK"]), "nothing is refused");
    await b.ok("GET", "key:0");
  }
  await waitUntil("the data to be below the limit", async () => (await countedBytes()) <= 3 * 1024 * 1024);
  const keys = Number(await a.ok("DBSIZE"));
  t.ok(keys > 1000 && keys < 4000, `${keys} keys stay`);
  t.equal(await info(b, "evicted_keys"), 6000 - keys);
  t.equal(await a.ok("GET", "key:0"), value, "the key that is read often is still there");
  t.equal(await info(a, "current_eviction_exceeded_time"), 0);
});

t.test("without eviction, commands that may need memory are refused in every process, others not", async (t) => {
  await a.ok("SET", "x", "v".repeat(5000));
  await b.ok("CONFIG", "SET", "maxmemory", 1);
  for (const client of [a, b]) {
    const refused = await waitUntil("the refusal", async () => {
      const reply = await client.call("SET", "y", "1");
      return reply instanceof Error ? reply : null;
    });
    t.equal(refused.message, "OOM command not allowed when used memory > 'maxmemory'.");
    t.match(await client.call("EVAL", "return redis.call('set', 'y', '1')", 0), /OOM/);
    t.equal(await client.ok("EXISTS", "x"), 1);
  }
  t.equal(await b.ok("DEL", "x"), 1);
  await a.ok("CONFIG", "SET", "maxmemory", "1gb");
  t.equal(await b.ok("SET", "y", "1"), "OK");
});

t.test("events and invalidations tell of evicted keys, wherever the listener is", async (t) => {
  await a.ok("CONFIG", "SET", "notify-keyspace-events", "Ee", "maxmemory-policy", "volatile-lru");
  const listener = await server.connect();
  const tracker = await server.connect();
  t.teardown(() => {
    listener.destroy();
    tracker.destroy();
  });
  await listener.ok("HELLO", 3);
  listener.sendRaw(encodeCommand(["SUBSCRIBE", "__keyevent@0__:evicted"]));
  await waitUntil("the subscription", () => listener.pushes.length > 0);
  await tracker.ok("HELLO", 3);
  await tracker.ok("CLIENT", "TRACKING", "ON");
  await b.ok("SET", "kept", "1");
  await b.ok("SET", "goes", "1", "EX", 1000);
  await tracker.ok("GET", "goes");
  await a.ok("CONFIG", "SET", "maxmemory", 1);
  await waitUntil("the event", () => listener.pushes.some((push) => String(push).includes("evicted,goes")));
  await waitUntil("the invalidation", () => tracker.pushes.some((push) => String(push) === "invalidate,goes"));
  t.equal(await b.ok("EXISTS", "goes"), 0);
  t.equal(await b.ok("EXISTS", "kept"), 1);
});
