/**
 * Checks client-side caching with clients that really cache. Each client has a tracking connection (RESP3) through which it
 * reads what it does not have, and a store that invalidations empty; writers on other processes change random keys.
 *
 * A value is stale when it is kept after its invalidation was due: a write's reply leaves only after the invalidations
 * of every process are on their way (core's Outbox.hold), so once the writer has its reply and the caching client has
 * heard a PING answered on its tracking connection since, that client must not have an older value any more. Values are
 * numbers that grow per key, so "older" needs no further record.
 */
import type { Reply, RespClient } from "../../support/resp-client.ts";
import { SeededRandom } from "../../support/seeded-random.ts";
import { connectEach, connectTo, type ServerProcess, workerOf } from "../../support/server.ts";

export interface ClientCacheOptions {
  /** Processes of the server. */
  readonly processes: number;
  /** Caching clients per process, the modes taken in turn. */
  readonly cachesPerProcess: number;
  readonly writers: number;
  readonly keys: number;
  readonly durationMs: number;
  readonly seed: number;
}

export interface ClientCacheResult {
  readonly writes: number;
  readonly reads: number;
  readonly cacheHits: number;
  readonly invalidations: number;
  readonly checks: number;
  readonly violations: string[];
}

/** CLIENT TRACKING's modes that tell a client of every key it has read. */
const MODES: readonly (readonly string[])[] = [[], ["BCAST", "PREFIX", "cached:"], ["OPTIN"], ["NOLOOP"]];
const VIOLATIONS_SHOWN = 20;

function keyName(index: number): string {
  return `cached:${index}`;
}

class CachingClient {
  readonly values: Map<string, number> = new Map();
  readonly client: RespClient;
  readonly mode: readonly string[];
  /** Grows with every invalidation of a key, so that a reply on its way when one comes is not kept. */
  private readonly epochs: Map<string, number> = new Map();
  private flushes = 0;
  invalidations = 0;
  hits = 0;
  reads = 0;

  constructor(client: RespClient, mode: readonly string[]) {
    this.client = client;
    this.mode = mode;
  }

  async start(): Promise<void> {
    await this.client.ok("HELLO", 3);
    await this.client.ok("CLIENT", "TRACKING", "ON", ...this.mode);
  }

  /** Obeys the invalidations that have come so far. */
  obey(): void {
    for (const push of this.client.pushes.splice(0)) {
      const [kind, keys] = push as [string, Reply[] | null];
      if (kind !== "invalidate") continue;
      this.invalidations++;
      if (keys === null) {
        this.values.clear();
        this.flushes++;
        continue;
      }
      for (const key of keys) {
        this.values.delete(String(key));
        this.epochs.set(String(key), (this.epochs.get(String(key)) ?? 0) + 1);
      }
    }
  }

  /** The value from the cache, else from the server. */
  async get(key: string): Promise<number> {
    this.obey();
    const cached = this.values.get(key);
    if (cached !== undefined) {
      this.hits++;
      return cached;
    }
    this.reads++;
    const epoch = this.epochs.get(key) ?? 0;
    const { flushes } = this;
    const caching = this.mode[0] === "OPTIN" ? [["CLIENT", "CACHING", "YES"]] : [];
    const replies = await this.client.pipeline([...caching, ["GET", key]]);
    const value = Number(replies.at(-1));
    // An invalidation between the read and now: the frames came in this order, or the other way round; both mean "do not".
    this.obey();
    if ((this.epochs.get(key) ?? 0) === epoch && this.flushes === flushes) this.values.set(key, value);
    return value;
  }
}

export async function checkClientCaches(
  server: ServerProcess,
  options: ClientCacheOptions,
): Promise<ClientCacheResult> {
  const { processes, cachesPerProcess, keys, durationMs, seed } = options;
  const firsts = await connectEach(server, processes);
  const violations: string[] = [];
  const fail = (text: string): void => {
    if (violations.length < VIOLATIONS_SHOWN) violations.push(text);
  };
  for (let i = 0; i < keys; i++) await firsts[0]?.ok("SET", keyName(i), 0);
  const pids = await Promise.all(firsts.map((client) => workerOf(server, client)));
  const caches: CachingClient[] = [];
  for (const pid of pids) {
    for (let i = 0; i < cachesPerProcess; i++) {
      caches.push(new CachingClient(await connectTo(server, pid), MODES[caches.length % MODES.length] ?? []));
    }
  }
  await Promise.all(caches.map((cache) => cache.start()));
  const endAt = Date.now() + durationMs;
  let writes = 0;
  let checks = 0;
  /** The newest value of each key whose write was acknowledged. */
  const acknowledged = new Map<string, number>();

  async function write(index: number): Promise<void> {
    const random = new SeededRandom(seed * 1000 + index);
    const client = await connectTo(server, pids[index % pids.length] ?? 0);
    // Each writer has its own keys, so that a key's values grow.
    const own = Array.from({ length: keys }, (_, i) => i).filter((i) => i % options.writers === index);
    while (Date.now() < endAt) {
      const key = keyName(random.pick(own));
      await client.ok("INCR", key);
      const value = (acknowledged.get(key) ?? 0) + 1;
      acknowledged.set(key, value);
      writes++;
      if (random.chance(0.25)) await checkKey(random.pick(caches), key, value);
    }
    client.destroy();
  }

  /** The write of `value` was acknowledged: what the cache holds once it has heard anything since is not older. */
  async function checkKey(cache: CachingClient, key: string, value: number): Promise<void> {
    await cache.client.ok("PING");
    cache.obey();
    const held = cache.values.get(key);
    checks++;
    if (held !== undefined && held < value) {
      fail(`${key} is ${held} in a cache (${cache.mode.join(" ") || "default"}), ${value} was acknowledged`);
    }
  }

  async function read(cache: CachingClient, index: number): Promise<void> {
    const random = new SeededRandom(seed * 7777 + index);
    while (Date.now() < endAt) {
      const key = keyName(random.between(0, keys - 1));
      const floor = acknowledged.get(key) ?? 0;
      const wasCached = cache.values.has(key);
      const value = await cache.get(key);
      if (!wasCached && value < floor) fail(`${key} was read as ${value} after ${floor} was acknowledged`);
      if (random.chance(1 / 16)) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  await Promise.all([
    ...Array.from({ length: options.writers }, (_, index) => write(index)),
    ...caches.map((cache, index) => read(cache, index)),
  ]);
  // All is quiet: whatever a cache still has must be the truth.
  for (const cache of caches) {
    await cache.client.ok("PING");
    cache.obey();
    for (const [key, held] of cache.values) {
      checks++;
      const truth = acknowledged.get(key) ?? 0;
      if (held !== truth) fail(`${key} stays ${held} in a cache, ${truth} is the truth`);
    }
  }
  for (const client of [...firsts, ...caches.map((cache) => cache.client)]) client.destroy();
  const total = (what: "reads" | "hits" | "invalidations"): number =>
    caches.reduce((sum, cache) => sum + cache[what], 0);
  return {
    writes,
    reads: total("reads"),
    cacheHits: total("hits"),
    invalidations: total("invalidations"),
    checks,
    violations,
  };
}
