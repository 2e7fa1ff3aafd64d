/** Going into the background, pid file, and what a service manager hears. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import koffi from "koffi";
import t from "tap";
import { isAlive } from "../support/proc-facts.ts";
import { RespClient } from "../support/resp-client.ts";
import { startServer } from "../support/server.ts";
import { freePort, withoutTap } from "../support/server-process.ts";
import { waitUntil } from "../support/wait-until.ts";

// Starts of servers take long on a loaded machine.
t.setTimeout(180_000);

const LAUNCHER = join(import.meta.dirname, "..", "..", "bin", "keydb-ts");

t.test("daemonize: the command returns when the server serves", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "daemon-"));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  const port = await freePort();
  const pidFile = join(dir, "server.pid");
  const lines = [`port ${port}`, "bind 127.0.0.1", `dir ${dir}`, "daemonize yes", "logfile log", `pidfile ${pidFile}`];
  // The configuration comes from standard input, which the process in the background must get as well.
  const [file, args] = withoutTap([process.execPath, LAUNCHER, "-"]);
  const result = spawnSync(file, args, {
    cwd: dir,
    input: `${lines.join("\n")}\n`,
    encoding: "utf8",
    timeout: 30_000,
  });
  t.same([result.status, result.stdout, result.stderr], [0, "", ""]);
  const pid = Number(readFileSync(pidFile, "utf8"));
  t.teardown(() => {
    if (isAlive(pid)) process.kill(pid, "SIGKILL");
  });
  const client = await RespClient.connect({ port });
  t.equal(await client.call("PING"), "PONG");
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const [, , session] = stat.slice(stat.lastIndexOf(")") + 4).split(" ");
  t.equal(Number(session), pid, "a session of its own");
  process.kill(pid, "SIGTERM");
  await waitUntil("the end", () => !isAlive(pid));
  t.notOk(existsSync(pidFile));
  t.match(readFileSync(join(dir, "log"), "utf8"), /Removing the pid file\.[\s\S]*bye bye/);
});

t.test("pidfile without daemonize; one that cannot be written is only a warning", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "pidfile-"));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  const pidFile = join(dir, "p");
  writeFileSync(pidFile, "stale\n");
  const server = await startServer({ processes: 1, config: { pidfile: pidFile }, t });
  await waitUntil("the pid file", () => readFileSync(pidFile, "utf8") === `${server.pid}\n`);
  t.equal(await server.stop(), 0);
  const other = await startServer({ processes: 1, config: { pidfile: "/proc/none/p" }, t });
  await waitUntil("the warning", () => /Failed to write PID file/.test(other.output));
  t.equal(await other.stop(), 0);
});

/** Receives datagrams on a unix socket, which Node cannot. */
class NotifySocket {
  private readonly fd: number;
  private readonly libc = koffi.load("libc.so.6");

  constructor(path: string) {
    const socket = this.libc.func("int socket(int domain, int type, int protocol)");
    const bind = this.libc.func("int bind(int fd, const void *address, uint32_t length)");
    const name = Buffer.from(path);
    if (name[0] === 0x40) name[0] = 0;
    const address = Buffer.concat([Buffer.from([1, 0]), name]);
    this.fd = socket(1, 2 | 0o4000, 0);
    if (bind(this.fd, address, address.length) !== 0) throw new Error(`bind ${path}`);
  }

  read(): string | null {
    const recv = this.libc.func("int64_t recv(int fd, _Out_ void *data, size_t length, int flags)");
    const buffer = Buffer.alloc(4096);
    const length = Number(recv(this.fd, buffer, buffer.length, 0));
    return length < 0 ? null : buffer.toString("utf8", 0, length);
  }

  close(): void {
    this.libc.func("int close(int fd)")(this.fd);
  }
}

t.test("systemd hears READY, WATCHDOG and STOPPING", async (t) => {
  const path = `@keydb-ts-test-${process.pid}`;
  const socket = new NotifySocket(path);
  t.teardown(() => socket.close());
  const heard: string[] = [];
  const hear = (text: string): Promise<string> =>
    waitUntil(`systemd to hear ${text}`, () => {
      for (let message = socket.read(); message !== null; message = socket.read()) heard.push(message);
      return heard.find((message) => message.includes(text)) ?? null;
    });
  const server = await startServer({
    processes: 2,
    config: { supervised: "systemd" },
    env: { NOTIFY_SOCKET: path, WATCHDOG_USEC: "300000" },
    t,
  });
  t.match(await hear("READY=1"), new RegExp(`MAINPID=${server.pid}\n`));
  await hear("WATCHDOG=1");
  const worker = server.workerPids()[0] ?? 0;
  t.notMatch(readFileSync(`/proc/${worker}/environ`, "latin1"), "NOTIFY_SOCKET", "workers do not speak for the server");
  t.equal(await server.stop(), 0);
  await hear("STOPPING=1");
});
