/** Memory: bytes per key with a million keys, and bytes per idle client with ten thousand clients. */
import { execFileSync } from "node:child_process";
import { connect, type Socket } from "node:net";
import { anonymousBytes, memoryBytes } from "../../test/support/proc-facts.ts";
import type { Target } from "./targets.ts";

export interface KeyMemory {
  readonly target: string;
  readonly keys: number;
  /** Growth of the processes' memory, shared pages counted once. */
  readonly memoryPerKey: number;
  /** Thereof private memory: heaps and buffers. */
  readonly privatePerKey: number;
  /** Growth of what lies in the server's directory. */
  readonly filesPerKey: number;
  readonly loadSeconds: number;
}

/** Disk blocks in use below a directory, bytes (sparse files count what they hold). */
function diskBytes(dir: string): number {
  return Number(execFileSync("du", ["-s", "-B1", dir], { encoding: "utf8" }).split("\t")[0]);
}

export async function measureKeys(target: Target, keys: number): Promise<KeyMemory> {
  const chunk = 1000;
  const client = await target.connect();
  await client.ok("FLUSHALL");
  const dir = target.server?.dir;
  const before = {
    memory: memoryBytes(target.pids()),
    own: anonymousBytes(target.pids()),
    files: dir ? diskBytes(dir) : 0,
  };
  const start = performance.now();
  for (let from = 0; from < keys; from += chunk) {
    const pairs: string[] = [];
    for (let i = from; i < Math.min(keys, from + chunk); i++)
      pairs.push(`key:${String(i).padStart(12, "0")}`, "v".repeat(100));
    await client.ok("MSET", ...pairs);
  }
  const loadSeconds = (performance.now() - start) / 1000;
  await client.close();
  // Give the garbage of loading a moment to go.
  await new Promise((resolve) => setTimeout(resolve, 3000));
  return {
    target: target.name,
    keys,
    memoryPerKey: (memoryBytes(target.pids()) - before.memory) / keys,
    privatePerKey: (anonymousBytes(target.pids()) - before.own) / keys,
    filesPerKey: dir === undefined ? Number.NaN : (diskBytes(dir) - before.files) / keys,
    loadSeconds,
  };
}

export interface ClientMemory {
  readonly target: string;
  readonly clients: number;
  readonly privatePerClient: number;
  /** Time of a PING with all of them connected. */
  readonly pingMs: number;
}

function openIdle(target: Target): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect(target.port, target.host);
    socket.once("data", () => resolve(socket));
    socket.once("error", () => resolve(null));
    // One command first, as a real client in a pool has sent something.
    socket.once("connect", () => socket.write("PING\r\n"));
  });
}

export async function measureIdleClients(target: Target, wanted: number): Promise<ClientMemory> {
  const before = anonymousBytes(target.pids());
  const sockets: Socket[] = [];
  while (sockets.length < wanted) {
    const batch = await Promise.all(
      Array.from({ length: Math.min(200, wanted - sockets.length) }, () => openIdle(target)),
    );
    const open = batch.filter((socket) => socket !== null);
    for (const socket of open) socket.on("error", () => undefined);
    sockets.push(...open);
    // The limit of open files (ulimit -n), ours or the server's, is reached.
    if (open.length < batch.length) break;
  }
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const grown = anonymousBytes(target.pids()) - before;
  const start = performance.now();
  const client = sockets.length < wanted ? null : await target.connect();
  await client?.ok("PING");
  const pingMs = client === null ? Number.NaN : performance.now() - start;
  client?.destroy();
  for (const socket of sockets) socket.resetAndDestroy();
  return { target: target.name, clients: sockets.length, privatePerClient: grown / sockets.length, pingMs };
}
