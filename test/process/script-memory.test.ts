/** What scripts and functions take and survive: INFO's figures, SCRIPT FLUSH, processes killed while a library is loaded. */
import t from "tap";
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
  await a.ok("SCRIPT", "FLUSH");
  // The other process gives its state up when it next looks.
  await b.ok("EVAL", "return 1", 0);
  const after = await waitUntil("memory to be given back", async () => {
    const memory = await memoryOf(b);
    return Number(memory.used_memory_vm_eval) < Number(full.used_memory_vm_eval) / 2 ? memory : null;
  });
  t.equal(after.number_of_cached_scripts, 1);
  t.ok(Number(after.used_memory_scripts_eval) < 1000);
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
