/** `active-client-balancing`: clients move between processes and notice nothing. */
import { join } from "node:path";
import t from "tap";
import { holderOfConnection } from "../support/proc-facts.ts";
import { ConnectionLost, type Reply, RespClient } from "../support/resp-client.ts";
import { type ServerProcess, startServer } from "../support/server.ts";
import type { Teardown } from "../support/server-process.ts";
import { waitUntil } from "../support/wait-until.ts";

// Starts of servers take long on a loaded machine.
t.setTimeout(180_000);

const CLIENTS = 200;

function field(info: Reply, name: string): number {
  return Number(new RegExp(`^${name}:(.*)\r$`, "m").exec(textOf(info))?.[1]);
}

/** Clients per process. */
async function spread(asker: RespClient): Promise<number[]> {
  const info = textOf(await asker.ok("INFO", "clients"));
  return [...info.matchAll(/^thread_\d+_clients:(\d+)\r$/gm)].map((match) => Number(match[1]));
}

async function movedClients(asker: RespClient): Promise<number> {
  return field(await asker.ok("INFO", "keydb"), "moved_clients");
}

function connected(asker: RespClient, count: number): Promise<boolean> {
  const now = async (): Promise<number> => field(await asker.ok("INFO", "clients"), "connected_clients");
  return waitUntil(`${count} connected clients`, async () => (await now()) === count);
}

async function threadOf(client: RespClient): Promise<number> {
  return field(await client.ok("INFO", "clients"), "current_client_thread");
}

/** Opens `count` clients to one process, whatever the kernel does: those that land elsewhere are closed. */
async function crowd(server: ServerProcess, count: number, connect = () => server.connect()): Promise<RespClient[]> {
  const kept: RespClient[] = [];
  const others: RespClient[] = [];
  while (kept.length < count) {
    const client = await connect();
    ((await threadOf(client)) === 0 ? kept : others).push(client);
  }
  await Promise.all(others.map((client) => client.close()));
  return kept;
}

async function unbalanced(t: Teardown, processes: number, config: Record<string, string | number> = {}) {
  return startServer({ processes, t, config: { "active-client-balancing": "no", ...config } });
}

interface Tally {
  done: number;
  stop: boolean;
}

/** Counts up a key of its own and checks each answer, until told to stop. */
async function load(client: RespClient, key: string, tally: Tally): Promise<number> {
  let n = 0;
  for (; !tally.stop; n++) {
    const answer = await client.ok("INCR", key);
    if (answer !== n + 1) throw new Error(`${key}: ${String(answer)} after ${n}`);
    tally.done++;
  }
  return n;
}

t.test("200 clients on one process spread under load; none sees an error, every answer is right", async (t) => {
  const server = await unbalanced(t, 2);
  const clients = await crowd(server, CLIENTS);
  const asker = clients[0] as RespClient;
  await waitUntil("the others have gone", async () => (await spread(asker)).slice(1).every((count) => count === 0));
  const ids = await Promise.all(clients.map((client) => client.ok("CLIENT", "ID")));
  const tally: Tally = { done: 0, stop: false };
  const running = clients.map((client, i) => load(client, `n${i}`, tally));
  // Listing goes on meanwhile: each client must be there, once, all the time.
  const lister = await server.connect();
  const lists: string[] = [];
  const list = async (): Promise<void> => {
    while (!tally.stop) {
      const text = String(await lister.ok("CLIENT", "LIST"));
      const found = [...text.matchAll(/^id=(\d+) /gm)].map((match) => Number(match[1]));
      const missing = ids.filter((id) => !found.includes(Number(id)));
      lists.push(missing.length === 0 && new Set(found).size === found.length ? "whole" : `without ${missing.join()}`);
    }
  };
  const listing = list();
  await waitUntil("the load runs", async () => tally.done > 2_000);
  t.equal(await movedClients(lister), 0, "nothing moves while it is off");
  t.ok(Math.max(...(await spread(lister))) >= CLIENTS);
  const startedAt = performance.now();
  await lister.ok("CONFIG", "SET", "active-client-balancing", "yes");
  await waitUntil("the spread is within 20 %", async () => {
    const counts = await spread(lister);
    return Math.max(...counts) - Math.min(...counts) <= 0.2 * (CLIENTS / counts.length);
  });
  const tookMs = performance.now() - startedAt;
  const before = tally.done;
  await waitUntil("the load goes on", async () => tally.done > before + 2_000);
  tally.stop = true;
  const counts = await Promise.all(running);
  await listing;
  const asked = await Promise.all(clients.map((client) => client.ok("CLIENT", "ID")));
  t.same(asked, ids, "each keeps its id");
  const values = await Promise.all(clients.map((client, i) => client.ok("GET", `n${i}`)));
  t.same(
    values,
    counts.map((n) => String(n)),
    "what the server counted is what the clients counted",
  );
  t.same(new Set(lists), new Set(["whole"]), "CLIENT LIST always showed every client once");
  const moved = await movedClients(lister);
  t.ok(moved >= CLIENTS * 0.4 && moved <= CLIENTS, `${moved} were moved`);
  t.comment(
    `spread ${(await spread(lister)).join("/")} after ${tookMs.toFixed(0)} ms, ${moved} moved, ${tally.done} increments, ${lists.length} lists`,
  );
});

/** Starts balancing and waits until about half of `clients` are on another process than the first. */
async function scatter(asker: RespClient, clients: number): Promise<void> {
  await asker.ok("CONFIG", "SET", "min-clients-per-thread", 1, "active-client-balancing", "yes");
  await waitUntil("the clients are spread", async () => Math.max(...(await spread(asker))) <= clients * 0.6 + 1);
  await asker.ok("CONFIG", "SET", "active-client-balancing", "no");
}

/** A verbatim string of RESP3, or a bulk string of RESP2. */
function textOf(reply: Reply): string {
  return typeof reply === "string" ? reply : String((reply as { text?: string }).text);
}

/** CLIENT INFO without what changes by asking. */
async function description(client: RespClient): Promise<string> {
  return textOf(await client.ok("CLIENT", "INFO"))
    .replace(/ fd=\d+/, "")
    .replace(/ (age|idle|qbuf|qbuf-free|argv-mem|tot-mem)=\d+/g, "");
}

t.test("everything about a client goes along", async (t) => {
  const server = await unbalanced(t, 2, { requirepass: "secret" });
  const clients = await crowd(server, 40, async () => {
    const client = await server.connect();
    await client.ok("AUTH", "secret");
    return client;
  });
  const asker = clients[0] as RespClient;
  for (const [i, client] of clients.entries()) {
    await client.ok("HELLO", i % 2 === 0 ? 3 : 2, "SETNAME", `client-${i}`);
    await client.ok("CLIENT", "SETINFO", "lib-name", "lib");
    await client.ok("CLIENT", "SETINFO", "lib-ver", `1.${i}`);
    await client.ok("SELECT", i % 16);
    await client.ok("CLIENT", "NO-EVICT", "on");
    await client.ok("CLIENT", "NO-TOUCH", i % 3 === 0 ? "on" : "off");
    await client.ok("SET", `k${i}`, i);
  }
  const silent = clients.slice(10, 20);
  const before = await Promise.all(clients.map(description));
  for (const client of silent) client.sendRaw("*3\r\n$6\r\nCLIENT\r\n$5\r\nREPLY\r\n$3\r\nOFF\r\n");
  await scatter(asker, 40);
  for (const client of silent) t.equal(await client.ok("CLIENT", "REPLY", "ON"), "OK", "the next answer is this one");
  const threads = await Promise.all(clients.map(threadOf));
  t.ok(new Set(threads).size > 1);
  t.same(await Promise.all(clients.map(description)), before);
  for (const [i, client] of clients.entries()) t.equal(await client.ok("GET", `k${i}`), String(i), "same database");
  const moved = clients[threads.findIndex((thread) => thread !== 0)] as RespClient;
  t.match(textOf(await moved.ok("CLIENT", "INFO")), / age=[1-9]/, "the age is the connection's");
  // By id and from any process, as before.
  const last = clients[39] as RespClient;
  const other = clients.find((_, i) => threads[i] !== threads[39]) as RespClient;
  t.equal(await other.ok("CLIENT", "KILL", "ID", Number(await last.ok("CLIENT", "ID"))), 1);
  await last.closed;
  await connected(asker, 39);
});

t.test("whoever waits, listens or has sent half a command stays, and is served as before", async (t) => {
  const server = await unbalanced(t, 2);
  const clients = await crowd(server, 34);
  const asker = clients[0] as RespClient;
  let taken = clients.length;
  const take = (): RespClient => clients[--taken] as RespClient;
  const sub = take();
  const blocked = take();
  const multi = take();
  const watching = take();
  const monitor = take();
  const tracking = take();
  const target = take();
  const half = take();
  await sub.ok("SUBSCRIBE", "news");
  const popped = blocked.call("BLPOP", "queue", 0);
  await multi.ok("MULTI");
  await multi.ok("INCR", "n");
  await watching.ok("WATCH", "w");
  await target.ok("HELLO", 3);
  await tracking.ok("HELLO", 3);
  await tracking.ok("CLIENT", "TRACKING", "ON", "REDIRECT", Number(await target.ok("CLIENT", "ID")));
  await tracking.ok("GET", "tracked");
  half.sendRaw("*2\r\n$4\r\nECHO\r\n$5\r\nhe");
  await monitor.ok("MONITOR");
  await scatter(asker, 34);
  const list = String(await asker.ok("CLIENT", "LIST"));
  const moved = await movedClients(asker);
  t.ok(moved >= 13, `${moved} of the others were moved`);
  t.equal([...list.matchAll(/^id=/gm)].length, 34);
  half.sendRaw("llo\r\n");
  t.equal(await half.read(), "hello");
  t.same(await multi.ok("EXEC"), [1]);
  await asker.ok("SET", "w", 1);
  await watching.ok("MULTI");
  t.equal(await watching.ok("EXEC"), null);
  await asker.ok("SET", "tracked", 1);
  await waitUntil("the invalidation", () => target.pushes.length > 0);
  t.same(target.pushes[0], ["invalidate", ["tracked"]]);
  await asker.ok("PUBLISH", "news", "hello");
  t.same(await sub.read(), ["message", "news", "hello"]);
  await asker.ok("RPUSH", "queue", "x");
  t.same(await popped, ["queue", "x"]);
});

t.test("unix socket clients move too; a replaced worker's clients go to its successor", async (t) => {
  const server = await unbalanced(t, 2, { unixsocket: "keydb.sock" });
  const path = join(server.dir, "keydb.sock");
  const clients = await crowd(server, 30, () => RespClient.connect({ path }));
  const asker = clients[0] as RespClient;
  await scatter(asker, 30);
  t.match(await clients[20]?.ok("CLIENT", "INFO"), / addr=keydb.sock:0 .* flags=U /);
  const workers = server.workerPids();
  await asker.ok("CONFIG", "SET", "active-client-balancing", "yes");
  process.kill(server.pid, "SIGUSR2");
  await waitUntil("both workers are replaced", () => !server.workerPids().some((pid) => workers.includes(pid)), 30_000);
  t.same(new Set(await Promise.all(clients.map((client) => client.ok("PING")))), new Set(["PONG"]));
  await connected(asker, 30);
});

t.test(
  "workers are killed while clients move: nobody hangs, only the killed worker's clients are cut off",
  async (t) => {
    const server = await unbalanced(t, 3);
    const clients = await crowd(server, 120);
    const lost = { clients: 0 };
    const tally: Tally = { done: 0, stop: false };
    const running = clients.map((client, i) =>
      load(client, `n${i}`, tally).catch((error: Error) => {
        if (!(error instanceof ConnectionLost) || client.isOpen) throw error;
        lost.clients++;
      }),
    );
    await waitUntil("the load runs", () => tally.done > 2_000);
    const holders = new Map<number, number>();
    const count = (): void => {
      holders.clear();
      for (const client of clients) {
        const pid = holderOfConnection(server.workerPids(), server.port, client.localPort) ?? 0;
        holders.set(pid, (holders.get(pid) ?? 0) + 1);
      }
    };
    count();
    const [crowded = 0] = [...holders].sort(([, a], [, b]) => b - a)[0] ?? [];
    const victim = server.workerPids().find((pid) => pid !== crowded) as number;
    const sender = await server.connect();
    await sender.ok("CONFIG", "SET", "active-client-balancing", "yes");
    // As soon as the victim has got some: then the next ones are on their way to it.
    await waitUntil("clients arrive at the victim", () => {
      count();
      return (holders.get(victim) ?? 0) >= 3;
    });
    process.kill(victim, "SIGKILL");
    await waitUntil("the spread is even again", async () => {
      const info = await RespClient.connect({ port: server.port });
      const counts = await spread(info);
      info.destroy();
      return counts.length === 3 && Math.max(...counts) - Math.min(...counts) <= 12;
    });
    const before = tally.done;
    await waitUntil("the load goes on", () => tally.done > before + 2_000);
    tally.stop = true;
    await Promise.all(running);
    t.ok(lost.clients >= 1 && lost.clients < 60, `${lost.clients} of 120 were cut off`);
    const alive = clients.filter((client) => client.isOpen);
    t.equal(alive.length, 120 - lost.clients);
    t.same(new Set(await Promise.all(alive.map((client) => client.ok("PING")))), new Set(["PONG"]));
  },
);

t.test("CLIENT KILL by id hits a client that is just moving, too", async (t) => {
  const server = await unbalanced(t, 2);
  const clients = await crowd(server, 300);
  const killer = await server.connect();
  const ids = await Promise.all(clients.map((client) => client.ok("CLIENT", "ID")));
  await killer.ok("CONFIG", "SET", "min-clients-per-thread", 1, "active-client-balancing", "yes");
  await waitUntil("clients move", async () => (await movedClients(killer)) > 0);
  const kills = ids.slice(0, 50).flatMap((id) => Array.from({ length: 2 }, () => ["CLIENT", "KILL", "ID", Number(id)]));
  const killed = await killer.pipeline(kills);
  t.same(killed, Array.from({ length: 50 }, () => [1, 0]).flat(), "each was there once");
  await Promise.all(clients.slice(0, 50).map((client) => client.closed));
  t.same(new Set(await Promise.all(clients.slice(50).map((client) => client.ok("PING")))), new Set(["PONG"]));
  await connected(killer, 251);
});
