/** Scripts and functions with clients on different processes: what is shared, and what a long script does to others. */
import t from "tap";
import type { RespClient } from "../support/resp-client.ts";
import { connectEach, connectTo, type ServerProcess, startServer, workerOf } from "../support/server.ts";
import { waitUntil } from "../support/wait-until.ts";

t.setTimeout(240_000);

const FOREVER = "while true do end";
const SLOW_MS = 100;

async function pair(server: ServerProcess): Promise<[RespClient, RespClient]> {
  const [a, b] = await connectEach(server, 2);
  if (a === undefined || b === undefined) throw new Error("no clients");
  return [a, b];
}

async function three(server: ServerProcess): Promise<[RespClient, RespClient, RespClient]> {
  const [a, b, c] = await connectEach(server, 3);
  if (a === undefined || b === undefined || c === undefined) throw new Error("no clients");
  return [a, b, c];
}

/** Another client of the process that serves `client`. */
async function neighbourOf(server: ServerProcess, client: RespClient): Promise<RespClient> {
  return connectTo(server, await workerOf(server, client));
}

t.test("scripts and libraries are one set for all processes", async (t) => {
  const server = await startServer({ t, config: { "busy-reply-threshold": SLOW_MS } });
  const [a, b] = await pair(server);
  const sha = String(await a.ok("SCRIPT", "LOAD", "return redis.call('incr', KEYS[1])"));
  t.equal(await b.ok("EVALSHA", sha, 1, "n"), 1);
  t.equal(await a.ok("EVALSHA", sha, 1, "n"), 2);
  t.same(await b.ok("SCRIPT", "EXISTS", sha, "0".repeat(40)), [1, 0]);
  t.equal(await b.ok("EVAL", "return 'from b'", 0), "from b");
  await b.ok("SCRIPT", "FLUSH");
  t.match(String(await a.call("EVALSHA", sha, 1, "n")), /NOSCRIPT/);
  const library =
    "#!lua name=lib\nredis.register_function('get', function(keys) return redis.call('get', keys[1]) end)";
  t.equal(await a.ok("FUNCTION", "LOAD", library), "lib");
  t.equal(await b.ok("FCALL", "get", 1, "n"), "2");
  t.equal(await b.ok("FUNCTION", "LOAD", "REPLACE", library.replace("return ", "return 'now ' .. ")), "lib");
  t.equal(await a.ok("FCALL", "get", 1, "n"), "now 2");
  const again = await b.ok("SCRIPT", "LOAD", "return 5");
  await server.restart();
  const [c, d] = await pair(server);
  t.equal(await c.ok("FCALL", "get", 1, "n"), "now 2", "functions survive a restart");
  t.match(String(await d.call("EVALSHA", String(again), 0)), /NOSCRIPT/, "scripts do not");
  await c.ok("FUNCTION", "DELETE", "lib");
  t.match(String(await d.call("FCALL", "get", 1, "n")), /Function not found/);
});

t.test("a function that turns into a writing one runs with the lock", async (t) => {
  const server = await startServer({ t });
  const [a, b] = await pair(server);
  const library = (flags: string, body: string) =>
    `#!lua name=lib\nredis.register_function{function_name='f', flags={${flags}}, callback=function(keys) ${body} end}`;
  await a.ok("FUNCTION", "LOAD", library("'no-writes'", "return redis.call('get', keys[1])"));
  t.equal(await b.ok("FCALL", "f", 1, "k"), null);
  await a.ok("FUNCTION", "LOAD", "REPLACE", library("", "return redis.call('incr', keys[1])"));
  t.equal(await b.ok("FCALL", "f", 1, "k"), 1);
});

for (const where of ["another process", "the same process"]) {
  t.test(`SCRIPT KILL through ${where}`, async (t) => {
    const server = await startServer({ t, config: { "busy-reply-threshold": SLOW_MS } });
    const [runner, other] = await pair(server);
    const neighbour = await connectTo(server, await workerOf(server, runner));
    await other.ok("SET", "k", "v");
    const killer = where === "the same process" ? neighbour : other;
    const running = runner.call("EVAL", FOREVER, 0);
    await waitUntil("writes to be refused", async () => String(await other.call("SET", "x", "1")).includes("BUSY"));
    t.equal(await other.ok("GET", "k"), "v", "reads go on");
    t.match(String(await neighbour.call("PING")), /BUSY/, "in the same process nothing goes on");
    t.match(String(await other.call("FUNCTION", "KILL")), /BUSY.*SCRIPT KILL/);
    const killedAt = performance.now();
    t.equal(await killer.ok("SCRIPT", "KILL"), "OK");
    t.match(String(await running), /Script killed by user with SCRIPT KILL/);
    t.ok(performance.now() - killedAt < 1000, "it ends at once");
    t.equal(await other.ok("SET", "x", "1"), "OK");
    t.equal(await neighbour.ok("PING"), "PONG");
    t.match(String(await other.call("SCRIPT", "KILL")), /NOTBUSY/);
  });
}

t.test("reads of the other process stay quick, many writers wait", async (t) => {
  const server = await startServer({ t, config: { "busy-reply-threshold": 2000 } });
  const [runner, other] = await pair(server);
  const writers = [
    await connectTo(server, await workerOf(server, other)),
    await connectTo(server, await workerOf(server, other)),
  ];
  const running = runner.call("EVAL", FOREVER, 0);
  const waiting = writers.map((client, i) => client.call("SET", `w${i}`, "1"));
  let slowest = 0;
  for (let i = 0; i < 200; i++) {
    const at = performance.now();
    await other.ok("GET", "k");
    slowest = Math.max(slowest, performance.now() - at);
  }
  t.ok(slowest < 500, `slowest read ${slowest.toFixed(1)} ms`);
  t.equal(await other.ok("SCRIPT", "KILL"), "OK");
  await running;
  t.same(await Promise.all(waiting), ["OK", "OK"], "those who waited are served");
});

t.test("a script that has only read so far is not stopped by another's lock", async (t) => {
  const server = await startServer({ t, config: { "busy-reply-threshold": SLOW_MS } });
  const [runner, other] = await pair(server);
  const code = "if #ARGV > 0 then return redis.call('set', KEYS[1], ARGV[1]) end return redis.call('get', KEYS[1])";
  await other.ok("SET", "k", "v");
  const sha = String(await other.ok("SCRIPT", "LOAD", code));
  for (let i = 0; i < 30; i++) t.equal(await other.ok("EVALSHA", sha, 1, "k"), "v");
  const running = runner.call("EVAL", FOREVER, 0);
  await waitUntil("writes to be refused", async () => String(await other.call("SET", "x", "1")).includes("BUSY"));
  t.equal(await other.ok("EVALSHA", sha, 1, "k"), "v", "it reads on");
  t.equal(await other.ok("EVAL", code, 1, "k"), "v");
  t.match(String(await other.call("EVALSHA", sha, 1, "k", "w")), /BUSY/, "as soon as it writes, it needs the lock");
  t.equal(await other.ok("SCRIPT", "KILL"), "OK");
  await running;
  t.equal(await other.ok("EVALSHA", sha, 1, "k", "w"), "OK");
  t.equal(await runner.ok("EVALSHA", sha, 1, "k"), "w", "the other process sees it");
});

t.test("keys and waits that end do not hold up readers while a script has the lock", async (t) => {
  const server = await startServer({ t, config: { "busy-reply-threshold": SLOW_MS } });
  const [runner, reader] = await pair(server);
  const waiting = await connectTo(server, await workerOf(server, reader));
  for (let i = 0; i < 50; i++) await reader.ok("SET", `k${i}`, "v", "PX", 300);
  const left = waiting.ok("BLPOP", "nothing", 0.5);
  await waitUntil("it to wait", async () => /blocked_clients:1\r/.test(String(await reader.ok("INFO", "clients"))));
  const running = runner.call("EVAL", FOREVER, 0);
  await waitUntil("writes to be refused", async () => String(await reader.call("SET", "x", "1")).includes("BUSY"));
  await waitUntil("the keys to be due", async () => (await reader.ok("GET", "k49")) === null);
  const end = performance.now() + 1500;
  let reads = 0;
  for (; performance.now() < end; reads++) t.equal(await reader.ok("GET", `k${reads % 50}`), null);
  t.ok(reads > 200, `${reads} reads in 1.5 s`);
  t.equal(await reader.ok("SCRIPT", "KILL"), "OK");
  await running;
  t.equal(await left, null, "the wait ends");
});

t.test("long commands of a script do not delay its end", async (t) => {
  const server = await startServer({ t, config: { "busy-reply-threshold": SLOW_MS } });
  const [runner, other] = await pair(server);
  const neighbour = await connectTo(server, await workerOf(server, runner));
  await other.ok("RPUSH", "l", ...Array.from({ length: 20_000 }, (_, i) => `element ${i}`));
  for (const call of ["call", "pcall"]) {
    const running = runner.call("EVAL", `while true do redis.${call}('LRANGE', 'l', 0, -1) end`, 0);
    await waitUntil("writes to be refused", async () => String(await other.call("SET", "x", "1")).includes("BUSY"));
    t.match(String(await neighbour.call("PING")), /BUSY/, "its neighbours are answered");
    const killedAt = performance.now();
    t.equal(await neighbour.ok("SCRIPT", "KILL"), "OK");
    t.match(String(await running), /Script killed by user with SCRIPT KILL/);
    t.ok(performance.now() - killedAt < 1000, `it ended after ${performance.now() - killedAt} ms`);
  }
});

t.test("a script that has written is not killed", async (t) => {
  const server = await startServer({ t, config: { "busy-reply-threshold": SLOW_MS } });
  const [runner, other] = await pair(server);
  const running = runner.call("EVAL", "redis.call('set','k','v') for i=1,2e8 do end return 'done'", 0);
  await waitUntil("it to be busy", async () => String(await other.call("SET", "x", "1")).includes("BUSY"));
  t.match(String(await other.call("SCRIPT", "KILL")), /UNKILLABLE/);
  t.equal(await other.ok("GET", "k"), null, "nobody sees its middle");
  t.equal(await running, "done");
  t.equal(await other.ok("GET", "k"), "v");
});

t.test("a kill comes before the first write or not at all", async (t) => {
  const server = await startServer({ t });
  const [runner, other] = await pair(server);
  const script =
    "for i = 1, 2000 do end redis.call('set', KEYS[1], 1) for i = 1, 300000 do end redis.call('incr', KEYS[1])";
  const answers: string[] = [];
  let isRunning = true;
  const kills = (async () => {
    while (isRunning) answers.push(String(await other.call("SCRIPT", "KILL")));
  })();
  for (let i = 0; i < 200; i++) {
    const reply = String(await runner.call("EVAL", script, 1, `k${i}`));
    const value = await runner.ok("GET", `k${i}`);
    if (value !== (reply.includes("killed") ? null : "2")) t.fail(`after '${reply}' the key holds ${value}`);
  }
  isRunning = false;
  await kills;
  t.ok(answers.some((answer) => answer.includes("UNKILLABLE")));
});

t.test("a function is killed by FUNCTION KILL only", async (t) => {
  const server = await startServer({ t, config: { "busy-reply-threshold": SLOW_MS } });
  const [runner, other] = await pair(server);
  await other.ok("FUNCTION", "LOAD", `#!lua name=l\nredis.register_function('f', function() ${FOREVER} end)`);
  const running = runner.call("FCALL", "f", 0);
  await waitUntil("it to be busy", async () => String(await other.call("SET", "x", "1")).includes("FUNCTION KILL"));
  t.match(String(await other.call("SCRIPT", "KILL")), /BUSY.*FUNCTION KILL/);
  const script = await waitUntil("everybody to know what runs", async () => {
    const [, told] = (await other.ok("FUNCTION", "STATS")) as unknown[];
    return told as unknown[] | null;
  });
  t.match(script, ["name", "f", "command", ["FCALL", "f", "0"], "duration_ms", Number]);
  t.equal(await other.ok("FUNCTION", "KILL"), "OK");
  t.match(String(await running), /killed/);
});

t.test("read-only scripts run at once on all processes, and can be killed", async (t) => {
  const server = await startServer({ t });
  const [a, b] = await pair(server);
  const running = a.call("EVAL_RO", FOREVER, 0);
  await waitUntil("it to run", async () => String(await b.call("SCRIPT", "KILL")) === "OK");
  await running;
  const second = a.call("EVAL_RO", FOREVER, 0);
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.equal(await b.ok("SET", "k", "v"), "OK", "a write of the other process does not wait");
  await waitUntil("it to end", async () => String(await b.call("SCRIPT", "KILL")) === "OK");
  t.match(String(await second), /killed/);
});

t.test("read-only scripts that are new run without the lock too", async (t) => {
  const server = await startServer({ t, processes: 3, config: { "busy-reply-threshold": SLOW_MS } });
  const [a, b, c] = await three(server);
  const neighbours = [await neighbourOf(server, a), await neighbourOf(server, b)];
  for (const words of [
    ["EVAL_RO", `${FOREVER} -- 1`, 0],
    ["EVAL", `#!lua flags=no-writes\n${FOREVER} -- 2`, 0],
  ] as const) {
    const runs = [a.call(...words), b.call(...words)];
    for (const neighbour of neighbours) {
      await waitUntil("it to be slow", async () => String(await neighbour.call("PING")).includes("BUSY"));
    }
    t.equal(await c.call("SET", "k", "v"), "OK", "writes of others go on");
    t.equal(await c.call("SCRIPT", "KILL"), "OK");
    t.match(String(await Promise.race(runs)), /killed/);
    t.equal(await c.call("SCRIPT", "KILL"), "OK");
    for (const reply of await Promise.all(runs)) t.match(String(reply), /killed/);
  }
});

t.test("a script that must not be killed does not keep others from it", async (t) => {
  const server = await startServer({ t, processes: 3, config: { "busy-reply-threshold": SLOW_MS } });
  const [a, b, c] = await three(server);
  const neighbour = await neighbourOf(server, b);
  await c.ok(
    "FUNCTION",
    "LOAD",
    `#!lua name=l\nredis.register_function{function_name='f', flags={'no-writes'}, callback=function() ${FOREVER} end}`,
  );
  const sha = String(await c.ok("SCRIPT", "LOAD", FOREVER));
  const writer = await workerOf(server, a);
  const writes = a.call("EVAL", `redis.call('set','k','v') ${FOREVER}`, 0);
  await waitUntil("it to be slow", async () => String(await c.call("SET", "x", "1")).includes("BUSY"));
  for (const [command, name, kind] of [
    ["EVALSHA_RO", sha, "SCRIPT"],
    ["FCALL_RO", "f", "FUNCTION"],
  ] as const) {
    const running = b.call(command, name, 0);
    await waitUntil("it to be slow", async () => String(await neighbour.call("PING")).includes("BUSY"));
    t.equal(await c.call(kind, "KILL"), "OK");
    t.match(String(await running), /killed/);
  }
  for (const kind of ["SCRIPT", "FUNCTION"]) t.match(String(await c.call(kind, "KILL")), /UNKILLABLE/);
  process.kill(writer, "SIGKILL");
  await t.rejects(writes);
  t.equal(await c.ok("GET", "k"), null);
});

t.test("a script killed between two commands tells where it was", async (t) => {
  const server = await startServer({ t });
  const [runner, other] = await pair(server);
  const running = runner.call("EVAL", "\nwhile true do redis.pcall('get', 'x') end", 0);
  await waitUntil("a kill", async () => (await other.call("SCRIPT", "KILL")) === "OK");
  t.match(String(await running), /killed by user.* on @user_script:2\./);
});

t.test("scripts are atomic", async (t) => {
  const server = await startServer({ t });
  const [a, b] = await pair(server);
  const transfer =
    "local x = tonumber(redis.call('get',KEYS[1]) or '0') redis.call('set',KEYS[1],x+1) redis.call('decr',KEYS[2]) return x";
  const run = async (client: RespClient): Promise<void> => {
    for (let i = 0; i < 500; i++) await client.ok("EVAL", transfer, 2, "up", "down");
  };
  let sums = 0;
  const watch = async (): Promise<void> => {
    for (let i = 0; i < 300; i++) {
      const [up, down] = (await b.ok("MGET", "up", "down")) as [string | null, string | null];
      if (Number(up) + Number(down) !== 0) sums++;
    }
  };
  await Promise.all([run(a), run(b), watch()]);
  t.equal(sums, 0, "nobody saw half of a script");
  t.same(await a.ok("MGET", "up", "down"), ["1000", "-1000"]);
});
