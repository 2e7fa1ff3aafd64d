/** Publish and subscribe, keyspace events and MONITOR with the clients on different processes. */
import t from "tap";
import { encodeCommand, type Reply, type RespClient } from "../support/resp-client.ts";
import { connectEach, connectTo, type ServerProcess, startServer, workerOf } from "../support/server.ts";
import { waitUntil } from "../support/wait-until.ts";

t.setTimeout(120_000);

async function pair(server: ServerProcess): Promise<[RespClient, RespClient]> {
  const [a, b] = await connectEach(server, 2);
  if (a === undefined || b === undefined) throw new Error("no clients");
  return [a, b];
}

/** The next push of a RESP3 client. */
function nextPush(client: RespClient): Promise<Reply> {
  return waitUntil("a push", async () => client.pushes.shift() ?? null);
}

/** Subscribes a RESP3 client; the confirmations are taken away. */
async function subscribe(client: RespClient, command: string, ...names: string[]): Promise<void> {
  client.sendRaw(encodeCommand([command, ...names]));
  await client.ok("PING");
  const messages = client.pushes.filter((push) => !String((push as Reply[])[0]).endsWith("subscribe"));
  t.equal(client.pushes.length - messages.length, names.length, "one confirmation for each");
  client.pushes.splice(0, client.pushes.length, ...messages);
}

t.test("a message reaches the subscribers of other processes, and PUBLISH counts them", async (t) => {
  const server = await startServer({ processes: 2, t });
  const [a, b] = await pair(server);
  await a.ok("HELLO", 3);
  await subscribe(a, "SUBSCRIBE", "news", "\xff-not-utf8");
  await subscribe(a, "PSUBSCRIBE", "n*");
  await subscribe(a, "SSUBSCRIBE", "news");
  t.equal(await b.ok("PUBLISH", "news", "one"), 2);
  t.strictSame(await nextPush(a), ["message", "news", "one"]);
  t.strictSame(await nextPush(a), ["pmessage", "n*", "news", "one"]);
  t.equal(await b.ok("SPUBLISH", "news", "two"), 1);
  t.strictSame(await nextPush(a), ["smessage", "news", "two"]);
  t.equal(await b.ok("PUBLISH", "other", "x"), 0);
  t.strictSame(await b.ok("PUBSUB", "NUMSUB", "news", "other"), ["news", 1, "other", 0]);
  t.equal(await b.ok("PUBSUB", "NUMPAT"), 1);
  t.strictSame(await b.ok("PUBSUB", "CHANNELS", "new*"), ["news"]);
  t.strictSame(await b.ok("PUBSUB", "SHARDNUMSUB", "news"), ["news", 1]);
  t.match(await b.ok("CLIENT", "LIST", "TYPE", "pubsub"), /flags=P .* sub=2 psub=1 ssub=1 /);
  a.sendRaw("UNSUBSCRIBE news\r\nPING\r\n");
  await a.read();
  t.equal(await b.ok("PUBLISH", "news", "three"), 1, "only the pattern is left");
  await a.close();
  await waitUntil("the closed client to be forgotten", async () => (await b.ok("PUBLISH", "news", "four")) === 0);
});

t.test("a subscription is in force on every process once it is confirmed", async (t) => {
  const server = await startServer({ processes: 2, t });
  const [a, b] = await pair(server);
  await a.ok("HELLO", 3);
  for (let i = 0; i < 200; i++) {
    await subscribe(a, "SUBSCRIBE", `c${i}`);
    t.equal(await b.ok("PUBLISH", `c${i}`, "m"), 1);
  }
  await waitUntil("all messages", async () => a.pushes.length === 200);
});

t.test("messages of a publisher stay in order, also in MULTI, and behind the commit", async (t) => {
  const server = await startServer({ processes: 2, t });
  const [a, b] = await pair(server);
  await a.ok("HELLO", 3);
  await subscribe(a, "PSUBSCRIBE", "*");
  const commands: string[][] = [];
  for (let i = 0; i < 300; i++) commands.push(["PUBLISH", `c${i % 3}`, String(i)], ["SET", "k", String(i)]);
  await b.pipeline([["MULTI"], ["PUBLISH", "first", "in multi"], ["SET", "k", "v"], ["EXEC"], ...commands]);
  t.strictSame(await nextPush(a), ["pmessage", "*", "first", "in multi"]);
  for (let i = 0; i < 300; i++) t.strictSame(await nextPush(a), ["pmessage", "*", `c${i % 3}`, String(i)]);
});

t.test("a PUBLISH counts what other processes know after they have served what was sent before it", async (t) => {
  const server = await startServer({ processes: 4, t });
  const [a, b, c] = await connectEach(server, 3);
  if (a === undefined || b === undefined || c === undefined) throw new Error("no clients");
  await Promise.all([a.ok("HELLO", 3), b.ok("HELLO", 3)]);
  for (let i = 0; i < 200; i++) {
    await Promise.all([subscribe(a, "SUBSCRIBE", "one", "two"), subscribe(b, "PSUBSCRIBE", "o*")]);
    a.sendRaw(encodeCommand(["UNSUBSCRIBE"]));
    b.sendRaw(encodeCommand(["PUNSUBSCRIBE"]));
    const replies = await c.pipeline([["PUBLISH", "one", "m"], ["PING"], ["PUBLISH", "two", "m"]]);
    await Promise.all([a.ok("PING"), b.ok("PING")]);
    const words = [...a.pushes.splice(0), ...b.pushes.splice(0)].map((push) => (push as Reply[])[0]);
    // Who is not counted gets nothing.
    t.strictSame([...replies, ...words], [0, "PONG", 0, "unsubscribe", "unsubscribe", "punsubscribe"]);
  }
});

t.test("replies behind a PUBLISH come in order, whatever the commands", async (t) => {
  const server = await startServer({ processes: 2, t });
  const [a, b] = await pair(server);
  await a.ok("HELLO", 3);
  await subscribe(a, "SUBSCRIBE", "c");
  await subscribe(a, "SSUBSCRIBE", "c");
  const replies = await b.pipeline([
    ["PUBLISH", "c", "1"],
    ["SET", "k", "v"],
    ["PUBLISH", "c", "2"],
    ["GET", "k"],
    ["SPUBLISH", "c", "3"],
    ["PUBLISH", "nobody", "x"],
    ["MULTI"],
    ["PUBLISH", "c", "4"],
    ["EXEC"],
    ["EVAL", "return redis.call('publish', 'c', '5')", "0"],
  ]);
  t.strictSame(replies, [1, "OK", 1, "v", 1, 0, "OK", "QUEUED", [1], 1]);
  b.sendRaw(
    Buffer.concat(
      [
        ["CLIENT", "REPLY", "SKIP"],
        ["PUBLISH", "c", "6"],
        ["BLPOP", "absent", "0.01"],
        ["PUBLISH", "c", "7"],
        ["QUIT"],
      ].map(encodeCommand),
    ),
  );
  t.strictSame([await b.read(), await b.read(), await b.read()], [null, 1, "OK"]);
  await b.closed;
  for (let i = 1; i <= 7; i++) {
    t.strictSame(await nextPush(a), [i === 3 ? "smessage" : "message", "c", String(i)]);
  }
});

t.test("a client that publishes is sent its own messages in their places", async (t) => {
  const server = await startServer({ processes: 2, t });
  const [a, b] = await pair(server);
  await a.ok("HELLO", 3);
  await b.ok("HELLO", 3);
  await subscribe(a, "SUBSCRIBE", "c");
  await subscribe(b, "SUBSCRIBE", "c");
  t.strictSame(await b.pipeline([["PUBLISH", "c", "1"], ["PING"], ["PUBLISH", "c", "2"]]), [2, "PONG", 2]);
  for (const client of [a, b]) {
    t.strictSame(
      [await nextPush(client), await nextPush(client)],
      [
        ["message", "c", "1"],
        ["message", "c", "2"],
      ],
    );
  }
});

t.test("a PUBLISH waits for no process that is held or dies", async (t) => {
  const server = await startServer({ processes: 2, t });
  const [a, b] = await pair(server);
  await a.ok("HELLO", 3);
  await subscribe(a, "SUBSCRIBE", "c");
  const held = await workerOf(server, a);
  process.kill(held, "SIGSTOP");
  t.equal(await b.ok("PUBLISH", "c", "1"), 1, "what is known of a stopped process counts");
  const startedAt = performance.now();
  for (let i = 2; i <= 50; i++) t.equal(await b.ok("PUBLISH", "c", String(i)), 1);
  t.ok(performance.now() - startedAt < 3000, "and only the first PUBLISH waits for it");
  process.kill(held, "SIGCONT");
  for (let i = 1; i <= 50; i++) t.strictSame(await nextPush(a), ["message", "c", String(i)], "nothing is lost");
  a.sendRaw(encodeCommand(["UNSUBSCRIBE", "c"]));
  await waitUntil("exact counts again", async () => (await b.ok("PUBLISH", "c", "late")) === 0);
  await a.ok("PING");
  a.pushes.length = 0;
  await subscribe(a, "SUBSCRIBE", "c");
  process.kill(held, "SIGSTOP");
  const reply = b.ok("PUBLISH", "c", "last");
  process.kill(held, "SIGKILL");
  t.equal(await reply, 1);
  await waitUntil("the dead to be forgotten", async () => (await b.ok("PUBLISH", "c", "nobody")) === 0);
});

t.test("a replaced process knows the subscribers of the others", async (t) => {
  const server = await startServer({ processes: 2, t });
  const [a, b] = await pair(server);
  await a.ok("HELLO", 3);
  await subscribe(a, "SUBSCRIBE", "news");
  const survivor = await workerOf(server, a);
  const victim = await workerOf(server, b);
  process.kill(victim, "SIGKILL");
  const replacement = await waitUntil("the replacement", async () => {
    return server.workerPids().find((pid) => pid !== survivor && pid !== victim) ?? null;
  });
  const c = await connectTo(server, replacement);
  t.equal(await c.ok("PUBLISH", "news", "hello"), 1);
  t.strictSame(await nextPush(a), ["message", "news", "hello"]);
});

t.test("RESP2 subscribers may only run what concerns subscriptions", async (t) => {
  const server = await startServer({ processes: 2, t });
  const [a, b] = await pair(server);
  t.strictSame(await a.ok("SUBSCRIBE", "c"), ["subscribe", "c", 1]);
  t.match(await a.call("GET", "k"), {
    message:
      "ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context",
  });
  t.strictSame(await a.ok("PING"), ["pong", ""]);
  t.equal(await b.ok("PUBLISH", "c", "m"), 1);
  t.strictSame(await a.read(), ["message", "c", "m"]);
  t.equal(await a.ok("RESET"), "RESET");
  t.equal(await b.ok("PUBLISH", "c", "m"), 0);
});

t.test("keyspace events reach subscribers on other processes", async (t) => {
  const server = await startServer({ processes: 2, t, config: { "notify-keyspace-events": "KEAmn" } });
  const [a, b] = await pair(server);
  await a.ok("HELLO", 3);
  await subscribe(a, "PSUBSCRIBE", "__keyevent@*");
  await b.pipeline([
    ["SET", "k", "v", "EX", "1000"],
    ["LPUSH", "l", "a"],
    ["LPOP", "l"],
    ["RENAME", "k", "k2"],
    ["GET", "absent"],
    ["PEXPIRE", "k2", "5"],
  ]);
  const expected = [
    ["new", "k"],
    ["set", "k"],
    ["expire", "k"],
    ["new", "l"],
    ["lpush", "l"],
    ["lpop", "l"],
    ["del", "l"],
    ["new", "k2"],
    ["rename_from", "k"],
    ["rename_to", "k2"],
    ["keymiss", "absent"],
    ["expire", "k2"],
    ["expired", "k2"],
  ];
  for (const [event, key] of expected) {
    t.strictSame(await nextPush(a), ["pmessage", "__keyevent@*", `__keyevent@0__:${event}`, key]);
  }
});

t.test("expired members are told", async (t) => {
  const server = await startServer({ processes: 2, t, config: { "notify-keyspace-events": "EA" } });
  const [a, b] = await pair(server);
  await b.ok("HSET", "h", "f", "1", "g", "2");
  await b.ok("SADD", "s", "m");
  await a.ok("HELLO", 3);
  await subscribe(a, "PSUBSCRIBE", "__keyevent@*");
  await b.ok("HPEXPIRE", "h", 20, "FIELDS", 1, "f");
  await b.ok("PEXPIREMEMBERAT", "s", "m", Date.now() + 300);
  await b.ok("HGET", "h", "f");
  const events: string[] = [];
  while (!events.includes("expired s")) {
    const [, , channel, key] = (await nextPush(a)) as string[];
    events.push(`${channel?.slice("__keyevent@0__:".length)} ${key}`);
  }
  t.strictSame(events, ["hexpire h", "hexpired h", "srem s", "expired s"]);
});

t.test("MONITOR shows the commands of all processes", async (t) => {
  const server = await startServer({ processes: 2, t });
  const [a, b] = await pair(server);
  t.equal(await a.ok("MONITOR"), "OK");
  await b.pipeline([["SET", "k", '"\n\xff'], ["MULTI"], ["GET", "k"], ["EXEC"], ["CONFIG", "GET", "port"]]);
  const lines = [];
  for (let i = 0; i < 4; i++) lines.push(String(await a.read()));
  t.match(lines[0], /^\d+\.\d{6} \[0 127\.0\.0\.1:\d+\] "SET" "k" "\\"\\n\\x/);
  t.match(lines[1], /"MULTI"$/);
  t.match(lines[2], /"GET" "k"$/);
  t.match(lines[3], /"EXEC"$/);
  await b.ok("EVAL", "return redis.call('set', KEYS[1], 'v')", 1, "s");
  await b.call("EVALSHA", "0".repeat(40), 0);
  t.match(String(await a.read()), /"EVAL" "return redis/, "a script is shown before its commands");
  t.match(String(await a.read()), /\[0 lua\] "set" "s" "v"$/);
  t.match(String(await a.read()), /"EVALSHA" "0+" "0"$/, "one that does not run is shown, too");
  t.match(await b.ok("CLIENT", "LIST"), /flags=O /);
});
