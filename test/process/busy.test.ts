/** What others notice of a script that runs for long: its own process, the other ones, new clients, the end of the server. */
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { RespClient } from "../support/resp-client.ts";
import { connectEach, connectTo, type ServerProcess, startServer, workerOf } from "../support/server.ts";
import { waitUntil } from "../support/wait-until.ts";

t.setTimeout(180_000);

const FOREVER = "while true do end";
const WRITES_FOREVER = "redis.call('set', KEYS[1], 'half') while true do end";
const CONFIG = { "busy-reply-threshold": 100 };

interface Clients {
  /** Runs the script. */
  readonly runner: RespClient;
  /** Another client of its process. */
  readonly neighbour: RespClient;
  /** A client of the other process. */
  readonly other: RespClient;
}

async function clientsOf(server: ServerProcess): Promise<Clients> {
  const [runner, other] = await connectEach(server, 2);
  if (runner === undefined || other === undefined) throw new Error("no clients");
  return { runner, other, neighbour: await connectTo(server, await workerOf(server, runner)) };
}

/** Waits until the script is slow: then writes of the other process are refused. */
function untilSlow(other: RespClient): Promise<boolean> {
  return waitUntil("the script to be slow", async () => String(await other.call("SET", "probe", "1")).includes("BUSY"));
}

/** Milliseconds until a new connection has its answer, and the answer. */
async function newClient(server: ServerProcess, ...command: string[]): Promise<{ ms: number; answer: string }> {
  const at = performance.now();
  const client = await server.connect();
  const answer = String(await client.call(...(command as [string])));
  client.destroy();
  return { ms: performance.now() - at, answer };
}

function slowest(values: readonly { ms: number }[]): number {
  return Math.max(...values.map(({ ms }) => ms));
}

t.test("transactions of the other process that cannot run are refused, as in Redis", async (t) => {
  const server = await startServer({ t, config: CONFIG });
  const { runner, other } = await clientsOf(server);
  await other.ok("SET", "n", "1");
  await other.ok("MULTI");
  await other.ok("INCR", "n");
  const late = await connectTo(server, await workerOf(server, other));
  await late.ok("MULTI");
  await late.ok("INCR", "n");
  const reader = await connectTo(server, await workerOf(server, other));
  const spoilt = await connectTo(server, await workerOf(server, other));
  const running = runner.call("EVAL", FOREVER, 0);
  await untilSlow(reader);
  t.match(String(await other.call("EXEC")), /EXECABORT Transaction discarded because of: BUSY/);
  t.equal(await other.call("PING"), "PONG", "the transaction is over");
  t.match(String(await late.call("INCR", "n")), /^.*BUSY/, "nothing that writes is queued any more");
  await spoilt.ok("MULTI");
  t.match(String(await spoilt.call("INCR", "n")), /BUSY/);
  t.match(String(await spoilt.call("EXEC")), /EXECABORT.*previous errors/);
  t.match(String(await reader.call("CONFIG", "SET", "timeout", "100")), /BUSY/, "not all processes could follow");
  await reader.ok("MULTI");
  await reader.ok("CLIENT", "LIST");
  t.match(String(await reader.call("EXEC")), /EXECABORT Transaction discarded because of: BUSY/);
  await reader.ok("MULTI");
  t.equal(await reader.ok("GET", "n"), "QUEUED");
  t.same(await reader.ok("EXEC"), ["1"], "a transaction that reads goes on");
  t.equal(await reader.ok("SCRIPT", "KILL"), "OK");
  await running;
  t.match(String(await late.call("EXEC")), /EXECABORT.*previous errors/);
  t.equal(await late.ok("GET", "n"), "1");
});

t.test("transactions of the script's own process", async (t) => {
  const server = await startServer({ t, config: CONFIG });
  const { runner, neighbour, other } = await clientsOf(server);
  const late = await connectTo(server, await workerOf(server, runner));
  for (const client of [neighbour, late]) {
    await client.ok("MULTI");
    await client.ok("SET", "k", "v");
  }
  const running = runner.call("EVAL", FOREVER, 0);
  await untilSlow(other);
  t.match(String(await neighbour.call("EXEC")), /EXECABORT Transaction discarded because of: BUSY/);
  t.match(String(await late.call("GET", "k")), /BUSY/);
  t.equal(await late.ok("UNWATCH"), "QUEUED", "commands allowed meanwhile are queued");
  await other.ok("SCRIPT", "KILL");
  await running;
  t.equal(await neighbour.ok("GET", "k"), null);
  t.match(String(await late.call("EXEC")), /EXECABORT.*previous errors/);
});

t.test("once a script is slow, writes are refused at once and reads stay quick", async (t) => {
  const server = await startServer({ t, config: { "busy-reply-threshold": 1500 } });
  const { runner, other } = await clientsOf(server);
  await other.ok("SET", "k", "v");
  const running = runner.call("EVAL", FOREVER, 0);
  await untilSlow(other);
  const writes: number[] = [];
  const reads: number[] = [];
  for (let i = 0; i < 300; i++) {
    const at = performance.now();
    if (i % 10 === 0) t.match(String(await other.call("SET", "k", "w")), /BUSY/);
    else t.equal(await other.ok("GET", "k"), "v");
    (i % 10 === 0 ? writes : reads).push(performance.now() - at);
  }
  const worst = (times: number[]): number => Math.max(...times);
  t.comment(`slowest write ${worst(writes).toFixed(1)} ms, slowest read ${worst(reads).toFixed(1)} ms`);
  t.ok(worst(writes) < 1000, "no write waits for the threshold again");
  t.ok(worst(reads) < 1000);
  const killedAt = performance.now();
  await other.ok("SCRIPT", "KILL");
  await running;
  t.comment(`ended ${(performance.now() - killedAt).toFixed(1)} ms after SCRIPT KILL`);
  t.equal(await other.ok("GET", "k"), "v");
});

t.test("new clients are served by processes that are free", async (t) => {
  const server = await startServer({ t, config: CONFIG });
  const { runner, other } = await clientsOf(server);
  await other.ok("SET", "k", "v");
  const running = runner.call("EVAL", FOREVER, 0);
  await untilSlow(other);
  const answers = await Promise.all(Array.from({ length: 40 }, () => newClient(server, "GET", "k")));
  t.same([...new Set(answers.map(({ answer }) => answer))], ["v"]);
  t.comment(`slowest of 40 new clients: ${slowest(answers).toFixed(1)} ms`);
  t.ok(slowest(answers) < 5000);
  t.equal((await newClient(server, "SCRIPT", "KILL")).answer, "OK");
  await running;
  t.equal((await connectEach(server, 2)).length, 2, "afterwards every process has its clients again");
});

t.test("when no process is free, new clients are served as in Redis", async (t) => {
  const server = await startServer({ t, config: CONFIG });
  const { runner, other } = await clientsOf(server);
  const reader = await connectTo(server, await workerOf(server, other));
  // A script that only reads needs no lock once it is known.
  const spin = "while ARGV[1] == 'forever' do end return 1";
  await other.ok("EVAL_RO", spin, 0, "once");
  const running = [runner.call("EVAL", FOREVER, 0)];
  await untilSlow(reader);
  running.push(other.call("EVAL_RO", spin, 0, "forever"));
  await waitUntil("both to be busy", async () => String(await reader.call("GET", "k")).includes("BUSY"));
  const answers = await Promise.all(Array.from({ length: 20 }, () => newClient(server, "GET", "k")));
  t.match(
    answers.map(({ answer }) => answer),
    Array(20).fill(/BUSY/),
    "refused, but not left waiting",
  );
  t.comment(`slowest of 20 new clients: ${slowest(answers).toFixed(1)} ms`);
  await waitUntil("both to be killed", async () =>
    (await newClient(server, "SCRIPT", "KILL")).answer.includes("NOTBUSY"),
  );
  for (const answer of await Promise.all(running)) t.match(String(answer), /killed/);
});

t.test("one process alone: a new client can kill its script", async (t) => {
  const server = await startServer({ t, processes: 1, config: CONFIG });
  const runner = await server.connect();
  const running = runner.call("EVAL", FOREVER, 0);
  await waitUntil("a refusal", async () => (await newClient(server, "PING")).answer.includes("BUSY"));
  t.equal((await newClient(server, "SCRIPT", "KILL")).answer, "OK");
  t.match(String(await running), /killed/);
  t.equal((await newClient(server, "PING")).answer, "PONG");
});

t.test("a process that does not answer at all gets no new clients", async (t) => {
  const server = await startServer({ t });
  const { runner, other } = await clientsOf(server);
  const pid = await workerOf(server, runner);
  process.kill(pid, "SIGSTOP");
  t.teardown(() => {
    try {
      process.kill(pid, "SIGCONT");
    } catch {
      // It has ended with its server.
    }
  });
  const answers = await Promise.all(Array.from({ length: 20 }, () => newClient(server, "PING")));
  t.ok(answers.every(({ answer }) => answer === "PONG"));
  t.comment(`slowest of 20 new clients: ${slowest(answers).toFixed(1)} ms`);
  process.kill(pid, "SIGCONT");
  t.equal(await runner.call("PING"), "PONG", "its own clients were kept");
  t.equal(await other.call("PING"), "PONG");
});

t.test("clients of the unix socket go to the process that is free", async (t) => {
  const dir = join(tmpdir(), `busy${process.pid}`);
  mkdirSync(dir);
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  const path = join(dir, "s");
  const server = await startServer({ t, config: { ...CONFIG, unixsocket: path } });
  const { runner, other } = await clientsOf(server);
  const running = runner.call("EVAL", FOREVER, 0);
  await untilSlow(other);
  for (let i = 0; i < 4; i++) {
    const client = await RespClient.connect({ path });
    t.equal(await client.ok("PING"), "PONG");
    client.destroy();
  }
  await other.ok("SCRIPT", "KILL");
  await running;
});

for (const where of ["the other process", "the same process"] as const) {
  t.test(`SHUTDOWN through ${where} while a script runs that cannot be killed`, async (t) => {
    const server = await startServer({ t, config: CONFIG });
    const { runner, neighbour, other } = await clientsOf(server);
    await other.ok("SET", "k", "whole");
    const running = runner.call("EVAL", WRITES_FOREVER, 1, "k").catch(() => "lost");
    await untilSlow(other);
    const client = where === "the same process" ? neighbour : other;
    t.match(String(await client.call("SCRIPT", "KILL")), /UNKILLABLE/);
    t.match(String(await client.call("SHUTDOWN")), /BUSY/, "only NOSAVE may cut it off");
    t.match(String(await client.call("SHUTDOWN", "SAVE", "NOW", "FORCE")), /BUSY/);
    t.match(String(await client.call("SHUTDOWN", "ABORT")), /No shutdown in progress/);
    const at = performance.now();
    const answer = client.call("SHUTDOWN", "NOSAVE").catch(() => "closed");
    t.equal(await server.ended(), 0);
    t.comment(`ended in ${(performance.now() - at).toFixed(0)} ms`);
    t.equal(await answer, "closed");
    t.equal(await running, "lost");
    await server.boot();
    const again = await server.connect();
    t.equal(await again.ok("GET", "k"), "whole", "nothing of the script is there");
  });
}
