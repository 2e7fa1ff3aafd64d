/**
 * `npm run bench [-- OPTIONS]`: our server beside redis-server (and others), in turns, round by round.
 *
 *   --quick              GET and SET, fewer and shorter rounds; --types then takes about ten minutes
 *   --workers 1,2        worker counts of ours to measure (default 1,2)
 *   --workloads a,b      names from workloads.ts (default all)   --pipelines 1,16   only these depths
 *   --rounds N           rounds per workload (default 3); medians are printed
 *   --scale X            length of each run (default 1)
 *   --against TARGET     HOST:PORT[,PID...] of a running server, or a command with {port} and {dir}; may be repeated
 *   --scripts            instead: scripts (script-workloads.ts); `--scripts --workers 1,2` shows reading scripts in parallel
 *   --pubsub             instead: 100 subscribers (--clients N), one publisher, messages of 100 bytes (default --workers 1,4)
 *   --types              instead: commands of all types on collections of --sizes (default 10,1000,1000000)
 *   --scaling            instead: CPU per operation by size (default 1000,10000,100000,1000000), a table to put in a note;
 *                        for both: 1 worker unless told, depths 1 and 16, --workloads are names of commands (ZADD,SPOP)
 *   --stalls             instead: the longest wait of a writer on another process, and the longest hold of the write lock, while
 *                        collections of --size elements
 *                        (default 1,000,000) are deleted, expire, are renamed or overwritten; --workloads: types; --rounds (1)
 *   --busy               instead: readers beside an endless script in another process, and SCRIPT KILL (default --workers 2,4)
 *   --operations         instead: SINTER, SUNIONSTORE, ZUNION ... on two large sets of --sizes (default 100000,1000000)
 *   --profile            instead: a CPU profile of one worker (first of --workloads and --pipelines; default SET, 16); with
 *                        --sizes of that command on a collection
 *   --memory             instead: bytes per key (--keys N, default 1,000,000) and per idle client (--clients N, default 10,000)
 *
 * cpu us is the CPU time of all the server's processes per operation: the figure that a noisy machine disturbs least.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { machineLoad } from "../../test/support/proc-facts.ts";
import { printBusy } from "./busy.ts";
import { benchCollections, scalingTable, TYPE_HEADING, typeLines } from "./collection-bench.ts";
import { type Measurement, measure, medianOf, requestsFor } from "./measure.ts";
import { measureIdleClients, measureKeys } from "./memory.ts";
import { profile, profileCollection } from "./profile.ts";
import { idleWrites, measurePubSub, type PubSubResult } from "./pubsub.ts";
import { SCRIPT_WORKLOADS } from "./script-workloads.ts";
import { printSetOperations } from "./set-operations.ts";
import { printStalls } from "./stalls.ts";
import { namedTarget, ourTarget, redisTarget, type Target } from "./targets.ts";
import { WORKLOADS, type Workload } from "./workloads.ts";

const root = join(import.meta.dirname, "..", "..");
const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    workers: { type: "string" },
    workloads: { type: "string", default: "" },
    pipelines: { type: "string", default: "" },
    rounds: { type: "string" },
    scale: { type: "string" },
    against: { type: "string", multiple: true, default: [] },
    scripts: { type: "boolean", default: false },
    pubsub: { type: "boolean", default: false },
    types: { type: "boolean", default: false },
    scaling: { type: "boolean", default: false },
    sizes: { type: "string" },
    operations: { type: "boolean", default: false },
    busy: { type: "boolean", default: false },
    stalls: { type: "boolean", default: false },
    size: { type: "string", default: "1000000" },
    profile: { type: "boolean", default: false },
    memory: { type: "boolean", default: false },
    keys: { type: "string", default: "1000000" },
    clients: { type: "string" },
  },
});
const rounds = Number(options.rounds ?? (options.quick ? 2 : 3));
const scale = Number(options.scale ?? (options.quick ? 0.25 : 1));

/** The busier the machine is with other things, the less the figures mean. */
async function checkMachine(): Promise<void> {
  const load = await machineLoad(1000);
  const percent = `${(100 * load).toFixed(0)} % of ${availableParallelism()} processors`;
  if (load > 0.1) console.log(`WARNING: the machine is busy with other work (${percent}): figures will be off`);
  else console.log(`machine load before: ${percent}`);
}

/** Worker counts of ours to measure; none with --workers 0 (other servers only). */
function workerCounts(standard = "1,2"): number[] {
  return numbers(options.workers ?? standard);
}

function numbers(list: string): number[] {
  return list.split(",").map(Number).filter(Boolean);
}

function workloads(): readonly Workload[] {
  return options.scripts ? SCRIPT_WORKLOADS : WORKLOADS;
}

function chosen(): Workload[] {
  const names =
    options.workloads === "" ? (options.quick && !options.scripts ? ["GET", "SET"] : []) : options.workloads.split(",");
  return workloads().filter((workload) => names.length === 0 || names.includes(workload.name.replace(/\(.*/, "")));
}

function depths(workload: Workload): number[] {
  const wanted = options.pipelines.split(",").filter(Boolean).map(Number);
  return workload.pipelines.filter((depth) => wanted.length === 0 || wanted.includes(depth));
}

async function startTargets(workers: readonly number[]): Promise<Target[]> {
  const targets: Target[] = [];
  const redis = await redisTarget();
  if (redis === null) console.log("redis-server is not installed: no ratios");
  else targets.push(redis);
  for (const count of workers) targets.push(await ourTarget(count));
  for (const text of options.against) targets.push(await namedTarget(text));
  return targets;
}

/** Rows of one workload at one depth: the servers take turns within each round. */
async function compare(targets: readonly Target[], workload: Workload, pipeline: number): Promise<Measurement[]> {
  const runs: Measurement[][] = targets.map(() => []);
  const requests = requestsFor(workload, pipeline, scale);
  for (let round = 0; round < rounds; round++) {
    for (const [index, target] of targets.entries())
      runs[index]?.push(await measure(target, workload, pipeline, requests));
  }
  return runs.map(medianOf);
}

function ratio(value: number, base: number | undefined): string {
  return base === undefined || !Number.isFinite(value / base) ? "-" : `${(value / base).toFixed(2)}x`;
}

function printRows(
  workload: Workload,
  pipeline: number,
  targets: readonly Target[],
  rows: readonly Measurement[],
): void {
  const base = targets[0]?.name === "redis-server" ? rows[0] : undefined;
  for (const [index, row] of rows.entries()) {
    const name = targets[index]?.name ?? "";
    const aim = name === "keydb-ts 1w" ? workload.aims?.[pipeline] : undefined;
    const cells = [
      workload.name.padEnd(10),
      `P=${pipeline}`.padEnd(5),
      name.padEnd(16),
      Math.round(row.perSecond).toLocaleString("en").padStart(11),
      row.p50Ms.toFixed(2).padStart(7),
      row.p99Ms.toFixed(2).padStart(7),
      row.cpuUsec.toFixed(2).padStart(8),
      ratio(row.perSecond, base?.perSecond).padStart(8),
      ratio(row.cpuUsec, base?.cpuUsec).padStart(8),
      aim === undefined ? "" : `aim ${aim}x`,
    ];
    console.log(cells.join(" ").trimEnd());
  }
}

async function runWorkloads(): Promise<void> {
  const targets = await startTargets(workerCounts());
  const results: unknown[] = [];
  console.log(
    "workload   depth server          operations/s  p50 ms  p99 ms   cpu us     rate      cpu  (ratios to redis-server)",
  );
  for (const workload of chosen()) {
    for (const target of targets) {
      const client = await target.connect();
      await workload.prepare(client);
      await client.close();
    }
    for (const pipeline of depths(workload)) {
      const rows = await compare(targets, workload, pipeline);
      printRows(workload, pipeline, targets, rows);
      rows.forEach((row, index) => {
        results.push({ workload: workload.name, pipeline, server: targets[index]?.name, ...row });
      });
    }
  }
  for (const target of targets) await target.stop();
  keepResults(results);
}

function keepResults(results: readonly unknown[]): void {
  mkdirSync(join(root, "bench-results"), { recursive: true });
  const file = join(root, "bench-results", `${new Date().toISOString().replaceAll(":", "-")}.json`);
  writeFileSync(file, JSON.stringify({ rounds, scale, results }, null, 1));
}

async function runCollections(): Promise<void> {
  const targets = await startTargets(workerCounts("1"));
  const sizes = numbers(options.sizes ?? (options.scaling ? "1000,10000,100000,1000000" : "10,1000,1000000"));
  const pipelines = numbers(options.pipelines || "1,16");
  const only = options.workloads.split(",").filter(Boolean);
  console.log(TYPE_HEADING);
  const bench = { sizes, pipelines, rounds, scale, only, scalingOnly: options.scaling };
  const rows = await benchCollections(targets, bench, (row) => {
    for (const line of typeLines(targets, row)) console.log(line);
  });
  if (options.scaling) for (const depth of pipelines) console.log(scalingTable(targets, rows, depth).join("\n"));
  for (const target of targets) await target.stop();
  const servers = targets.map((target) => target.name);
  keepResults(rows.map(({ command, ...row }) => ({ command: command.name, servers, ...row })));
}

/** Each server alone, one after the other, so that their memories do not disturb each other. */
async function runMemory(): Promise<void> {
  const workers = workerCounts();
  const starters = [redisTarget, ...workers.map((count) => () => ourTarget(count))];
  for (const start of starters) {
    const target = await start();
    if (target === null) continue;
    const idle = await measureIdleClients(target, Number(options.clients ?? "10000"));
    const ping = Number.isFinite(idle.pingMs)
      ? `, PING beside them ${idle.pingMs.toFixed(1)} ms`
      : " (the limit of open files)";
    console.log(`${target.name}: ${idle.clients} idle clients, ${Math.round(idle.privatePerClient)} bytes each${ping}`);
    const keys = await measureKeys(target, Number(options.keys));
    console.log(
      `${target.name}: ${keys.keys} keys of 100 bytes in ${keys.loadSeconds.toFixed(1)} s: ${Math.round(keys.memoryPerKey)} bytes of memory per key ` +
        `(private ${Math.round(keys.privatePerKey)}), ${Math.round(keys.filesPerKey)} bytes of files per key`,
    );
    await target.stop();
  }
}

async function runPubSub(): Promise<void> {
  const targets = await startTargets(workerCounts("1,4"));
  const subscribers = Number(options.clients ?? "100");
  const load = { subscribers, messages: Math.round(4000 * scale), messageBytes: 100, rounds };
  let base: PubSubResult | undefined;
  for (const target of targets) {
    const row = await measurePubSub(target, load);
    if (target.name === "redis-server") base = row;
    const idle = await idleWrites(target, subscribers);
    console.log(
      `${target.name.padEnd(14)} ${Math.round(row.deliveriesPerSecond).toLocaleString("en").padStart(9)} deliveries/s ` +
        `(${ratio(row.deliveriesPerSecond, base?.deliveriesPerSecond)}), ${row.cpuUsecPerDelivery.toFixed(2)} us CPU per delivery ` +
        `(${ratio(row.cpuUsecPerDelivery, base?.cpuUsecPerDelivery)}), ${row.batchMs.toFixed(2)} ms per batch of 16, ` +
        `${idle.toFixed(1)} write calls/s idle`,
    );
  }
  for (const target of targets) await target.stop();
}

async function runProfile(): Promise<void> {
  const name = options.workloads.split(",")[0] || "SET";
  const pipeline = numbers(options.pipelines)[0] ?? 16;
  const size = numbers(options.sizes ?? "")[0];
  if (size !== undefined) {
    await profileCollection(root, name, size, pipeline, scale);
    return;
  }
  const workload = workloads().find((entry) => entry.name.startsWith(name));
  if (workload === undefined) throw new Error(`unknown workload ${name}`);
  await profile(root, workload, pipeline, scale);
}

await checkMachine();
if (options.profile) await runProfile();
else if (options.pubsub) await runPubSub();
else if (options.memory) await runMemory();
else if (options.busy) for (const workers of workerCounts("2,4")) await printBusy({ workers, phaseMs: 5000 * scale });
else if (options.stalls)
  await printStalls(Number(options.size), options.workloads.split(",").filter(Boolean), Number(options.rounds ?? 1));
else if (options.operations) await printSetOperations(numbers(options.sizes ?? "100000,1000000"));
else if (options.types || options.scaling) await runCollections();
else await runWorkloads();
process.exit(0);
