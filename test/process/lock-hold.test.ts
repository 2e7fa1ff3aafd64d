/**
 * Large collections go without holding up the writers of other processes: the command only lets go of the rows, and the
 * leader frees them in small txns, between which others write. With background work paused the first half is shown, and
 * then the second; what a writer waits is compared with an operation that may be linear (COPY), on the same machine at
 * the same time.
 */
import t from "tap";
import { type CollectionType, collectionKey, fill } from "../../scripts/bench/collections.ts";
import type { RespClient } from "../support/resp-client.ts";
import { connectEach, startServer } from "../support/server.ts";
import { freed, type Stall, stallDuring } from "../support/stall-probe.ts";
import { waitUntil } from "../support/wait-until.ts";

t.setTimeout(240_000);

const SIZE = 30_000;
/** Writes seen while rows are freed: there are at least as many txns, and another process comes in between. */
const STEPS_MIN = 2;
/** What a busy machine may do to any client. */
const LEAST_LIMIT_MS = 1000;

async function pending(client: RespClient): Promise<number> {
  const info = String(await client.ok("INFO", "memory"));
  return Number(/lazyfree_pending_objects:(\d+)/.exec(info)?.[1]);
}

interface Case {
  readonly name: string;
  readonly types: readonly CollectionType[];
  readonly run: (client: RespClient, key: string) => Promise<unknown>;
  /** Something is left to be freed. */
  readonly leaves: boolean;
}

const ALL: readonly CollectionType[] = ["set", "zset", "hash", "list", "stream"];

const CASES: readonly Case[] = [
  { name: "DEL", types: ALL, leaves: true, run: (client, key) => client.ok("DEL", key) },
  { name: "UNLINK", types: ["set"], leaves: true, run: (client, key) => client.ok("UNLINK", key) },
  {
    name: "expiry",
    types: ["set", "zset"],
    leaves: true,
    run: async (client, key) => {
      await client.ok("PEXPIRE", key, 1);
      // A read finds it due and has it deleted, as the active cycle would.
      await waitUntil(
        "the key is gone",
        async () => (await client.ok("EXISTS", key)) === 0 && (await pending(client)) > 0,
      );
    },
  },
  { name: "SET over it", types: ["set"], leaves: true, run: (client, key) => client.ok("SET", key, "v") },
  {
    name: "SUNIONSTORE over it",
    types: ["set"],
    leaves: true,
    run: async (client, key) => {
      await client.ok("SADD", "{small}", "a", "b");
      await client.ok("SUNIONSTORE", key, "{small}");
    },
  },
  {
    name: "ZREMRANGEBYRANK of all",
    types: ["zset"],
    leaves: true,
    run: (client, key) => client.ok("ZREMRANGEBYRANK", key, 0, -1),
  },
  { name: "LTRIM to ten", types: ["list"], leaves: true, run: (client, key) => client.ok("LTRIM", key, 0, 9) },
  { name: "LTRIM to nothing", types: ["list"], leaves: true, run: (client, key) => client.ok("LTRIM", key, 1, 0) },
  { name: "RENAME", types: ["set"], leaves: false, run: (client, key) => client.ok("RENAME", key, `${key}:renamed`) },
  // The last: it takes the templates too.
  { name: "FLUSHALL ASYNC", types: ["set"], leaves: true, run: (client) => client.ok("FLUSHALL", "ASYNC") },
];

t.test("collections of 30,000 elements", async (t) => {
  const server = await startServer({ t, processes: 2, startTimeoutMs: 60_000 });
  const [client, probe] = (await connectEach(server, 2)) as [RespClient, RespClient];
  for (const type of ALL) await fill(client, type, SIZE, 1);
  for (const { name, types, run, leaves } of CASES) {
    for (const type of types) {
      const template = collectionKey(type, SIZE, 0);
      const key = `${template}:copy`;
      const linear = await stallDuring(probe, () => client.ok("COPY", template, key, "REPLACE"));
      await freed(client);
      await client.ok("DEBUG", "PAUSE-CRON", "1");
      const during = await stallDuring(probe, () => run(client, key));
      const left = await pending(client);
      if (leaves) t.ok(left >= 1, `${name} of a ${type} leaves the rows`);
      else t.equal(left, 0, `${name} of a ${type} frees nothing`);
      await client.ok("DEBUG", "PAUSE-CRON", "0");
      const after = await stallDuring(probe, () => freed(client));
      if (leaves) t.ok(after.sets >= STEPS_MIN, `${after.sets} writes while ${type} rows are freed`);
      const limitMs = Math.max(LEAST_LIMIT_MS, linear.workMs);
      const longest = (stall: Stall): string =>
        `longest wait ${stall.longestMs.toFixed(1)} ms of ${limitMs.toFixed(0)}`;
      t.ok(during.longestMs <= limitMs, `${name} of a ${type}: ${longest(during)}`);
      t.ok(after.longestMs <= limitMs, `freeing after ${name} of a ${type}: ${longest(after)}`);
    }
  }
});
