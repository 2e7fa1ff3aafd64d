/** Blocking commands with waiter and writer on different processes. */
import t from "tap";
import { block, blockedClients, textOf } from "../support/blocked-client.ts";
import { type Argument, encodeCommand, type Reply, type RespClient } from "../support/resp-client.ts";
import { connectEach, type ServerProcess, startServer, workerOf } from "../support/server.ts";
import { waitUntil } from "../support/wait-until.ts";

t.setTimeout(180_000);

async function pair(server: ServerProcess): Promise<[RespClient, RespClient]> {
  const [a, b] = await connectEach(server, 2);
  if (a === undefined || b === undefined) throw new Error("no clients");
  return [a, b];
}

interface Case {
  readonly wait: Argument[];
  readonly writes: Argument[][];
  readonly reply: Reply;
  /** What the waiter left behind. */
  readonly after?: readonly [Argument[], Reply];
}

/** RPUSH k 1, as redis-server 7.2.4 dumps it. */
const DUMPED_LIST = Buffer.from("120102090900000001000101ff0b00795d32e1f42c1dcf", "hex");

const CASES: readonly Case[] = [
  {
    wait: ["BLPOP", "k", "l", 0],
    writes: [["RPUSH", "l", "1", "2"]],
    reply: ["l", "1"],
    after: [["LRANGE", "l", 0, -1], ["2"]],
  },
  { wait: ["BRPOP", "k", 0], writes: [["RPUSH", "k", "1", "2"]], reply: ["k", "2"] },
  {
    wait: ["BLMPOP", 0, 2, "k", "l", "LEFT", "COUNT", 2],
    writes: [["RPUSH", "l", "1", "2", "3"]],
    reply: ["l", ["1", "2"]],
  },
  {
    wait: ["BLMOVE", "k", "d", "LEFT", "RIGHT", 0],
    writes: [["RPUSH", "k", "1"]],
    reply: "1",
    after: [["LRANGE", "d", 0, -1], ["1"]],
  },
  { wait: ["BRPOPLPUSH", "k", "d", 0], writes: [["RPUSH", "k", "1"]], reply: "1", after: [["EXISTS", "k"], 0] },
  {
    wait: ["BZPOPMIN", "k", 0],
    writes: [["ZADD", "k", 2, "b", 1, "a"]],
    reply: ["k", "a", "1"],
    after: [["ZCARD", "k"], 1],
  },
  { wait: ["BZPOPMAX", "k", 0], writes: [["ZADD", "k", 2, "b", 1, "a"]], reply: ["k", "b", "2"] },
  {
    wait: ["BZMPOP", 0, 1, "k", "MIN", "COUNT", 9],
    writes: [["ZADD", "k", 1, "a", 2, "b"]],
    reply: [
      "k",
      [
        ["a", "1"],
        ["b", "2"],
      ],
    ],
  },
  {
    wait: ["BLPOP", "k", 0],
    writes: [
      ["SET", "k", "string"],
      ["DEL", "k"],
      ["RPUSH", "k", "1"],
    ],
    reply: ["k", "1"],
  },
  {
    wait: ["BLPOP", "k", 0],
    writes: [
      ["ZADD", "k", 1, "a"],
      ["DEL", "k"],
      ["RPUSH", "k", "1"],
    ],
    reply: ["k", "1"],
  },
  {
    wait: ["BLPOP", "k", 0],
    writes: [
      ["RPUSH", "x", "1"],
      ["RENAME", "x", "k"],
    ],
    reply: ["k", "1"],
  },
  {
    wait: ["BLPOP", "k", 0],
    writes: [
      ["RPUSH", "x", "1"],
      ["COPY", "x", "k"],
    ],
    reply: ["k", "1"],
  },
  { wait: ["BLPOP", "k", 0], writes: [["RESTORE", "k", 0, DUMPED_LIST]], reply: ["k", "1"] },
  {
    wait: ["BLPOP", "k", 0],
    writes: [
      ["SELECT", 1],
      ["RPUSH", "k", "1"],
      ["MOVE", "k", 0],
      ["SELECT", 0],
    ],
    reply: ["k", "1"],
  },
  {
    wait: ["BLPOP", "k", 0],
    writes: [
      ["SELECT", 1],
      ["RPUSH", "k", "1"],
      ["SELECT", 0],
      ["SWAPDB", 0, 1],
    ],
    reply: ["k", "1"],
  },
  {
    wait: ["BLPOP", "k", 0],
    writes: [["MULTI"], ["RPUSH", "k", "1"], ["DEL", "k"], ["RPUSH", "k", "2"], ["EXEC"]],
    reply: ["k", "2"],
  },
  {
    wait: ["BLPOP", "k", 0],
    writes: [
      ["SORT", "none", "STORE", "k"],
      ["RPUSH", "s", "1"],
      ["SORT", "s", "STORE", "k"],
    ],
    reply: ["k", "1"],
  },
  { wait: ["BLPOP", "k".repeat(3000), 0], writes: [["RPUSH", "k".repeat(3000), "1"]], reply: ["k".repeat(3000), "1"] },
  { wait: ["BLPOP", "k", 0], writes: [["RPUSH", "k", "v".repeat(3_000_000)]], reply: ["k", "v".repeat(3_000_000)] },
];

t.test("a write in one process serves a client that waits in another", async (t) => {
  const server = await startServer({ processes: 2, t });
  const [a, b] = await pair(server);
  for (const { wait, writes, reply, after } of CASES) {
    await b.ok("FLUSHALL");
    const waiter = await block(b, a, ...wait);
    for (const write of writes) await b.ok(...write);
    const name = `${wait[0]} / ${writes.map(([word]) => word).join(" ")}`;
    t.strictSame(await waiter.reply, reply, name);
    if (after !== undefined) t.strictSame(await b.ok(...after[0]), after[1], `${name}: what is left`);
  }
  t.equal(await blockedClients(b), 0, "nobody waits any more");
});

t.test("first come, first served over all processes", async (t) => {
  const server = await startServer({ processes: 3, t });
  const clients: RespClient[] = [];
  for (let round = 0; round < 4; round++) clients.push(...(await connectEach(server, 3)));
  const observer = await server.connect();
  const replies: Promise<Reply>[] = [];
  for (const client of clients) replies.push((await block(observer, client, "BLPOP", "q", 0)).reply);
  t.equal(await blockedClients(observer), clients.length);
  for (let i = 0; i < 6; i++) await observer.ok("RPUSH", "q", String(i));
  await observer.ok("RPUSH", "q", ...Array.from({ length: clients.length - 6 }, (_, i) => String(i + 6)));
  const served = (await Promise.all(replies)).map((reply) => Number((reply as string[])[1]));
  t.strictSame(
    served,
    clients.map((_, i) => i),
  );
});

t.test("what a pusher sees is already taken", async (t) => {
  const server = await startServer({ processes: 2, t });
  const [a, b] = await pair(server);
  for (let i = 0; i < 50; i++) {
    const waiter = await block(b, a, "BLPOP", "k", 0);
    t.strictSame(
      await b.pipeline([
        ["RPUSH", "k", "x"],
        ["EXISTS", "k"],
        ["LPOP", "k"],
      ]),
      [1, 0, null],
    );
    await waiter.reply;
  }
});

t.test("timeouts, CLIENT UNBLOCK and KILL over processes", async (t) => {
  const server = await startServer({ processes: 2, t });
  const [a, b] = await pair(server);
  const startedAt = performance.now();
  t.equal(await a.ok("BLPOP", "k", "0.1"), null);
  t.ok(performance.now() - startedAt >= 99, "not before its time");
  const id = String(await a.ok("CLIENT", "ID"));
  t.equal(await b.ok("CLIENT", "UNBLOCK", id), 0, "it does not wait");
  const timedOut = await block(b, a, "BZPOPMIN", "k", 0);
  t.equal(await b.ok("CLIENT", "UNBLOCK", id), 1);
  t.equal(await timedOut.reply, null);
  const failed = await block(b, a, "BLMOVE", "k", "d", "LEFT", "LEFT", 0);
  t.equal(await b.ok("CLIENT", "UNBLOCK", id, "ERROR"), 1);
  t.match(await failed.reply, { message: /^UNBLOCKED client unblocked via CLIENT UNBLOCK$/ });
  t.equal(await b.ok("RPUSH", "k", "1"), 1);
  t.equal(await b.ok("LLEN", "k"), 1, "the ended waits take nothing");
  await b.ok("DEL", "k");
  await block(b, a, "BLPOP", "k", 0);
  await b.ok("CLIENT", "KILL", "ID", id);
  await a.closed;
  await waitUntil("the killed client to be forgotten", async () => (await blockedClients(b)) === 0);
  t.equal(await b.ok("RPUSH", "k", "1"), 1);
  t.equal(await b.ok("LLEN", "k"), 1);
});

t.test("commands behind a blocking one wait with it", async (t) => {
  const server = await startServer({ processes: 2, t });
  const [a, b] = await pair(server);
  a.sendRaw("SET x 1\r\nBLPOP k 0\r\nGET x\r\nPING\r\n");
  t.equal(await a.read(), "OK");
  await waitUntil("the client to block", async () => (await blockedClients(b)) === 1);
  await b.ok("SET", "x", "2");
  await b.ok("RPUSH", "k", "el");
  t.strictSame([await a.read(), await a.read(), await a.read()], [["k", "el"], "2", "PONG"]);
});

t.test("a client that goes while the command behind its blocking one is about to block is forgotten", async (t) => {
  const server = await startServer({ processes: 2, t });
  const [, b] = await pair(server);
  // The end of the connection may come before, with and after the reply: each of them in some round.
  for (let round = 0; round < 30; round++) {
    const [c, d] = await connectEach(server, 2);
    if (c === undefined || d === undefined) throw new Error("no clients");
    c.sendRaw("BRPOPLPUSH from to 0\r\nBRPOPLPUSH from to 0\r\n");
    await waitUntil("the client to block", async () => (await blockedClients(b)) === 1);
    await d.ok("LPUSH", "from", "el");
    if (round % 3 === 1) await c.read();
    c.destroy();
    await waitUntil("the client to be forgotten", async () => (await blockedClients(b)) === 0);
    d.destroy();
  }
  // One with more input than is read ahead.
  const [e] = await connectEach(server, 2);
  if (e === undefined) throw new Error("no client");
  e.sendRaw(`BLPOP none 0\r\n${"PING\r\n".repeat(400_000)}`);
  await waitUntil("the client to block", async () => (await blockedClients(b)) === 1);
  e.destroy();
  await waitUntil("the client to be forgotten", async () => (await blockedClients(b)) === 0);
});

t.test("inside MULTI nothing blocks", async (t) => {
  const server = await startServer({ processes: 2, t });
  const [a] = await pair(server);
  const replies = await a.pipeline([
    ["MULTI"],
    ["BLPOP", "k", 0],
    ["BLMOVE", "k", "d", "LEFT", "LEFT", 0],
    ["BZMPOP", 0, 1, "k", "MIN"],
    ["WAIT", 1, 0],
    ["EXEC"],
  ]);
  t.strictSame(replies.at(-1), [null, null, null, 0]);
});

t.test("no element is lost when the waiter's process is killed", async (t) => {
  const server = await startServer({ processes: 2, t });
  for (let round = 0; round < 3; round++) {
    const [a, b] = await pair(server);
    const victim = await workerOf(server, a);
    await block(b, a, "BLPOP", "k", 0);
    process.kill(victim, "SIGKILL");
    // At once: the process may not be known to be dead yet.
    await b.ok("RPUSH", "k", String(round));
    await waitUntil(`element ${round} to be back`, async () => (await b.ok("LLEN", "k")) === 1);
    t.equal(await b.ok("LPOP", "k"), String(round));
    await waitUntil(
      "the worker to be replaced",
      async () => server.workerPids().filter((pid) => pid !== victim).length === 2,
    );
  }
});

t.test("a waiter outlives the process that was about to serve it", async (t) => {
  const server = await startServer({ processes: 2, t });
  const [a, b] = await pair(server);
  const { reply } = await block(b, a, "BLPOP", "k", 0);
  // Both in one batch: whether the push was committed before the crash is open, but the waiter must not be forgotten.
  b.sendRaw("RPUSH k x\r\nDEBUG SEGFAULT\r\n");
  await b.closed;
  const other = await waitUntil("the other worker to serve", () => server.connect().catch(() => null));
  await other.ok("RPUSH", "k", "y");
  t.match(await reply, ["k", /^[xy]$/]);
});

t.test("a client that sends a blocking command and is gone at once leaves nothing behind", async (t) => {
  const server = await startServer({ processes: 2, t });
  const [a, b] = await pair(server);
  for (const command of [
    ["BLPOP", "list", 0],
    ["XREAD", "BLOCK", 0, "STREAMS", "stream", "$"],
    ["WAIT", 1, 0],
  ]) {
    const gone: Promise<void>[] = [];
    for (let i = 0; i < 50; i++) {
      const client = await server.connect();
      client.sendRaw(encodeCommand(command));
      gone.push(client.close());
    }
    await Promise.all(gone);
  }
  await waitUntil("nobody to wait", async () => (await blockedClients(a)) === 0);
  t.match(await textOf(b, "INFO", "clients"), /connected_clients:2\r/);
  t.match(await textOf(b, "INFO", "clients"), /total_blocking_keys:0\r/);
  t.equal(await a.ok("RPUSH", "list", "element"), 1);
  t.equal(await b.ok("LLEN", "list"), 1);
});
