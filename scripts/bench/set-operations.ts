/**
 * Operations on two large sets (sorted sets) that have half of their members in common: CPU of the server, and how much
 * memory of its own it takes for it at most.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fill } from "./collections.ts";
import { runLoad } from "./load.ts";
import { ourTarget, redisTarget, type Target } from "./targets.ts";

type Arguments = readonly (string | number)[];

function operations(size: number): Arguments[] {
  const sets = [`set:${size}:0`, `set:${size}:1`];
  const zsets = [`zset:${size}:0`, `zset:${size}:1`];
  return [
    ["SINTER", ...sets],
    ["SINTERCARD", 2, ...sets],
    ["SINTERCARD", 2, ...sets, "LIMIT", 10],
    ["SINTERSTORE", "to", ...sets],
    ["SUNION", ...sets],
    ["SUNIONSTORE", "to", ...sets],
    ["SDIFF", ...sets],
    ["SDIFFSTORE", "to", ...sets],
    ["ZINTERCARD", 2, ...zsets],
    ["ZINTERCARD", 2, ...zsets, "LIMIT", 10],
    ["ZINTERSTORE", "to", 2, ...zsets],
    ["ZUNION", 2, ...zsets],
    ["ZUNIONSTORE", "to", 2, ...zsets],
    ["ZDIFFSTORE", "to", 2, ...zsets],
  ];
}

/** Starts the count of the highest use of memory anew. */
function resetPeak(pids: readonly number[]): void {
  for (const pid of pids) writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

function statusKilobytes(pid: number, field: string): number {
  const text = readFileSync(`/proc/${pid}/status`, "latin1");
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0);
}

/** Highest resident memory since `resetPeak` less the present pages of files, MB. */
function peakMegabytes(pids: readonly number[]): number {
  const of = (pid: number): number => statusKilobytes(pid, "VmHWM") - statusKilobytes(pid, "RssFile");
  return pids.reduce((sum, pid) => sum + of(pid), 0) / 1024;
}

async function prepare(target: Target, size: number): Promise<void> {
  const client = await target.connect();
  await client.ok("FLUSHALL");
  for (const type of ["set", "zset"] as const) {
    await fill(client, type, size, 1);
    // The second one holds the upper half of the first and as many others.
    await client.ok("RENAME", `${type}:${size}:0`, `${type}:${size}:1`);
    await fill(client, type, size + Math.floor(size / 2), 1);
    const larger = `${type}:${size + Math.floor(size / 2)}:0`;
    const half = Math.floor(size / 2);
    if (type === "zset") await client.ok("ZREMRANGEBYRANK", larger, 0, half - 1);
    else for (let from = 0; from < half; from += 500) await client.ok("SREM", larger, ...lower(from, half));
    await client.ok("RENAME", larger, `${type}:${size}:0`);
  }
  await client.close();
}

function lower(from: number, half: number): string[] {
  const count = Math.min(500, half - from);
  return Array.from({ length: count }, (_, i) => `m:${String(from + i).padStart(12, "0")}`);
}

export async function printSetOperations(sizes: readonly number[]): Promise<void> {
  const redis = await redisTarget();
  const targets = [...(redis === null ? [] : [redis]), await ourTarget(1)];
  for (const size of sizes) {
    for (const target of targets) await prepare(target, size);
    console.log(
      `two sets of ${size.toLocaleString("en")}, half of the members common; CPU ms / growth to the peak, MB:`,
    );
    for (const command of operations(size)) {
      const cells: string[] = [];
      const cpu: number[] = [];
      for (const target of targets) {
        const load = { command: () => command, operations: 1, connections: 1, pipeline: 1 };
        await runLoad(target, load);
        resetPeak(target.pids());
        const before = peakMegabytes(target.pids());
        const { cpuUsec } = await runLoad(target, load);
        cpu.push(cpuUsec);
        const growth = Math.max(0, peakMegabytes(target.pids()) - before);
        cells.push(`${target.name} ${(cpuUsec / 1000).toFixed(1).padStart(8)} / ${growth.toFixed(0).padStart(4)}`);
      }
      const ratio = ((cpu.at(-1) ?? Number.NaN) / (cpu[0] ?? Number.NaN)).toFixed(1);
      const name = command.filter((arg) => !String(arg).includes(":")).join(" ");
      console.log(`${name.padEnd(26)} ${cells.join("   ")}   ${ratio}x`);
    }
  }
  for (const target of targets) await target.stop();
}
