/**
 * A reliable queue (BLMOVE into a list per consumer) while clients and workers are killed: every push that was
 * acknowledged is delivered once, or is still in a list; nothing is delivered twice. SOAK_JOBS makes it longer.
 */
import t from "tap";
import type { RespClient } from "../support/resp-client.ts";
import { type ServerProcess, startServer } from "../support/server.ts";

const WORKERS = 4;
const PRODUCERS = 4;
const CONSUMERS = 8;
const JOBS = Number(process.env.SOAK_JOBS ?? 6000);
const KILL_MS = 1000;

t.setTimeout(600_000);

interface Soak {
  readonly server: ServerProcess;
  readonly acknowledged: Set<string>;
  /** How often each job was delivered by BLMOVE or found in the consumer's own list after a lost connection. */
  readonly delivered: Map<string, number>;
  isOver: boolean;
}

/** Runs `work` on a connection, again on a new one whenever that is lost. */
async function persist(soak: Soak, work: (client: RespClient) => Promise<void>): Promise<void> {
  for (;;) {
    let client: RespClient | null = null;
    try {
      client = await soak.server.connect();
      await work(client);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5));
    } finally {
      client?.destroy();
    }
  }
}

async function produce(soak: Soak, producer: number): Promise<void> {
  let job = 0;
  await persist(soak, async (client) => {
    for (; job < JOBS / PRODUCERS; job++) {
      const name = `${producer}:${job}`;
      job++;
      // A push that is not acknowledged may have happened or not; it is not repeated.
      await client.ok("RPUSH", "queue", name);
      job--;
      soak.acknowledged.add(name);
    }
  });
}

async function consume(soak: Soak, consumer: number): Promise<void> {
  const own = `processing:${consumer}`;
  let last = "";
  await persist(soak, async (client) => {
    // What was moved while the connection broke lies in the consumer's own list; what it has seen is only removed.
    for (const name of (await client.ok("LRANGE", own, 0, -1)) as string[]) {
      if (name !== last) deliver(soak, name);
      await client.ok("LREM", own, 1, name);
    }
    while (!soak.isOver) {
      const name = await client.ok("BLMOVE", "queue", own, "LEFT", "RIGHT", "0.5");
      if (typeof name !== "string") continue;
      last = name;
      deliver(soak, name);
      await client.ok("LREM", own, 1, name);
    }
  });
}

function deliver(soak: Soak, name: string): void {
  soak.delivered.set(name, (soak.delivered.get(name) ?? 0) + 1);
}

/** Kills a worker, and a random client, every second. */
async function disturb(soak: Soak): Promise<number> {
  let kills = 0;
  while (!soak.isOver) {
    await new Promise((resolve) => setTimeout(resolve, KILL_MS));
    const workers = soak.server.workerPids();
    const victim = workers[Math.floor(Math.random() * workers.length)];
    if (victim === undefined || soak.isOver) continue;
    process.kill(victim, "SIGKILL");
    kills++;
    await persist(soak, async (client) => {
      const ids = String(JSON.stringify(await client.ok("CLIENT", "LIST"))).match(/id=\d+/g) ?? [];
      const id = ids[Math.floor(Math.random() * ids.length)];
      if (id !== undefined) await client.call("CLIENT", "KILL", "ID", id.slice(3));
    });
  }
  return kills;
}

t.test("a reliable queue loses and doubles nothing while workers are killed", async (t) => {
  const server = await startServer({ processes: WORKERS, t });
  const soak: Soak = { server, acknowledged: new Set(), delivered: new Map(), isOver: false };
  const disturbed = disturb(soak);
  const consumers = Array.from({ length: CONSUMERS }, (_, i) => consume(soak, i));
  await Promise.all(Array.from({ length: PRODUCERS }, (_, i) => produce(soak, i)));
  await persist(soak, async (client) => {
    while ((await client.ok("LLEN", "queue")) !== 0) await new Promise((resolve) => setTimeout(resolve, 20));
  });
  soak.isOver = true;
  const kills = await disturbed;
  await Promise.all(consumers);
  const lost = [...soak.acknowledged].filter((name) => !soak.delivered.has(name));
  const doubled = [...soak.delivered].filter(([, count]) => count > 1);
  t.strictSame(lost, [], "none lost");
  t.strictSame(doubled, [], "none doubled");
  t.ok(kills > 0, `${kills} workers killed, ${soak.acknowledged.size} jobs acknowledged`);
});
