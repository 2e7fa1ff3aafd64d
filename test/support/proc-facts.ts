/** What /proc tells about processes: children, CPU time, memory, listening sockets. Linux only, as the server is. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Length of a clock tick of /proc/PID/stat in microseconds (USER_HZ is 100 on every Linux that Node runs on). */
const TICK_USEC = 10_000;

function read(path: string): string | null {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return null;
  }
}

export function isAlive(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === null) return false;
  return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
}

/** Direct children, oldest first; empty when the process is gone. */
export function childrenOf(pid: number): number[] {
  const text = read(`/proc/${pid}/task/${pid}/children`) ?? "";
  return text.split(" ").filter(Boolean).map(Number);
}

/** The process and everything below it. */
export function processTree(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(processTree)];
}

/** User plus system time of all the processes, microseconds; those that are gone count nothing. */
export function cpuUsec(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const stat = read(`/proc/${pid}/stat`);
    if (stat === null) continue;
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks * TICK_USEC;
}

/**
 * Time that the live threads of the processes have run, microseconds: exact where `cpuUsec` counts ticks, for runs of a
 * few milliseconds. Falls back on that where the kernel keeps no schedstat.
 */
export function threadUsec(pids: readonly number[]): number {
  let nanoseconds = 0;
  for (const pid of pids) {
    for (const thread of listed(`/proc/${pid}/task`)) {
      const text = read(`/proc/${pid}/task/${thread}/schedstat`);
      if (text === null) return cpuUsec(pids);
      nanoseconds += Number(text.split(" ")[0]);
    }
  }
  return nanoseconds / 1000;
}

function listed(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

/** Resident memory that belongs to the processes alone plus their share of what they share (PSS), bytes. */
export function memoryBytes(pids: readonly number[]): number {
  let kilobytes = 0;
  for (const pid of pids) {
    const text = read(`/proc/${pid}/smaps_rollup`) ?? "";
    kilobytes += Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0);
  }
  return kilobytes * 1024;
}

/** Memory without file mappings (heaps, stacks, buffers), bytes: what does not go away when the kernel wants pages. */
export function anonymousBytes(pids: readonly number[]): number {
  let kilobytes = 0;
  for (const pid of pids) {
    const text = read(`/proc/${pid}/status`) ?? "";
    kilobytes += Number(/^RssAnon:\s+(\d+) kB/m.exec(text)?.[1] ?? 0);
  }
  return kilobytes * 1024;
}

/** How many sockets listen on the TCP port (with SO_REUSEPORT each worker has its own). */
export function listenersOn(port: number): number {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const listening = new RegExp(`^\\s*\\d+: [0-9A-F]+:${hex} [0-9A-F]+:0000 0A `, "gm");
  return ["/proc/net/tcp", "/proc/net/tcp6"]
    .map((path) => (read(path) ?? "").match(listening)?.length ?? 0)
    .reduce((sum, count) => sum + count, 0);
}

/**
 * Which of the processes holds the server's end of a TCP connection: the one that has the socket open which
 * /proc/net/tcp lists for the two ports. Null when none does (not accepted yet, or gone).
 */
export function holderOfConnection(pids: readonly number[], serverPort: number, clientPort: number): number | null {
  const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, "0");
  const line = new RegExp(`^\\s*\\d+: [0-9A-F]+:${hex(serverPort)} [0-9A-F]+:${hex(clientPort)} .*$`, "m");
  const fields = line
    .exec(read("/proc/net/tcp") ?? "")?.[0]
    .trim()
    .split(/\s+/);
  const socket = `socket:[${fields?.[9]}]`;
  for (const pid of pids) {
    try {
      if (readdirSync(`/proc/${pid}/fd`).some((fd) => linkOf(`/proc/${pid}/fd/${fd}`) === socket)) return pid;
    } catch {
      // The process has just ended.
    }
  }
  return null;
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

/** Share of all processors in use over the last `ms`, 0 to 1. */
export async function machineLoad(ms: number): Promise<number> {
  const sample = (): { busy: number; total: number } => {
    const fields = ((read("/proc/stat") ?? "").split("\n")[0] ?? "").split(/\s+/).slice(1).map(Number);
    const total = fields.slice(0, 8).reduce((sum, value) => sum + value, 0);
    return { busy: total - (fields[3] ?? 0) - (fields[4] ?? 0), total };
  };
  const before = sample();
  await new Promise((resolve) => setTimeout(resolve, ms));
  const after = sample();
  return (after.busy - before.busy) / Math.max(1, after.total - before.total);
}
