/** One run of redis-benchmark against one server, and the medians of several. */
import { spawn } from "node:child_process";
import { findProgram } from "../../test/support/server.ts";
import { cpuOf, logOf, type Target } from "./targets.ts";
import { KEYSPACE, type Workload } from "./workloads.ts";

export interface Measurement {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time of all the server's processes per operation; NaN when its processes are not known. */
  readonly cpuUsec: number;
}

const CLIENTS = 50;

/** Deeper pipelines are quicker: they run more commands, so that every run lasts about as long. */
export function requestsFor(workload: Workload, pipeline: number, scale: number): number {
  const pace = pipeline === 1 ? 1 : pipeline < 32 ? 5 : 8;
  return Math.round(workload.requests * pace * scale);
}

export async function measure(
  target: Target,
  workload: Workload,
  pipeline: number,
  requests: number,
): Promise<Measurement> {
  const program = findProgram("redis-benchmark");
  if (program === null) throw new Error("redis-benchmark is not installed (package redis-tools)");
  const args = ["-h", target.host, "-p", String(target.port), "-c", String(CLIENTS), "-r", String(KEYSPACE)];
  args.push("-n", String(requests), "-P", String(pipeline), "--csv", ...workload.command);
  const before = cpuOf(target);
  const output = await run(program, args);
  const spent = cpuOf(target) - before;
  const row = output.trim().split("\n").at(-1) ?? "";
  const [, perSecond = Number.NaN, , , p50Ms = Number.NaN, , p99Ms = Number.NaN] = row
    .split(/","/)
    .map((cell) => Number(cell.replaceAll('"', "")));
  if (!Number.isFinite(perSecond)) {
    throw new Error(`redis-benchmark answered: ${output}${logOf(target)}`);
  }
  return { perSecond, p50Ms, p99Ms, cpuUsec: target.pids().length > 0 ? spent / requests : Number.NaN };
}

function run(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.on("error", reject);
    child.on("close", () => resolve(output));
  });
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export function medianOf(runs: readonly Measurement[]): Measurement {
  return {
    perSecond: median(runs.map((run) => run.perSecond)),
    p50Ms: median(runs.map((run) => run.p50Ms)),
    p99Ms: median(runs.map((run) => run.p99Ms)),
    cpuUsec: median(runs.map((run) => run.cpuUsec)),
  };
}
