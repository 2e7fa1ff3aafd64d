/**
 * How long the write lock is held at a time, and the longest wait of a writer on another process, while something is done
 * to a large collection. Of redis-server the same on one connection beside another: it has one thread, so its wait is the
 * time of the command. By the clock: on a busy machine who holds the lock may have no processor; `rounds` help.
 */
import type { RespClient } from "../../test/support/resp-client.ts";
import { connectEach } from "../../test/support/server.ts";
import { freed, stallDuring } from "../../test/support/stall-probe.ts";
import { waitUntil } from "../../test/support/wait-until.ts";
import { type CollectionType, collectionKey, fill } from "./collections.ts";
import { median } from "./measure.ts";
import { ourTarget, redisTarget, type Target } from "./targets.ts";

interface StallCase {
  readonly name: string;
  readonly type: CollectionType;
  /** Done to the collection `key` of `size` elements. */
  readonly run: (client: RespClient, key: string, size: number) => Promise<unknown>;
}

const call =
  (...args: readonly (string | number)[]) =>
  (client: RespClient, key: string): Promise<unknown> =>
    client.ok(...args.map((arg) => (arg === "KEY" ? key : arg)));

async function expireOut(client: RespClient, key: string): Promise<void> {
  await client.ok("PEXPIRE", key, 50);
  // DBSIZE counts a key until it is really deleted, by the active cycle: nothing reads it here.
  const before = Number(await client.ok("DBSIZE"));
  await waitUntil("the key's end", async () => Number(await client.ok("DBSIZE")) < before);
}

const half = (size: number): number => Math.floor(size / 2);

const CASES: readonly StallCase[] = [
  { name: "RENAME", type: "set", run: call("RENAME", "KEY", "renamed") },
  { name: "DEL", type: "set", run: call("DEL", "KEY") },
  { name: "UNLINK", type: "set", run: call("UNLINK", "KEY") },
  { name: "expiry", type: "set", run: expireOut },
  { name: "FLUSHALL ASYNC", type: "set", run: call("FLUSHALL", "ASYNC") },
  { name: "SET over it", type: "set", run: call("SET", "KEY", "v") },
  {
    name: "SUNIONSTORE over it",
    type: "set",
    run: async (client, key) => {
      await client.ok("SADD", "small", "a", "b");
      await client.ok("SUNIONSTORE", key, "small");
    },
  },
  { name: "SPOP a tenth", type: "set", run: (client, key, size) => client.ok("SPOP", key, Math.floor(size / 10)) },
  { name: "DEL", type: "zset", run: call("DEL", "KEY") },
  { name: "ZREMRANGEBYRANK all", type: "zset", run: call("ZREMRANGEBYRANK", "KEY", 0, -1) },
  {
    name: "ZREMRANGEBYRANK half",
    type: "zset",
    run: (client, key, size) => client.ok("ZREMRANGEBYRANK", key, 0, half(size)),
  },
  { name: "DEL", type: "hash", run: call("DEL", "KEY") },
  { name: "DEL", type: "list", run: call("DEL", "KEY") },
  { name: "LTRIM to nothing", type: "list", run: call("LTRIM", "KEY", 1, 0) },
  { name: "LTRIM to 10", type: "list", run: call("LTRIM", "KEY", 0, 9) },
  { name: "LTRIM to half", type: "list", run: (client, key, size) => client.ok("LTRIM", key, 0, half(size)) },
  { name: "DEL", type: "stream", run: call("DEL", "KEY") },
  { name: "XTRIM to 10", type: "stream", run: call("XTRIM", "KEY", "MAXLEN", 10) },
];

/** Longest time that any process of ours has held the write lock since CONFIG RESETSTAT, ms; NaN for others. */
async function longestHoldMs(client: RespClient): Promise<number> {
  const info = String(await client.ok("INFO", "keydb"));
  return Number(/lock_held_usec_max:(\d+)/.exec(info)?.[1] ?? Number.NaN) / 1000;
}

/** Six figures: of the command, then of the freeing in the background: the longest SET, the duration, the longest hold. */
async function measureCase(
  stall: StallCase,
  clients: readonly [RespClient, RespClient],
  size: number,
): Promise<number[]> {
  const [client, probe] = clients;
  const template = collectionKey(stall.type, size, 0);
  const key = `${template}:copy`;
  await client.ok("COPY", template, key, "REPLACE");
  await freed(client);
  const figures: number[] = [];
  for (const work of [(): Promise<unknown> => stall.run(client, key, size), (): Promise<void> => freed(client)]) {
    await client.ok("CONFIG", "RESETSTAT");
    const { longestMs, workMs } = await stallDuring(probe, work);
    figures.push(longestMs, workMs, await longestHoldMs(client));
  }
  return figures;
}

/** Medians of the rounds. FLUSHALL takes the template with it, so every round fills what is not there. */
async function medianFigures(
  stall: StallCase,
  clients: readonly [RespClient, RespClient],
  size: number,
  rounds: number,
): Promise<number[]> {
  const runs: number[][] = [];
  for (let round = 0; round < rounds; round++) {
    const [client] = clients;
    if (Number(await client.ok("EXISTS", collectionKey(stall.type, size, 0))) === 0) {
      await client.ok("FLUSHALL");
      await fill(client, stall.type, size, 1);
    }
    runs.push(await measureCase(stall, clients, size));
  }
  return (runs[0] ?? []).map((_, i) => median(runs.map((run) => run[i] as number)));
}

export async function printStalls(size: number, only: readonly string[], rounds: number): Promise<void> {
  const starters: (() => Promise<Target | null>)[] = [redisTarget, () => ourTarget(2)];
  for (const start of starters) {
    const target = await start();
    if (target === null) continue;
    const [client, probe] =
      target.server !== null && target.name !== "redis-server"
        ? await connectEach(target.server, 2)
        : [await target.connect(), await target.connect()];
    if (client === undefined || probe === undefined) throw new Error("two connections are needed");
    console.log(`${target.name}, collections of ${size.toLocaleString("en")} elements, ms:`);
    console.log("                                 command: longest SET, duration, lock held; freeing: the same");
    for (const stall of CASES) {
      if (only.length > 0 && !only.includes(stall.type)) continue;
      const figures = await medianFigures(stall, [client, probe], size, rounds);
      const texts = figures.map((ms) => (Number.isNaN(ms) ? "-" : ms.toFixed(1)).padStart(9));
      console.log(`${stall.name.padEnd(22)} ${stall.type.padEnd(7)} ${texts.join(" ")}`);
    }
    await client.close();
    await probe.close();
    await target.stop();
  }
}
