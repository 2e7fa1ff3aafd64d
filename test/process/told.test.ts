/** What clients of other processes are told of a command (events, messages, monitor lines): once, and nothing overtakes it. */
import { connect } from "node:net";
import t from "tap";
import { block } from "../support/blocked-client.ts";
import { holderOfConnection } from "../support/proc-facts.ts";
import { type Argument, encodeCommand, type Reply, type RespClient } from "../support/resp-client.ts";
import { connectEach, connectTo, type ServerProcess, startServer, workerOf } from "../support/server.ts";
import type { Teardown } from "../support/server-process.ts";
import { waitUntil } from "../support/wait-until.ts";

t.setTimeout(180_000);

const WORKERS = 3;
const ROUNDS = 200;

async function start(t: Teardown, workers: number): Promise<RespClient[]> {
  const server = await startServer({ processes: workers, t, config: { "notify-keyspace-events": "AKEm" } });
  return connectEach(server, workers);
}

async function listen(client: RespClient, pattern: string): Promise<void> {
  await client.ok("HELLO", "3");
  client.sendRaw(encodeCommand(["PSUBSCRIBE", pattern]));
  await waitUntil("the subscription", () => client.pushes.length > 0);
  client.pushes.length = 0;
}

/** Channel and message of each push that has arrived. */
async function heard(client: RespClient, by: RespClient, channel: string): Promise<string[]> {
  await by.ok("PUBLISH", channel, "end");
  await waitUntil("the last message", () => client.pushes.some((push) => (push as Reply[])[3] === "end"));
  return client.pushes.splice(0).map((push) => (push as Reply[]).slice(2).join(" "));
}

t.test("a command that begins anew in a write txn tells everything once", async (t) => {
  const [a, b] = await start(t, 2);
  if (a === undefined || b === undefined) throw new Error("no clients");
  const watcher = a;
  await listen(watcher, "*");
  await b.ok("CONFIG", "RESETSTAT");

  await b.ok("MULTI");
  for (let i = 0; i < 2; i++) await b.ok("GET", "none");
  await b.ok("EXEC");
  const misses = ["__keyspace@0__:none keymiss", "__keyevent@0__:keymiss none"];
  t.same(await heard(watcher, b, "c"), [...misses, ...misses, "c end"]);

  // It looks at the stream twice, and then waits, which needs a write txn.
  const timeout = await b.call("XREAD", "BLOCK", 1, "STREAMS", "none", "$");
  t.equal(timeout, null);
  t.same(await heard(watcher, b, "c"), [...misses, ...misses, "c end"]);
  t.match(String(await b.ok("INFO", "stats")), /keyspace_misses:4\r/);

  // Members that are due are removed by whoever counts a sorted set.
  await b.ok("DEBUG", "SET-ACTIVE-EXPIRE", 0);
  await b.ok("ZADD", "z", 1, "m", 2, "n");
  await b.ok("PEXPIREMEMBERAT", "z", "m", Date.now() + 5);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await heard(watcher, b, "c");
  await b.ok("MULTI");
  await b.ok("PUBLISH", "c", "first");
  await b.ok("ZCARD", "z");
  t.same(await b.ok("EXEC"), [1, 1]);
  const told = await heard(watcher, b, "c");
  t.same(
    told.filter((text) => text.startsWith("c ")),
    ["c first", "c end"],
  );
});

t.test("monitors see the commands of a transaction that begins anew once", async (t) => {
  const [a, b] = await start(t, 2);
  if (a === undefined || b === undefined) throw new Error("no clients");
  await b.ok("DEBUG", "SET-ACTIVE-EXPIRE", 0);
  await b.ok("ZADD", "z", 1, "m", 2, "n");
  await b.ok("PEXPIREMEMBERAT", "z", "m", Date.now() + 5);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await a.ok("MONITOR");
  await b.ok("MULTI");
  await b.ok("GET", "k");
  await b.ok("ZCARD", "z");
  await b.ok("EXEC");
  await b.ok("ECHO", "end");
  const words: string[] = [];
  while (words.at(-1) !== '"ECHO" "end"') words.push(String(await a.read()).replace(/^.*?\] /, ""));
  t.same(words, ['"MULTI"', '"GET" "k"', '"ZCARD" "z"', '"EXEC"', '"ECHO" "end"']);
});

t.test("events come in the order of the commands, whoever runs and whoever hears them", async (t) => {
  const server = await startServer({ processes: WORKERS, t, config: { "notify-keyspace-events": "KA" } });
  const clients = await connectEach(server, WORKERS);
  const listeners: RespClient[] = [];
  for (const client of clients) listeners.push(await connectTo(server, await workerOf(server, client)));
  for (const listener of listeners) await listen(listener, "__keyspace@0__:k");
  const expected: string[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    // One client after the other, each when the one before it has its reply.
    const [first, second] = [clients[i % WORKERS], clients[(i + 1) % WORKERS]] as [RespClient, RespClient];
    if (i % 2 === 0) {
      await first.ok("EVAL", "redis.call('SET', KEYS[1], 1) return redis.call('APPEND', KEYS[1], 2)", 1, "k");
      expected.push("set", "append");
    } else {
      await first.ok("SET", "k", i);
      expected.push("set");
    }
    await second.ok("DEL", "k");
    expected.push("del");
  }
  for (const listener of listeners) {
    await waitUntil("all events", () => listener.pushes.length >= expected.length);
    t.same(
      listener.pushes.map((push) => (push as Reply[])[3]),
      expected,
    );
  }
});

t.test("what a served client does next does not overtake what served it", async (t) => {
  const server = await startServer({ processes: WORKERS, t, config: { "notify-keyspace-events": "El" } });
  const [pusher, waiter, third] = (await connectEach(server, WORKERS)) as [RespClient, RespClient, RespClient];
  const observer = await server.connect();
  const listeners: RespClient[] = [third];
  for (const client of [pusher, waiter]) listeners.push(await connectTo(server, await workerOf(server, client)));
  for (const listener of listeners) await listen(listener, "__keyevent@0__:*");
  const expected: string[] = [];
  for (let i = 0; i < ROUNDS / 2; i++) {
    const { reply } = await block(observer, waiter, "BLPOP", "jobs", 0);
    const next = waiter.call("RPUSH", "log", i);
    await pusher.ok("RPUSH", "jobs", i);
    t.same(await reply, ["jobs", String(i)]);
    await next;
    expected.push("rpush jobs", "lpop jobs", "rpush log");
  }
  for (const listener of listeners) {
    await waitUntil("all events", () => listener.pushes.length >= expected.length);
    const seen = listener.pushes.map((push) => (push as Reply[]).slice(2).join(" ").replace("__keyevent@0__:", ""));
    t.same(seen, expected);
  }
});

t.test("a served client has its reply before it is told of what served it", async (t) => {
  const server = await startServer({ processes: 2, t, config: { "notify-keyspace-events": "Kl" } });
  const observer = await server.connect();
  const socket = connect(server.port, "127.0.0.1");
  t.teardown(() => socket.destroy());
  let received = "";
  socket.on("data", (chunk) => {
    received += chunk.toString("latin1");
  });
  const send = async (command: Argument[], answer: RegExp): Promise<void> => {
    received = "";
    socket.write(encodeCommand(command));
    await waitUntil(`the answer to ${command[0]}`, () => answer.test(received));
  };
  await send(["HELLO", "3"], /modules\r\n\*0\r\n$/);
  await send(["CLIENT", "TRACKING", "ON"], /^\+OK\r\n$/);
  await send(["CLIENT", "SETNAME", "waiter"], /^\+OK\r\n$/);
  const workers = new Set([holderOfConnection(server.workerPids(), server.port, socket.localPort ?? 0)]);
  const [pusher, listener] = await otherAndSame(server, workers);
  await listen(listener, "__keyspace@0__:jobs");
  for (let i = 0; i < 50; i++) {
    await send(["LRANGE", "jobs", 0, -1], /^\*0\r\n$/);
    received = "";
    socket.write(encodeCommand(["BLMOVE", "jobs", "done", "LEFT", "RIGHT", 0]));
    await waitUntil("it to wait", async () =>
      /name=waiter .*flags=bt /.test(String(await observer.ok("CLIENT", "LIST"))),
    );
    await pusher.ok("RPUSH", "jobs", i);
    await waitUntil("the invalidation", () => received.includes("jobs\r\n"));
    const text = String(i);
    const reply = `$${text.length}\r\n${text}\r\n`;
    t.equal(received, `${reply}>2\r\n$10\r\ninvalidate\r\n*1\r\n$4\r\njobs\r\n`);
  }
});

/** Clients on another process and on the one in `workers`. */
async function otherAndSame(
  server: ServerProcess,
  workers: ReadonlySet<number | null>,
): Promise<[RespClient, RespClient]> {
  const clients = await connectEach(server, 2);
  const places = await Promise.all(clients.map((client) => workerOf(server, client)));
  const same = places.findIndex((pid) => workers.has(pid));
  return [clients[1 - same], clients[same]] as [RespClient, RespClient];
}
