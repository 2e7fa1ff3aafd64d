/** The supervisor at work: signals, dying and replaced workers, and what is left behind. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sharedRegionPath } from "@keydb-ts/shared-mem";
import t from "tap";
import { isAlive } from "../support/proc-facts.ts";
import { RespClient } from "../support/resp-client.ts";
import { connectEach, type ServerProcess, startServer } from "../support/server.ts";
import { waitUntil } from "../support/wait-until.ts";

// Starts of servers take long on a loaded machine.
t.setTimeout(180_000);

/** Private directories of the bus that belong to a supervisor. */
function runtimeDirs(pid: number): string[] {
  const prefix = `keydb-ts-${process.getuid?.() ?? 0}-${pid}-`;
  return readdirSync(process.env.XDG_RUNTIME_DIR ?? tmpdir()).filter((name) => name.startsWith(prefix));
}

/** Opens connection after connection, asks each for one reply, and counts what fails, by error code. */
class Stream {
  served = 0;
  readonly failures: string[] = [];
  private isRunning = true;
  private readonly done: Promise<void>;

  constructor(port: number) {
    this.done = this.run(port);
  }

  async stop(): Promise<void> {
    this.isRunning = false;
    await this.done;
  }

  private async run(port: number): Promise<void> {
    while (this.isRunning) {
      const failure = await new Promise<string | null>((resolve) => {
        const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
        socket.on("data", () => {
          socket.destroy();
          resolve(null);
        });
        socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
        socket.on("end", () => resolve("closed"));
      });
      if (failure === null) this.served++;
      else this.failures.push(failure);
    }
  }
}

async function replaced(server: ServerProcess, old: readonly number[]): Promise<number[]> {
  return waitUntil("new workers", () => {
    const now = server.workerPids();
    return now.length === old.length && !now.some((pid) => old.includes(pid)) ? now : null;
  });
}

t.test("SIGTERM: replies, exit code 0, nothing left behind", async (t) => {
  const server = await startServer({ processes: 2, t });
  const region = sharedRegionPath(server.dir);
  t.ok(existsSync(region));
  t.equal(runtimeDirs(server.pid).length, 1);
  const { pid } = server;
  const client = await server.connect();
  const replies = Array.from({ length: 500 }, (_, i) => client.call("SET", `k${i}`, "v"));
  t.equal(await replies[0], "OK");
  const code = server.stop();
  const settled = await Promise.allSettled(replies);
  t.equal(await code, 0);
  t.notOk(existsSync(region), "the shared region is gone");
  t.same(runtimeDirs(pid), [], "the bus directory is gone");
  await server.boot();
  const again = await server.connect();
  const acknowledged = settled.filter((result) => result.status === "fulfilled").length;
  t.equal(await again.call("EXISTS", ...settled.map((_, i) => `k${i}`).slice(0, acknowledged)), acknowledged);
});

t.test("one ctrl-C that comes twice is one; a later one ends at once", async (t) => {
  const server = await startServer({ processes: 2, t });
  process.kill(server.pid, "SIGINT");
  process.kill(server.pid, "SIGINT");
  t.equal(await server.ended(), 0);
});

t.test("workers leave signals to the supervisor", async (t) => {
  const server = await startServer({ processes: 2, t });
  const workers = server.workerPids();
  for (const pid of workers) {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR2"]) process.kill(pid, signal);
  }
  const clients = await connectEach(server, 2);
  for (const client of clients) t.equal(await client.call("PING"), "PONG");
  t.same(server.workerPids(), workers);
});

t.test("a killed worker is replaced, nobody is refused, the others notice nothing", async (t) => {
  const server = await startServer({ processes: 3, t });
  const clients = await connectEach(server, 3);
  const stream = new Stream(server.port);
  const [victim = 0, ...others] = server.workerPids();
  process.kill(victim, "SIGKILL");
  await waitUntil("a replacement", () => {
    const now = server.workerPids();
    return now.length === 3 && !now.includes(victim);
  });
  await connectEach(server, 3);
  await stream.stop();
  t.same(
    stream.failures.filter((failure) => failure === "ECONNREFUSED"),
    [],
  );
  t.ok(
    stream.failures.length <= 1,
    `only a client of the dead worker may have lost its connection: ${stream.failures}`,
  );
  t.ok(others.every(isAlive), "the other workers are the same");
  let alive = 0;
  for (const client of clients) if ((await client.call("PING").catch(() => null)) === "PONG") alive++;
  t.equal(alive, 2);
  t.match(server.output, /Worker \d+ \(pid \d+\) died \(signal SIGKILL\), starting a new one/);
});

t.test("SIGUSR2 replaces every worker without refusing or dropping a client", async (t) => {
  const server = await startServer({ processes: 2, t });
  const old = server.workerPids();
  const clients = await connectEach(server, 2);
  const stream = new Stream(server.port);
  process.kill(server.pid, "SIGUSR2");
  await waitUntil("both to be replaced", () => (server.output.match(/Worker \d replaced/g) ?? []).length === 2);
  await stream.stop();
  t.same(stream.failures, []);
  t.ok(stream.served > 0, `${stream.served} new clients were served meanwhile`);
  for (const client of clients) t.equal(await client.call("PING"), "PONG", "old clients are still served");
  for (const client of clients) client.destroy();
  await replaced(server, old);
  t.equal(await server.stop(), 0);
});

t.test("SIGHUP opens the log anew, in every process", async (t) => {
  const server = await startServer({ processes: 2, config: { logfile: "server.log" }, t });
  const file = join(server.dir, "server.log");
  const ready = /^\d+:M \d\d \w{3} \d{4} \d\d:\d\d:\d\d\.\d{3} \* Ready to accept connections tcp$/m;
  await waitUntil("the first lines", () => ready.test(readFileSync(file, "utf8")));
  renameSync(file, `${file}.1`);
  process.kill(server.pid, "SIGHUP");
  await waitUntil("the new file", () => existsSync(file));
  t.equal(await server.stop(), 0);
  t.match(readFileSync(file, "utf8"), /bye bye/);
  t.notMatch(readFileSync(`${file}.1`, "utf8"), /bye bye/);
});

t.test("the unix socket: permissions, every worker, the death of any", async (t) => {
  const dir = join(tmpdir(), `u${process.pid}`);
  mkdirSync(dir, { recursive: true });
  const path = join(dir, "s");
  const server = await startServer({ processes: 2, config: { unixsocket: path, unixsocketperm: 700 }, t });
  t.equal(statSync(path).mode & 0o777, 0o700);
  for (const pid of server.workerPids()) {
    const client = await RespClient.connect({ path });
    t.equal(await client.call("PING"), "PONG");
    process.kill(pid, "SIGKILL");
    const other = await RespClient.connect({ path });
    const reply = await other.call("PING").catch(() => "lost");
    t.ok(reply === "PONG" || reply === "lost");
    await waitUntil(
      "the worker to be replaced",
      () => !server.workerPids().includes(pid) && server.workerPids().length === 2,
    );
  }
  const last = await RespClient.connect({ path });
  t.equal(await last.call("PING"), "PONG");
  t.equal(await server.stop(), 0);
  t.notOk(existsSync(path), "the socket is removed");
});

t.test("without its supervisor no worker goes on", async (t) => {
  const server = await startServer({ processes: 2, t });
  const workers = server.workerPids();
  process.kill(server.pid, "SIGKILL");
  await waitUntil("the workers to end", () => !workers.some(isAlive));
  await server.boot();
  const client = await server.connect();
  t.equal(await client.call("PING"), "PONG", "a new server takes the directory over at once");
});

t.test("CONFIG SET port and bind move the listeners, and fail without harm", async (t) => {
  const server = await startServer({ processes: 2, t });
  const taken = await startServer({ processes: 1, t });
  const client = await server.connect();
  const port = await waitUntil("a free port", async () => {
    const candidate = 10_000 + Math.floor(Math.random() * 22_000);
    const reply = await client.call("CONFIG", "SET", "port", candidate).catch(String);
    return reply === "OK" ? candidate : null;
  });
  await t.rejects(RespClient.connect({ port: server.port }), { code: "ECONNREFUSED" });
  const moved = await RespClient.connect({ port });
  t.equal(await moved.call("PING"), "PONG");
  t.match(String(await moved.call("CONFIG", "SET", "port", taken.port)), /Unable to listen on this port/);
  const still = await RespClient.connect({ port });
  t.equal(await still.call("PING"), "PONG");
  t.match(
    String(await still.call("CONFIG", "SET", "bind", "127.0.0.1 192.0.2.1")),
    /Failed to bind to specified addresses/,
  );
  t.equal(await still.call("CONFIG", "SET", "bind", "127.0.0.1 127.0.0.2"), "OK");
  const second = await RespClient.connect({ port, host: "127.0.0.2" });
  t.equal(await second.call("PING"), "PONG");
});
