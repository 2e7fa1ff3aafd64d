/** What scripts and functions take and survive: INFO's figures, SCRIPT FLUSH, processes killed while a library is loaded. */
import t from "tap";
import { anonymousBytes } from "../support/proc-facts.ts";
import type { RespClient } from "../support/resp-client.ts";
import { connectEach, startServer } from "../support/server.ts";
import { waitUntil } from "../support/wait-until.ts";

t.setTimeout(180_000);

async function memoryOf(client: RespClient): Promise<Record<string, number>> {
  const text = String(await client.ok("INFO", "memory"));
  return Object.fromEntries(
    [...text.matchAll(/^(\w+):(\d+)\r$/gm)].map(([, name = "", value]) => [name, Number(value)]),
  );
}

t.test("INFO tells what scripts take in all processes, SCRIPT FLUSH gives it back", async (t) => {
  const server = await startServer({ t });
  const [a, b] = await connectEach(server, 2);
  if (a === undefined || b === undefined) throw new Error("no clients");
  const before = await memoryOf(a);
  t.equal(before.used_memory_vm_eval, 0, "no state is made before the first script");
  t.equal(before.number_of_cached_scripts, 0);
  // Constants of their own, so that each script takes memory in the state of the process that compiled it.
  const script = (i: number): string => `local t = {'${"x".repeat(2000)}${i}'} return #t[1]`;
  for (let i = 0; i < 200; i++) await (i % 2 === 0 ? a : b).ok("EVAL", script(i), 0);
  const full = await waitUntil("the figures of both processes", async () => {
    const memory = await memoryOf(a);
    return Number(memory.used_memory_vm_eval) > 400_000 ? memory : null;
  });
  t.equal(full.number_of_cached_scripts, 200);
  t.ok(Number(full.used_memory_scripts_eval) >= 400_000, "at least the texts");
  t.equal(full.used_memory_vm_total, Number(full.used_memory_vm_eval) + Number(full.used_memory_vm_functions));
  t.equal(full.used_memory_scripts, Number(full.used_memory_scripts_eval) + Number(full.used_memory_functions));
  const stats = (await a.ok("MEMORY", "STATS")) as unknown[];
  t.equal(stats[stats.indexOf("lua.caches") + 1], full.used_memory_scripts_eval);
  await a.ok("SCRIPT", "FLUSH");
  // Though nobody runs a script in the other process.
  const after = await waitUntil("memory to be given back by both processes", async () => {
    const memory = await memoryOf(b);
    return memory.used_memory_vm_eval === 0 ? memory : null;
  });
  t.equal(after.number_of_cached_scripts, 0);
  t.equal(after.used_memory_scripts_eval, 0);
  t.ok(Number(after.used_memory) < Number(full.used_memory) - 400_000, "used_memory counts them");
});

t.test(
  "functions: a state per process that calls one, true figures in all, FUNCTION FLUSH gives it back",
  async (t) => {
    const server = await startServer({ t, processes: 4 });
    const clients = await connectEach(server, 4);
    const [a, b, c] = clients as [RespClient, RespClient, RespClient];
    const text = (i: number): string =>
      `#!lua name=l${i}\nredis.register_function('f${i}', function() return '${"x".repeat(5000)}${i}' end)`;
    const loads = Array.from({ length: 50 }, (_, i) => text(i));
    for (const load of loads) await a.ok("FUNCTION", "LOAD", load);
    const fields = ["number_of_libraries", "number_of_functions", "used_memory_functions", "used_memory_vm_functions"];
    const figures = async (): Promise<number[][]> => {
      const seen = await Promise.all(clients.map((client) => memoryOf(client)));
      return seen.map((memory) => fields.map((field) => memory[field] as number));
    };
    /** What all four processes say, once they agree. */
    const agreed = (what: string, fits: (vmBytes: number) => boolean): Promise<number[]> =>
      waitUntil(what, async () => {
        const [first = [], ...others] = await figures();
        return fits(first[3] as number) && others.every((other) => other.join() === first.join()) ? first : null;
      });
    const codeBytes = loads.reduce((sum, code) => sum + code.length, 0);
    const one = await agreed("the state of one process", (bytes) => bytes > 250_000);
    t.same(one.slice(0, 3), [50, 50, codeBytes]);
    t.ok((one[3] as number) < 500_000, "only the process that loaded them has a state");
    t.match(await b.ok("FCALL", "f7", 0), /^x+7$/);
    await agreed("the state of another", (bytes) => bytes > 1.8 * (one[3] as number));
    const stats = (await c.ok("MEMORY", "STATS")) as unknown[];
    t.equal(stats[stats.indexOf("functions.caches") + 1], codeBytes);
    await c.ok("FUNCTION", "FLUSH", "ASYNC");
    t.same(await agreed("all states to be given up", (bytes) => bytes === 0), [0, 0, 0, 0]);
    await b.ok("FUNCTION", "LOAD", text(1));
    t.match(await a.ok("FCALL", "f1", 0), /^x+1$/);
    await c.ok("FUNCTION", "DELETE", "l1");
    t.same(await agreed("the last library to be given up", (bytes) => bytes === 0), [0, 0, 0, 0]);
  },
);

t.test("scripts that are flushed again and again do not make the processes grow", async (t) => {
  const server = await startServer({ t });
  const clients = (await connectEach(server, 2)) as [RespClient, RespClient];
  const megabytes = (): number => anonymousBytes(server.workerPids()) / (1 << 20);
  let early = 0;
  // Each round's scripts take 10 MB in each process.
  for (let round = 0; round < 10; round++) {
    for (const [n, client] of clients.entries()) {
      for (let i = 0; i < 10; i++) {
        const name = `${round}-${n}-${i}`;
        const code = (k: number): string => `return '${name}-${k}-${"x".repeat(10_000)}'`;
        await client.pipeline(Array.from({ length: 100 }, (_, k) => ["EVAL", code(k), 0]));
      }
    }
    await clients[round % 2]?.ok("SCRIPT", "FLUSH", round % 3 === 0 ? "ASYNC" : "SYNC");
    if (round === 3) early = megabytes();
  }
  const late = megabytes();
  t.ok(late < early + 60, `${early.toFixed(0)} MB after 4 rounds, ${late.toFixed(0)} after 10; 120 MB passed through`);
});

t.test("memory that a script has blown up is given back", async (t) => {
  const server = await startServer({ t });
  const clients = await connectEach(server, 2);
  for (const client of clients) {
    const sha = String(await client.ok("SCRIPT", "LOAD", "return 'still here'"));
    t.equal(await client.ok("EVAL", "return #string.rep('x', 3e8)", 0), 3e8);
    t.equal(await client.ok("EVAL", "local t = {} for i = 1, 1e6 do t[i] = {i} end return #t", 0), 1e6);
    await waitUntil("memory to be given back", () => server.workerPids().every((pid) => anonymousBytes([pid]) < 250e6));
    t.equal(await client.ok("EVALSHA", sha, 0), "still here");
  }
});

t.test("a killed FUNCTION LOAD leaves the old library or the new one, whole", async (t) => {
  const server = await startServer({ t, processes: 2 });
  const library = (version: number): string =>
    `#!lua name=lib
     redis.register_function('version', function() return ${version} end)
     redis.register_function('same', function() return ${version} end)
     -- ${"p".repeat(200_000)}`;
  /** A client of a process that lives: one that was just killed may have taken the connection. */
  const connect = (): Promise<RespClient> =>
    waitUntil("a connection", async () => {
      try {
        const client = await server.connect();
        await client.ok("PING");
        return client;
      } catch {
        return null;
      }
    });
  let acknowledged = 0;
  const load = async (version: number): Promise<void> => {
    const client = await connect();
    try {
      await client.ok("FUNCTION", "LOAD", "REPLACE", library(version));
      acknowledged = version;
    } catch {
      // Its process was killed.
    }
    client.destroy();
  };
  await load(1);
  let version = 1;
  for (let round = 0; round < 8; round++) {
    const loads = (async () => {
      for (let i = 0; i < 5; i++) await load(++version);
    })();
    const [pid] = server.workerPids().slice(round % 2);
    await new Promise((resolve) => setTimeout(resolve, 5 * round));
    if (pid !== undefined) process.kill(pid, "SIGKILL");
    await loads;
    const client = await connect();
    const answers = await client.pipeline([
      ["FCALL", "version", 0],
      ["FCALL", "same", 0],
    ]);
    t.equal(answers[0], answers[1], "both functions are of one library");
    t.ok(Number(answers[0]) >= acknowledged, "what was acknowledged is there");
    client.destroy();
    await waitUntil("both processes", () => server.workerPids().length === 2);
  }
  await server.kill9();
  await server.boot();
  const client = await server.connect();
  t.ok(Number(await client.ok("FCALL", "version", 0)) >= acknowledged, "and after a kill of everything");
  const list = (await client.ok("FUNCTION", "LIST")) as unknown[];
  t.equal(list.length, 1);
});
