/** A CPU profile of one worker under a workload: written by V8 when the worker ends, summed here per function. */
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { benchCollections } from "./collection-bench.ts";
import { measure, requestsFor } from "./measure.ts";
import { ourTarget, type Target } from "./targets.ts";
import type { Workload } from "./workloads.ts";

/** What V8 writes; only what is read here. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const SHOWN = 40;

export function profile(root: string, workload: Workload, pipeline: number, scale: number): Promise<void> {
  return profiled(root, workload.name, pipeline, async (target) => {
    const client = await target.connect();
    await workload.prepare(client);
    await client.close();
    return measure(target, workload, pipeline, requestsFor(workload, pipeline, 3 * scale));
  });
}

/** Profiles a command of --types, filling included: look at what the command alone calls. */
export function profileCollection(
  root: string,
  name: string,
  size: number,
  pipeline: number,
  scale: number,
): Promise<void> {
  return profiled(root, `${name}@${size}`, pipeline, async (target) => {
    const bench = { sizes: [size], pipelines: [pipeline], rounds: 10, scale, only: [name], scalingOnly: false };
    const rows = await benchCollections([target], bench, () => undefined);
    const result = rows[0]?.results[0];
    if (result === undefined) throw new Error(`unknown command ${name}`);
    return result;
  });
}

async function profiled(
  root: string,
  name: string,
  pipeline: number,
  run: (target: Target) => Promise<{ readonly perSecond: number; readonly cpuUsec: number }>,
): Promise<void> {
  const dir = join(root, "bench-results", `profile-${name.replace(/\W/g, "")}-P${pipeline}-${Date.now()}`);
  mkdirSync(dir, { recursive: true });
  const target = await ourTarget(1, ["--cpu-prof", `--cpu-prof-dir=${dir}`]);
  const worker = target.server?.workerPids()[0] ?? 0;
  const result = await run(target);
  await target.server?.stop();
  await target.stop();
  const file = profileOf(dir, worker);
  console.log(
    `${name} P=${pipeline}, 1 worker: ${Math.round(result.perSecond)}/s, ${result.cpuUsec.toFixed(2)} us CPU per operation under the profiler`,
  );
  for (const line of topFunctions(root, file)) console.log(line);
  console.log(`profile: ${relative(root, file)} (open it in the DevTools of a Chromium browser)`);
}

/** The worker's file: V8 names files after the pid; failing that the largest. */
function profileOf(dir: string, pid: number): string {
  const files = readdirSync(dir).filter((name) => name.endsWith(".cpuprofile"));
  const own = files.find((name) => name.split(".").includes(String(pid)));
  const largest = files.sort((a, b) => statSync(join(dir, b)).size - statSync(join(dir, a)).size)[0];
  const name = own ?? largest;
  if (name === undefined) throw new Error(`no profile was written to ${dir}: the worker did not end in order`);
  return join(dir, name);
}

function topFunctions(root: string, file: string): string[] {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, "utf8")) as CpuProfile;
  const selfUsec = new Map<number, number>();
  samples.forEach((id, index) => {
    selfUsec.set(id, (selfUsec.get(id) ?? 0) + (timeDeltas[index] ?? 0));
  });
  const byFunction = new Map<string, number>();
  let busy = 0;
  for (const { id, callFrame } of nodes) {
    const usec = selfUsec.get(id) ?? 0;
    if (usec === 0 || callFrame.functionName === "(idle)") continue;
    busy += usec;
    const path = callFrame.url.replace(`file://${root}/`, "").replace("/dist/", "/src/");
    const place = callFrame.url === "" ? "" : ` ${path}:${callFrame.lineNumber + 1}`;
    const name = `${callFrame.functionName || "(anonymous)"}${place}`;
    byFunction.set(name, (byFunction.get(name) ?? 0) + usec);
  }
  const top = [...byFunction].sort((a, b) => b[1] - a[1]).slice(0, SHOWN);
  return ["   self %  function (of the time the worker was busy)"].concat(
    top.map(([name, usec]) => `${((100 * usec) / busy).toFixed(1).padStart(9)}  ${name}`),
  );
}
