/** A server that cannot start says why in one line on standard error, leaves with a code, and leaves nothing behind. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { sharedRegionPath } from "@keydb-ts/shared-mem";
import t, { type Test } from "tap";
import { startServer } from "../support/server.ts";
import { freePort, withoutTap } from "../support/server-process.ts";

// Starts of servers take long on a loaded machine.
t.setTimeout(180_000);

const LAUNCHER = join(import.meta.dirname, "..", "..", "bin", "keydb-ts");

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[], node = process.execPath, input = ""): Outcome {
  const [file, all] = withoutTap([node, LAUNCHER, ...args]);
  const result = spawnSync(file, all, { encoding: "utf8", input, timeout: 30_000 });
  return { code: result.status, stdout: result.stdout, stderr: result.stderr };
}

function directory(t: Test): string {
  const dir = mkdtempSync(join(tmpdir(), "start-failure-"));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** One line, and only one, on standard error. */
function oneLine(t: Test, outcome: Outcome, text: RegExp): void {
  t.equal(outcome.code, 1);
  t.match(outcome.stderr, text);
  t.equal(outcome.stderr.trim().split("\n").length, 1, outcome.stderr);
}

t.test("port taken: by a foreign server, and by our own kind, which could share it", async (t) => {
  const dir = directory(t);
  const port = await freePort();
  const foreign = createServer();
  await new Promise<void>((resolve) => foreign.listen(port, "127.0.0.1", resolve));
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", dir];
  const text = new RegExp(
    `^Could not create server TCP listening socket 127\\.0\\.0\\.1:${port}: bind: Address already in use$`,
    "m",
  );
  oneLine(t, run(args), text);
  oneLine(t, run([...args, "--daemonize", "yes"]), text);
  foreign.close();
  const server = await startServer({ processes: 1, t });
  oneLine(t, run(["--port", String(server.port), "--bind", "127.0.0.1", "--dir", dir]), /Address already in use/);
  t.notOk(existsSync(sharedRegionPath(dir)));
});

t.test("addresses", async (t) => {
  const dir = directory(t);
  const base = ["--port", String(await freePort()), "--dir", dir];
  oneLine(t, run([...base, "--bind", "192.0.2.1"]), /192\.0\.2\.1:\d+: bind: Cannot assign requested address/);
  oneLine(t, run([...base, "--bind", "no-such-host.invalid"]), /no-such-host\.invalid:\d+: Name or service not known/);
  oneLine(t, run(["--port", "0", "--dir", dir]), /Configured to not listen anywhere, exiting\./);
  oneLine(t, run([...base, "--bind", "-192.0.2.1"]), /Failed listening on port \d+ \(tcp\), aborting\./);
  oneLine(t, run([...base, "--unixsocket", join(dir, "none", "s")]), /Failed opening Unix socket: bind: /);
  oneLine(t, run([...base, "--unixsocket", `/tmp/${"x".repeat(120)}`]), /unix socket path too long/);
});

t.test("second instance on the same directory", async (t) => {
  const server = await startServer({ processes: 1, t });
  const outcome = run(["--port", String(await freePort()), "--bind", "127.0.0.1", "--dir", server.dir]);
  oneLine(t, outcome, new RegExp(`another server \\(pid ${server.pid}\\) is using it`));
  t.equal(await (await server.connect()).call("PING"), "PONG", "the first one is unharmed");
});

t.test("bad directory, bad configuration", async (t) => {
  const dir = directory(t);
  const missing = run(["--dir", join(dir, "missing")]);
  t.equal(missing.code, 1);
  t.match(missing.stderr, /No such file or directory/);
  const unknown = run(["--no-such-directive", "1"]);
  t.equal(unknown.code, 1);
  t.match(unknown.stderr, /Bad directive or wrong number of arguments/);
  const fromStdin = run(["-"], process.execPath, "port 7\nbogus 1\n");
  t.equal(fromStdin.code, 1);
  t.match(fromStdin.stderr, /line 2 of standard input/);
  const file = join(dir, "file");
  writeFileSync(file, "");
  t.equal(run(["--dir", file]).code, 1);
  if (process.getuid?.() !== 0) {
    mkdirSync(join(dir, "closed"));
    chmodSync(join(dir, "closed"), 0o500);
    oneLine(t, run(["--dir", join(dir, "closed")]), /Can't use the store directory/);
  }
});

t.test("--version, --help, --check-system", async (t) => {
  const version = run(["--version"]);
  t.equal(version.code, 0);
  t.match(version.stdout, /^keydb-ts server v=\d+\.\d+\.\d+ /);
  t.equal(run(["-v"]).stdout, version.stdout);
  t.match(run(["--help"]).stderr, /^Usage: keydb-ts/);
  const check = run(["--check-system"]);
  t.equal(check.code, 0, check.stdout);
  t.match(check.stdout, /^\[shared memory\]\.\.\.OK$/m);
});

/** A Node on this machine that the server itself cannot run on. */
function olderNode(): string | null {
  for (const dir of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(dir, "node");
    if (!existsSync(path)) continue;
    const version = spawnSync(path, ["-p", "process.versions.node"], { encoding: "utf8" }).stdout;
    if (Number.parseInt(version, 10) >= 20 && Number.parseInt(version, 10) < 22) return path;
  }
  return null;
}

const older = olderNode();
t.test("an older Node hands over to the bundled one", { skip: older === null && "no older Node here" }, async (t) => {
  const outcome = run(["--version"], older ?? "");
  t.equal(outcome.code, 0, outcome.stderr);
  t.match(outcome.stdout, new RegExp(`node=${process.versions.node} `));
  t.equal(run(["--port", "0", "--dir", directory(t)], older ?? "").code, 1, "the exit code comes through");
});

t.test("nothing was left behind", async (t) => {
  const prefix = `keydb-ts-${process.getuid?.() ?? 0}-`;
  const left = readdirSync(tmpdir()).filter((name) => name.startsWith(prefix));
  for (const name of left) t.ok(existsSync(`/proc/${name.slice(prefix.length).split("-")[0]}`), `${name} has no owner`);
});
