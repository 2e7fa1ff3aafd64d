/**
 * What others notice of `while true do end` in one process: waits of readers of the other processes before, during and
 * after, and how long SCRIPT KILL takes. Beside the script's phase stands one in which another program burns a processor
 * instead: what the readers lose there is the machine's, not ours. `keys that fall due` and `writers` are in all phases.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { holderOfConnection } from "../../test/support/proc-facts.ts";
import type { RespClient } from "../../test/support/resp-client.ts";
import { connectTo, type ServerProcess, startServer, workerOf } from "../../test/support/server.ts";
import { waitUntil } from "../../test/support/wait-until.ts";
import { median } from "./measure.ts";
import { OpenLoop, type Waits } from "./open-loop.ts";

const FOREVER = "while true do end";
const THRESHOLD_MS = 100;
const READERS = 8;
const READS_PER_SECOND = 400;
const KEYS = 1000;
const KILLS = 20;

export interface BusyLoad {
  readonly workers: number;
  readonly phaseMs: number;
}

function requests(): () => string {
  let n = 0;
  return () => {
    const key = `key:${n++ % KEYS}`;
    return `*2\r\n$3\r\nGET\r\n$${key.length}\r\n${key}\r\n`;
  };
}

/** Readers on every worker but the one of `runner`. */
async function readersBeside(server: ServerProcess, busy: number): Promise<OpenLoop> {
  const loop = new OpenLoop(requests(), READS_PER_SECOND);
  const pids = server.workerPids();
  for (let found = 0; found < READERS; ) {
    const isOther = await loop.add(server.port, async (socket) => {
      socket.write("PING\r\n");
      await new Promise((resolve) => socket.once("data", resolve));
      return holderOfConnection(pids, server.port, socket.localPort ?? 0) !== busy;
    });
    if (isOther) found++;
  }
  return loop;
}

async function phase(name: string, loop: OpenLoop, ms: number): Promise<void> {
  loop.take();
  await sleep(ms);
  const { count, p50Ms, p99Ms, maxMs, lateP99Ms }: Waits = loop.take();
  const texts = [p50Ms, p99Ms, maxMs, lateP99Ms].map((value) => value.toFixed(2).padStart(8));
  console.log(`  ${name.padEnd(22)} ${String(count).padStart(6)} reads, ms: ${texts.join(" ")}`);
}

function burner(): ChildProcess {
  return spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" });
}

/** Short-lived keys, which the readers' processes must get rid of, and which some readers ask for. */
async function fill(client: RespClient, phases: number, phaseMs: number): Promise<void> {
  for (let i = 0; i < KEYS; i++) {
    if (i % 4 === 0) await client.ok("SET", `key:${i}`, "v", "PX", 200 + Math.floor(Math.random() * phases * phaseMs));
    else await client.ok("SET", `key:${i}`, "v");
  }
}

async function killTimes(
  server: ServerProcess,
  runner: RespClient,
  killer: () => Promise<RespClient>,
): Promise<string> {
  const times: number[] = [];
  const watcher = await connectTo(server, await otherWorker(server, runner));
  for (let i = 0; i < KILLS; i++) {
    const running = runner.call("EVAL", FOREVER, 0);
    await waitUntil("the script to be slow", async () => String(await watcher.call("SET", "x", "1")).includes("BUSY"));
    const start = performance.now();
    const client = await killer();
    await client.ok("SCRIPT", "KILL");
    await running;
    times.push(performance.now() - start);
  }
  watcher.destroy();
  return `median ${median(times).toFixed(1)} ms, max ${Math.max(...times).toFixed(1)} ms of ${KILLS}`;
}

async function otherWorker(server: ServerProcess, client: RespClient): Promise<number> {
  const busy = await workerOf(server, client);
  const other = server.workerPids().find((pid) => pid !== busy);
  if (other === undefined) throw new Error("two workers are needed");
  return other;
}

export async function printBusy({ workers, phaseMs }: BusyLoad): Promise<void> {
  const server = await startServer({ processes: workers, config: { save: "", "busy-reply-threshold": THRESHOLD_MS } });
  try {
    const runner = await server.connect();
    const busy = await workerOf(server, runner);
    const writer = await connectTo(server, await otherWorker(server, runner));
    await fill(writer, 4, phaseMs);
    const readers = await readersBeside(server, busy);
    readers.start();
    console.log(
      `${workers} workers, ${READS_PER_SECOND} GETs a second, open loop:      p50      p99      max  own p99`,
    );
    await phase("before", readers, phaseMs);
    const burning = burner();
    await phase("beside a burnt core", readers, phaseMs);
    burning.kill("SIGKILL");
    const running = runner.call("EVAL", FOREVER, 0);
    const writes = { busy: 0, other: 0 };
    const writing = setInterval(async () => {
      const reply = String(await writer.call("SET", "w", "1"));
      writes[reply.includes("BUSY") ? "busy" : "other"]++;
    }, 20);
    await phase("script in one process", readers, phaseMs);
    clearInterval(writing);
    await writer.ok("SCRIPT", "KILL");
    await running;
    await phase("after", readers, phaseMs);
    readers.stop();
    console.log(`  writes meanwhile: ${writes.busy} BUSY, ${writes.other} others (before the threshold)`);
    for (const pid of server.workerPids()) {
      const client = await connectTo(server, pid);
      const where = pid === busy ? "the script's own process" : `process ${pid}`;
      console.log(`  SCRIPT KILL through ${where}: ${await killTimes(server, runner, async () => client)}`);
      client.destroy();
    }
    const fresh = await killTimes(server, runner, () => server.connect());
    console.log(`  SCRIPT KILL through a new connection: ${fresh}`);
  } finally {
    await server.destroy();
  }
}
