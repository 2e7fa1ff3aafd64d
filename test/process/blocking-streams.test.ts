/** XREAD and XREADGROUP BLOCK with waiter and writer on different processes. */
import t from "tap";
import { block, blockedClients } from "../support/blocked-client.ts";
import type { Argument, Reply, RespClient } from "../support/resp-client.ts";
import { connectEach, type ServerProcess, startServer, workerOf } from "../support/server.ts";
import { waitUntil } from "../support/wait-until.ts";

t.setTimeout(180_000);

async function pair(server: ServerProcess): Promise<[RespClient, RespClient]> {
  const [a, b] = await connectEach(server, 2);
  if (a === undefined || b === undefined) throw new Error("no clients");
  return [a, b];
}

interface Case {
  readonly name: string;
  readonly before?: readonly Argument[][];
  readonly wait: readonly Argument[];
  readonly writes: readonly Argument[][];
  readonly reply: Reply | RegExp;
}

const ENTRY: Reply = [["s", [["5-0", ["f", "v"]]]]];
const MAKE_GROUP: Argument[] = ["XGROUP", "CREATE", "s", "g", "$", "MKSTREAM"];
const XREAD = (id: string): Argument[] => ["XREAD", "BLOCK", 0, "STREAMS", "s", id];
const XREADGROUP: Argument[] = ["XREADGROUP", "GROUP", "g", "c", "BLOCK", 0, "STREAMS", "s", ">"];
const ADD: Argument[] = ["XADD", "s", "5-0", "f", "v"];

const CASES: readonly Case[] = [
  { name: "a stream that is made", wait: XREAD("$"), writes: [ADD], reply: ENTRY },
  { name: "an entry behind an ID", wait: XREAD("4-9"), writes: [ADD], reply: ENTRY },
  {
    name: "earlier entries do not wake",
    before: [["XADD", "s", "3-0", "f", "old"]],
    wait: XREAD("4-0"),
    writes: [["XADD", "s", "3-5", "f", "no"], ADD],
    reply: ENTRY,
  },
  {
    name: "one of several streams",
    wait: ["XREAD", "COUNT", 1, "BLOCK", 0, "STREAMS", "r", "s", "$", "$"],
    writes: [ADD],
    reply: ENTRY,
  },
  {
    name: "all entries of one transaction",
    wait: XREAD("$"),
    writes: [["MULTI"], ADD, ["XADD", "s", "6-0", "g", "w"], ["EXEC"]],
    reply: [
      [
        "s",
        [
          ["5-0", ["f", "v"]],
          ["6-0", ["g", "w"]],
        ],
      ],
    ],
  },
  {
    name: "what a script adds",
    wait: XREAD("$"),
    writes: [["EVAL", "return redis.call('xadd', KEYS[1], '5-0', 'f', 'v')", 1, "s"]],
    reply: ENTRY,
  },
  {
    name: "a key of another type between",
    wait: XREAD("$"),
    writes: [["SET", "s", "x"], ["DEL", "s"], ADD],
    reply: ENTRY,
  },
  {
    name: "RENAME",
    wait: XREAD("0-0"),
    writes: [
      ["XADD", "x", "5-0", "f", "v"],
      ["RENAME", "x", "s"],
    ],
    reply: ENTRY,
  },
  { name: "a group", before: [MAKE_GROUP], wait: XREADGROUP, writes: [ADD], reply: ENTRY },
  {
    name: "a group without history of its own",
    before: [MAKE_GROUP],
    wait: ["XREADGROUP", "GROUP", "g", "c", "NOACK", "BLOCK", 0, "STREAMS", "s", ">"],
    writes: [ADD],
    reply: ENTRY,
  },
  {
    name: "a group that is destroyed",
    before: [MAKE_GROUP],
    wait: XREADGROUP,
    writes: [["XGROUP", "DESTROY", "s", "g"]],
    reply: /^NOGROUP/,
  },
  {
    name: "a group whose stream is deleted",
    before: [MAKE_GROUP],
    wait: XREADGROUP,
    writes: [["DEL", "s"]],
    reply: /^NOGROUP|UNBLOCKED/,
  },
  {
    name: "a group whose key changes type",
    before: [MAKE_GROUP],
    wait: XREADGROUP,
    writes: [["SET", "s", "x"]],
    reply: /^WRONGTYPE/,
  },
];

t.test("a write in one process serves a reader that waits in another", async (t) => {
  const server = await startServer({ processes: 2, t });
  const [a, b] = await pair(server);
  for (const { name, before = [], wait, writes, reply } of CASES) {
    await b.ok("FLUSHALL");
    for (const command of before) await b.ok(...command);
    const waiter = await block(b, a, ...wait);
    for (const command of writes) await b.ok(...command);
    const answer = await waiter.reply;
    if (reply instanceof RegExp) t.match((answer as { message?: string }).message, reply, name);
    else t.strictSame(answer, reply, name);
  }
  t.equal(await blockedClients(b), 0, "nobody waits any more");
});

t.test("every reader of XREAD gets an entry, one consumer of a group does", async (t) => {
  const server = await startServer({ processes: 3, t });
  const observer = await server.connect();
  const readers = [...(await connectEach(server, 3)), ...(await connectEach(server, 3))];
  const consumers = [...(await connectEach(server, 3)), ...(await connectEach(server, 3))];
  await observer.ok(...MAKE_GROUP);
  const read: Promise<Reply>[] = [];
  const consumed: Promise<Reply>[] = [];
  for (const client of readers) read.push((await block(observer, client, ...XREAD("$"))).reply);
  for (const [i, client] of consumers.entries()) {
    const wait = ["XREADGROUP", "GROUP", "g", `c${i}`, "COUNT", 1, "BLOCK", 0, "STREAMS", "s", ">"];
    consumed.push((await block(observer, client, ...wait)).reply);
  }
  for (let i = 0; i < consumers.length; i++) await observer.ok("XADD", "s", `${i + 1}-0`, "n", i);
  const first: Reply = [["s", [["1-0", ["n", "0"]]]]];
  for (const reply of await Promise.all(read)) t.strictSame(reply, first, "the entry that woke it, to each");
  const order = (await Promise.all(consumed)).map((reply) => (reply as [[string, [[string]]]])[0][1][0][0]);
  t.strictSame(
    order,
    consumers.map((_, i) => `${i + 1}-0`),
    "in the order in which they came",
  );
  const [pending] = (await observer.ok("XPENDING", "s", "g")) as [number];
  t.equal(pending, consumers.length, "each is pending with one of them");
});

t.test("timeouts and CLIENT UNBLOCK over processes", async (t) => {
  const server = await startServer({ processes: 2, t });
  const [a, b] = await pair(server);
  t.equal(await a.ok("XREAD", "BLOCK", 50, "STREAMS", "s", "$"), null);
  await b.ok(...MAKE_GROUP);
  t.equal(await a.ok("XREADGROUP", "GROUP", "g", "c", "BLOCK", 50, "STREAMS", "s", ">"), null);
  const id = String(await a.ok("CLIENT", "ID"));
  const waiter = await block(b, a, ...XREADGROUP);
  t.equal(await b.ok("CLIENT", "UNBLOCK", id, "ERROR"), 1);
  t.match(await waiter.reply, { message: /^UNBLOCKED/ });
  await b.ok(...ADD);
  t.strictSame(await b.ok("XPENDING", "s", "g"), [0, null, null, null], "the ended wait takes nothing");
});

t.test("a consumer whose process is killed leaves the entry to the group", async (t) => {
  const server = await startServer({ processes: 2, t });
  const [a, b] = await pair(server);
  await b.ok(...MAKE_GROUP);
  const victim = await workerOf(server, a);
  await block(b, a, ...XREADGROUP);
  process.kill(victim, "SIGKILL");
  await a.closed;
  await waitUntil("the dead waiter to be forgotten", async () => (await blockedClients(b)) === 0);
  await b.ok(...ADD);
  t.strictSame(await b.ok("XREADGROUP", "GROUP", "g", "d", "STREAMS", "s", ">"), ENTRY, "nobody has it yet");
});
