/**
 * `npm run soak -- DRIVER [OPTIONS]`: the long forms of the drivers in test/process/drivers (the tests run short ones).
 *
 *   counters   increments, transfers and reads by many clients; --kill-every MS kills a worker each time
 *   stale      a write through one worker, read through another at once
 *   restart    kill -9 of everything with --keys keys, then how soon and how completely it is back
 *   hostile    --streams broken byte streams
 *   queue      --jobs through a reliable queue (8 producers, 16 BLMOVE consumers), --kill-every MS kills a worker and a client
 *   tracking   client-side caches on 4 processes for a minute (--seconds): no stale value kept after its invalidation was due
 *   bullmq     --jobs (default 10,000) through BullMQ with retries, delays and priorities, 12 workers
 *   all        all of them, counters with 2 and 4 processes and with and without kills
 *
 *   --seconds N  --processes N  --clients N  --increments N  --tries N  --keys N  --streams N  --jobs N  --seed S
 *   --redis        run on redis-server instead (to check the drivers themselves)
 */
import { parseArgs } from "node:util";
import { runBullMq } from "../../test/process/drivers/bullmq-jobs.ts";
import { checkClientCaches } from "../../test/process/drivers/client-cache.ts";
import { runCountersAndTransfers } from "../../test/process/drivers/counters-and-transfers.ts";
import { throwHostileInput } from "../../test/process/drivers/hostile-input.ts";
import { killEverything } from "../../test/process/drivers/kill-everything.ts";
import { runReliableQueue } from "../../test/process/drivers/reliable-queue.ts";
import { probeStaleReads } from "../../test/process/drivers/stale-reads.ts";
import { type ServerProcess, startReference, startServer } from "../../test/support/server.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    processes: { type: "string", default: "2" },
    clients: { type: "string", default: "16" },
    increments: { type: "string", default: "200000" },
    "kill-every": { type: "string", default: "0" },
    tries: { type: "string", default: "10000" },
    keys: { type: "string", default: "1000000" },
    streams: { type: "string", default: "100000" },
    jobs: { type: "string" },
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    redis: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed);
let failures = 0;

async function start(processes: number): Promise<ServerProcess> {
  const server = values.redis ? await startReference() : await startServer({ processes, startTimeoutMs: 60_000 });
  if (server === null) throw new Error("there is no redis-server here");
  return server;
}

/** Runs a driver on a fresh server and prints what it found. */
async function drive(
  title: string,
  processes: number,
  run: (server: ServerProcess) => Promise<{ violations?: string[] }>,
): Promise<void> {
  const server = await start(processes);
  const started = performance.now();
  const { violations = [], ...facts } = await run(server);
  await server.destroy();
  console.log(`${title}, ${processes} processes, ${((performance.now() - started) / 1000).toFixed(1)} s`);
  for (const [name, value] of Object.entries(facts)) console.log(`    ${name}: ${JSON.stringify(value)}`);
  for (const text of violations) console.log(`    VIOLATION: ${text}`);
  console.log(violations.length === 0 ? "    held" : "    FAILED");
  failures += violations.length;
}

function counters(processes: number, killEveryMs: number): Promise<void> {
  const options = { clients: Number(values.clients), increments: Number(values.increments), accounts: 100, seed };
  const title = killEveryMs > 0 ? `counters, a kill every ${killEveryMs} ms` : "counters";
  return drive(title, processes, (server) => runCountersAndTransfers(server, { ...options, killEveryMs }));
}

function stale(processes: number): Promise<void> {
  return drive("stale reads", processes, async (server) => {
    const found = await probeStaleReads(server, values.redis ? 1 : processes, Number(values.tries));
    return { ...found, violations: found.stale > 0 ? [`${found.stale} stale reads`] : [] };
  });
}

function restart(processes: number): Promise<void> {
  return drive("kill -9 of everything", processes, async (server) => {
    const found = await killEverything(server, Number(values.keys));
    if (found.firstReplyMs >= 1000) found.violations.push(`the first reply took ${found.firstReplyMs.toFixed(0)} ms`);
    return { ...found };
  });
}

function hostile(processes: number): Promise<void> {
  const options = { streams: Number(values.streams), seed, concurrency: 32, maxGrowthBytes: 256 * 1024 * 1024 };
  return drive("hostile input", processes, async (server) => ({ ...(await throwHostileInput(server, options)) }));
}

function queue(processes: number, killEveryMs: number): Promise<void> {
  const options = {
    jobs: Number(values.jobs ?? "1000000"),
    producers: 8,
    consumers: 16,
    seed,
    killEveryMs,
    orderRounds: 20,
  };
  const title = killEveryMs > 0 ? `queue, a worker and a client killed every ${killEveryMs} ms` : "queue";
  return drive(title, processes, async (server) => ({ ...(await runReliableQueue(server, options)) }));
}

function bullmq(processes: number): Promise<void> {
  const options = { jobs: Number(values.jobs ?? "10000"), workers: 12, concurrency: 10, seed, timeoutMs: 600_000 };
  return drive("BullMQ", processes, async (server) => ({ ...(await runBullMq(server, options)) }));
}

function tracking(processes: number): Promise<void> {
  const durationMs = Number(values.seconds) * 1000;
  const options = { processes, cachesPerProcess: 4, writers: 8, keys: 200, durationMs, seed };
  return drive("client-side caches", processes, async (server) => ({ ...(await checkClientCaches(server, options)) }));
}

const processes = Number(values.processes);
const [driver = "all"] = positionals;
if (driver === "counters") await counters(processes, Number(values["kill-every"]));
else if (driver === "stale") await stale(processes);
else if (driver === "restart") await restart(processes);
else if (driver === "hostile") await hostile(processes);
else if (driver === "queue") await queue(processes, Number(values["kill-every"]));
else if (driver === "tracking") await tracking(processes);
else if (driver === "bullmq") await bullmq(processes);
else if (driver === "all") {
  for (const count of [2, 4]) {
    await counters(count, 0);
    await counters(count, 1000);
    await stale(count);
  }
  await restart(2);
  await hostile(2);
  await queue(4, 2000);
  await tracking(4);
  await bullmq(2);
} else throw new Error(`unknown driver ${driver}`);
process.exit(failures > 0 ? 1 : 0);
