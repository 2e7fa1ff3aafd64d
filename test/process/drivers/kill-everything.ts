/**
 * kill -9 of every process in the middle of writing, then a start on the same directory: everything acknowledged must
 * be there, and the first reply must come soon, however many keys there are.
 */
import type { ServerProcess } from "../../support/server.ts";
import { waitUntil } from "../../support/wait-until.ts";

export interface RestartResult {
  readonly keys: number;
  readonly acknowledgedWhileKilled: number;
  /** From starting the process to the first reply, ms. */
  readonly firstReplyMs: number;
  readonly violations: string[];
}

const CHUNK = 1000;

function expectedValue(index: number): string {
  return `value-${index}-`.padEnd(100, "x");
}

function chunks(count: number): number[][] {
  const starts = Array.from({ length: Math.ceil(count / CHUNK) }, (_, index) => index * CHUNK);
  return starts.map((start) => Array.from({ length: Math.min(CHUNK, count - start) }, (_, index) => start + index));
}

async function fill(server: ServerProcess, keys: number): Promise<void> {
  const client = await server.connect();
  await client.ok("FLUSHALL");
  for (const chunk of chunks(keys)) {
    await client.ok("MSET", ...chunk.flatMap((index) => [`key:${index}`, expectedValue(index)]));
  }
  await client.close();
}

/** Writers that go on until the server dies; the highest acknowledged number of each. */
async function writeUntilDeath(server: ServerProcess, writers: number): Promise<number[]> {
  const acknowledged = Array.from({ length: writers }, () => 0);
  const work = acknowledged.map(async (_, writer) => {
    const client = await server.connect();
    try {
      for (let i = 1; ; i++) {
        await client.ok("SET", `writer:${writer}:${i}`, i);
        acknowledged[writer] = i;
      }
    } catch {
      // The server was killed: that is the plan.
    }
  });
  await waitUntil("every writer to be at work", () => acknowledged.every((count) => count > 50));
  await server.kill9();
  await Promise.all(work);
  return acknowledged;
}

async function firstReply(server: ServerProcess): Promise<number> {
  const start = performance.now();
  server.spawn();
  await waitUntil(
    "the first reply",
    async () => {
      try {
        const client = await server.connect({ timeoutMs: 5000 });
        const reply = await client.call("GET", "key:0");
        client.destroy();
        return reply === expectedValue(0);
      } catch {
        return false;
      }
    },
    60_000,
  );
  return performance.now() - start;
}

export async function killEverything(server: ServerProcess, keys: number): Promise<RestartResult> {
  const violations: string[] = [];
  await fill(server, keys);
  const acknowledged = await writeUntilDeath(server, 8);
  const firstReplyMs = await firstReply(server);
  await server.ready();
  const client = await server.connect({ timeoutMs: 60_000 });
  for (const chunk of chunks(keys)) {
    const values = (await client.ok("MGET", ...chunk.map((index) => `key:${index}`))) as (string | null)[];
    const wrong = chunk.filter((index, position) => values[position] !== expectedValue(index));
    if (wrong.length > 0) violations.push(`${wrong.length} keys from key:${wrong[0]} on are missing or wrong`);
  }
  for (const [writer, count] of acknowledged.entries()) {
    for (let i = 1; i <= count; i++) {
      const value = await client.ok("GET", `writer:${writer}:${i}`);
      if (value !== String(i)) violations.push(`writer:${writer}:${i} was acknowledged and is ${String(value)}`);
    }
  }
  const dbsize = Number(await client.ok("DBSIZE"));
  const total = acknowledged.reduce((sum, count) => sum + count, 0);
  // Each writer may have had one more write under way that was done but not acknowledged.
  if (dbsize < keys + total || dbsize > keys + total + acknowledged.length) {
    violations.push(`DBSIZE is ${dbsize}, written were ${keys} + ${total}`);
  }
  client.destroy();
  return { keys, acknowledgedWhileKilled: total, firstReplyMs, violations: violations.slice(0, 20) };
}
