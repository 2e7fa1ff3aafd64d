/** CLIENT LIST, KILL, PAUSE with the clients on different processes. */
import t from "tap";
import { encodeCommand, type RespClient } from "../support/resp-client.ts";
import { connectEach, connectTo, startServer, workerOf } from "../support/server.ts";
import type { Teardown } from "../support/server-process.ts";
import { waitUntil } from "../support/wait-until.ts";

// Starts of servers take long on a loaded machine.
t.setTimeout(180_000);

const WORKERS = 3;

async function three(t: Teardown): Promise<[RespClient, RespClient, RespClient]> {
  const server = await startServer({ processes: WORKERS, t });
  const [a, b, c] = await connectEach(server, WORKERS);
  if (a === undefined || b === undefined || c === undefined) throw new Error("no clients");
  return [a, b, c];
}

async function names(client: RespClient, ...filter: string[]): Promise<string[]> {
  const list = String(await client.ok("CLIENT", "LIST", ...filter));
  return [...list.matchAll(/ name=(\S*) /g)].map((match) => match[1] as string).filter((name) => name !== "");
}

t.test("LIST shows the clients of all processes, in the order of their ids", async (t) => {
  const [a, b, c] = await three(t);
  const ids: number[] = [];
  for (const [client, name] of [
    [a, "a"],
    [b, "b"],
    [c, "c"],
  ] as const) {
    await client.ok("CLIENT", "SETNAME", name);
    ids.push(Number(await client.ok("CLIENT", "ID")));
  }
  t.equal(new Set(ids).size, WORKERS, "ids are unique over processes");
  t.same((await names(b)).sort(), ["a", "b", "c"]);
  t.same(await names(c, "ID", String(ids[1]), String(ids[0])), ["b", "a"]);
  t.same(await names(c, "TYPE", "pubsub"), []);
  t.match(await a.call("CLIENT", "LIST", "TYPE", "x"), { message: "ERR Unknown client type 'x'" });
  t.match(await a.call("CLIENT", "LIST", "ID", "x"), { message: "ERR Invalid client ID" });
  await a.ok("MULTI");
  await a.ok("CLIENT", "LIST");
  const [inside] = (await a.ok("EXEC")) as string[];
  t.match(inside, / name=b /, "inside EXEC too");
});

t.test("KILL reaches other processes", async (t) => {
  const [a, b, c] = await three(t);
  const id = await b.ok("CLIENT", "ID");
  t.equal(await a.ok("CLIENT", "KILL", "ID", String(id)), 1);
  await b.closed;
  t.equal(await a.ok("CLIENT", "KILL", "ID", String(id)), 0);
  t.equal(await a.ok("CLIENT", "KILL", `127.0.0.1:${c.localPort}`), "OK");
  await c.closed;
  t.match(await a.call("CLIENT", "KILL", "127.0.0.1:1"), { message: "ERR No such client" });
  t.equal(await a.ok("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no"), 1, "itself, after the answer");
  await a.closed;
});

t.test("PAUSE holds back the clients of all processes", async (t) => {
  const [a, b, c] = await three(t);
  t.equal(await a.ok("CLIENT", "PAUSE", 100_000, "WRITE"), "OK");
  const write = b.ok("SET", "k", "1");
  const exec = c.pipeline([["MULTI"], ["INCR", "n"], ["EXEC"]]);
  t.equal(await a.ok("GET", "k"), null, "reads go on");
  await waitUntil("both writers are held", async () => /blocked_clients:2/.test(String(await a.ok("INFO", "clients"))));
  t.equal(await a.ok("CLIENT", "UNPAUSE"), "OK");
  t.equal(await write, "OK");
  t.same(await exec, ["OK", "QUEUED", [1]]);
  t.equal(await a.ok("CLIENT", "PAUSE", 50), "OK");
  t.equal(await b.ok("GET", "k"), "1", "ALL ends by itself");
  t.match(await a.call("CLIENT", "PAUSE", "x"), { message: "ERR timeout is not an integer or out of range" });
  t.match(await a.call("CLIENT", "PAUSE", -1), { message: "ERR timeout is negative" });
  t.match(await a.call("CLIENT", "PAUSE", 1, "SOME"), { message: "ERR CLIENT PAUSE mode must be WRITE or ALL" });
});

t.test("CLIENT REPLY SKIP keeps back the reply of a blocking command, and that of RESET", async (t) => {
  const [a, b] = await three(t);
  a.sendRaw(encodeCommand(["CLIENT", "REPLY", "SKIP"]));
  a.sendRaw(encodeCommand(["BLPOP", "list", 0]));
  await waitUntil("the client to wait", async () => /blocked_clients:1\r/.test(String(await b.ok("INFO", "clients"))));
  await b.ok("RPUSH", "list", "1");
  t.equal(await a.ok("ECHO", "next"), "next");
  a.sendRaw(encodeCommand(["CLIENT", "REPLY", "SKIP"]));
  a.sendRaw(encodeCommand(["BLPOP", "list", 0.01]));
  t.equal(await a.ok("ECHO", "after the timeout"), "after the timeout");
  a.sendRaw(encodeCommand(["CLIENT", "REPLY", "SKIP"]));
  a.sendRaw(encodeCommand(["RESET"]));
  t.equal(await a.ok("ECHO", "after RESET"), "after RESET");
  a.sendRaw(encodeCommand(["CLIENT", "REPLY", "OFF"]));
  t.equal(await a.ok("RESET"), "RESET");
});

t.test("a client that was killed is served, counted and told nothing any more", async (t) => {
  const server = await startServer({ processes: WORKERS, t });
  const [a, b, c] = (await connectEach(server, WORKERS)) as [RespClient, RespClient, RespClient];
  const count = async (): Promise<number> =>
    Number(/connected_clients:(\d+)/.exec(String(await a.ok("INFO", "clients")))?.[1]);
  await waitUntil("only these clients", async () => (await count()) === WORKERS);
  for (const client of [a, b, c]) {
    const victim = await connectTo(server, await workerOf(server, client));
    const id = Number(await victim.ok("CLIENT", "ID"));
    const subscriber = await connectTo(server, await workerOf(server, client));
    const subscriberId = Number(await subscriber.ok("CLIENT", "ID"));
    await subscriber.ok("SUBSCRIBE", "channel");
    await waitUntil("the searches for processes to be over", async () => (await count()) === WORKERS + 2);
    victim.call("BLPOP", "list", 0).catch(() => undefined);
    await waitUntil("it to wait", async () => /blocked_clients:1\r/.test(String(await a.ok("INFO", "clients"))));
    const replies = await a.pipeline([
      ["CLIENT", "KILL", "ID", id],
      ["CLIENT", "KILL", "ID", subscriberId],
      ["RPUSH", "list", "element"],
      ["PUBSUB", "NUMSUB", "channel"],
      ["INFO", "clients"],
    ]);
    t.same(replies.slice(0, 4), [1, 1, 1, ["channel", 0]]);
    t.match(String(replies[4]), new RegExp(`connected_clients:${WORKERS}\r`));
    t.match(String(replies[4]), /blocked_clients:0\r/);
    await Promise.all([victim.closed, subscriber.closed]);
    t.same(await a.ok("LRANGE", "list", 0, -1), ["element"], "nothing is lost");
    await a.ok("DEL", "list");
  }
});

t.test("CLIENT PAUSE ALL is answered at once and lasts as long as it says", async (t) => {
  const [a, b] = await three(t);
  const start = performance.now();
  t.equal(await a.ok("CLIENT", "PAUSE", 600, "ALL"), "OK");
  const answeredMs = performance.now() - start;
  t.equal(await b.ok("PING"), "PONG");
  const pausedMs = performance.now() - start;
  t.ok(answeredMs < pausedMs - 100, `answered after ${answeredMs} ms of ${pausedMs}`);
  t.ok(pausedMs > 590, `${pausedMs} ms`);
  await a.ok("CLIENT", "PAUSE", 100_000, "WRITE");
  t.equal(await b.ok("CLIENT", "UNPAUSE"), "OK");
  t.equal(await a.ok("SET", "k", "v"), "OK");
});

t.test("a monitor may not use keys, and no pause holds it", async (t) => {
  const [a, b] = await three(t);
  await a.ok("MONITOR");
  t.match(await a.call("GET", "k"), { message: "ERR Replica can't interact with the keyspace" });
  t.match(await a.call("PUBLISH", "c", "m"), { message: "ERR Replica can't interact with the keyspace" });
  await b.ok("CLIENT", "PAUSE", 100_000, "ALL");
  t.equal(await a.ok("CLIENT", "UNPAUSE"), "OK", "an admin command is not shown");
  t.equal(await b.ok("PING"), "PONG");
});
