/**
 * HSCAN, SSCAN and ZSCAN return every member that is there from the first call to the last, whatever else comes and goes
 * meanwhile through another process, the encoding and the rows' generation included; a cursor goes on in any process.
 */
import t from "tap";
import type { RespClient } from "../support/resp-client.ts";
import { connectEach, startServer } from "../support/server.ts";

t.setTimeout(240_000);

interface Kind {
  readonly scan: string;
  readonly large: string;
  readonly add: (key: string, members: readonly string[]) => (string | number)[];
  readonly remove: (key: string, members: readonly string[]) => (string | number)[];
}

const VALUE = "v".repeat(20);

const KINDS: readonly Kind[] = [
  {
    scan: "HSCAN",
    large: "hashtable",
    add: (key, members) => ["HSET", key, ...members.flatMap((member) => [member, VALUE])],
    remove: (key, members) => ["HDEL", key, ...members],
  },
  {
    scan: "SSCAN",
    large: "hashtable",
    add: (key, members) => ["SADD", key, ...members],
    remove: (key, members) => ["SREM", key, ...members],
  },
  {
    scan: "ZSCAN",
    large: "skiplist",
    add: (key, members) => [
      "ZADD",
      key,
      ...members.flatMap((member, i) => [member.startsWith("stays") ? i : 1e6 + i, member]),
    ],
    remove: (key, members) => ["ZREM", key, ...members],
  },
];

function names(prefix: string, from: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}:${from + i}`);
}

/** One scan, every call through the other process, with `between` after each; the members it returned. */
async function scanAll(
  kind: Kind,
  key: string,
  between: (call: number) => Promise<unknown>,
): Promise<{ seen: Set<string>; calls: number }> {
  const seen = new Set<string>();
  let cursor = "0";
  let calls = 0;
  do {
    const client = clients[calls % clients.length] as RespClient;
    const [next, items] = (await client.ok(kind.scan, key, cursor, "COUNT", 15)) as [string, string[]];
    const step = kind.scan === "SSCAN" ? 1 : 2;
    for (let i = 0; i < items.length; i += step) seen.add(items[i] as string);
    cursor = next;
    calls++;
    await between(calls);
  } while (cursor !== "0");
  return { seen, calls };
}

const server = await startServer({ t, processes: 2, startTimeoutMs: 60_000 });
const clients = await connectEach(server, 2);
const [first, second] = clients as [RespClient, RespClient];

for (const kind of KINDS) {
  t.test(`${kind.scan} while members come and go`, async (t) => {
    await first.ok("FLUSHALL");
    const stays = names("stays", 0, 600);
    await first.ok(...(kind.add("k", stays) as [string]));
    for (let round = 0; round < 2; round++) {
      const { seen, calls } = await scanAll(kind, "k", async (call) => {
        await second.ok(...(kind.add("k", names("other", call * 40, 40)) as [string]));
        if (call % 4 !== 0) await second.ok(...(kind.remove("k", names("other", (call - 1) * 40, 40)) as [string]));
        // Most of a sorted set at once: what stays moves to rows of another generation.
        if (kind.scan === "ZSCAN" && call % 10 === 9) {
          await second.ok(...(kind.add("k", names("many", 0, 2000)) as [string]));
          await first.ok("ZREMRANGEBYSCORE", "k", 1e6, "+inf");
        }
        if (call % 5 === 0) {
          await first.ok("RENAME", "k", "k2");
          await second.ok("RENAME", "k2", "k");
        }
      });
      t.ok(calls > 20, `${calls} calls`);
      t.same(
        stays.filter((member) => !seen.has(member)),
        [],
        "none that was there all the time is missing",
      );
    }
  });

  t.test(`${kind.scan} while the collection outgrows its small encoding`, async (t) => {
    await first.ok("FLUSHALL");
    for (let size = 2; size <= 160; size += 13) {
      await first.ok("DEL", "k");
      const stays = names("stays", 0, size);
      await first.ok(...(kind.add("k", stays) as [string]));
      // Only at first: a scan of a set that grows faster than it is scanned has no end.
      const { seen } = await scanAll(kind, "k", async (call) => {
        if (call <= 2) await second.ok(...(kind.add("k", names("other", call * 600, 600)) as [string]));
      });
      const missing = stays.filter((member) => !seen.has(member));
      if (missing.length > 0) t.fail(`of ${size} members ${missing.length} are missing`);
      const grown = await first.ok("OBJECT", "ENCODING", "k");
      if (grown !== kind.large) t.fail(`${size} members and many more are a ${String(grown)}`);
    }
    t.pass("all sizes");
  });
}
