// The door to every npm script: `node scripts/bootstrap.mjs TASK [ARGS]`. It runs before anything is installed, with
// whatever Node (>= 20) npm itself runs on, so it is plain JavaScript without dependencies. It installs and builds what
// is missing or stale, then hands over to the bundled Node 24, whose version is pinned in package-lock.json.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { arch, platform } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const modules = join(root, "node_modules");
const runtime = join(modules, `node-${platform()}-${arch()}`, "bin", "node");

/** Task name -> what runs after installing: needs a build or not, and the command line. */
const TASKS = {
  build: { build: true },
  start: { build: true, command: startCommand },
  test: { build: true, command: (args) => script("test.ts", args) },
  check: { build: true, command: (args) => script("check.ts", args) },
  lint: { build: false, command: (args) => biome("check", args) },
  format: { build: false, command: (args) => biome("check", ["--write", ...args]) },
  bench: { build: true, command: (args) => script("bench/main.ts", args) },
  conformance: { build: true, command: (args) => script("conformance/main.ts", args) },
  soak: { build: true, command: (args) => script("soak/main.ts", args) },
};

function fail(text) {
  console.error(`keydb-ts: ${text}`);
  process.exit(1);
}

function script(name, args) {
  return [join(root, "scripts", name), ...args];
}

function biome(verb, args) {
  return [join(modules, "@biomejs", "biome", "bin", "biome"), verb, ...args];
}

/**
 * `npm start` serves on the Redis port with two processes and keeps its data in data/; options of the user (they come
 * last, so they win) or a configuration file of his replace that.
 */
function startCommand(args) {
  const server = join(root, "bin", "keydb-ts");
  if (args.length > 0 && !args[0].startsWith("--")) return [server, ...args];
  const data = join(root, "data");
  mkdirSync(data, { recursive: true });
  const all = ["--bind", "127.0.0.1", "--port", "6379", "--server-threads", "2", "--dir", data, ...args];
  const last = (name) => all[all.lastIndexOf(name) + 1];
  announce(last("--bind").split(" ")[0], last("--port"), last("--server-threads"));
  return [server, ...all];
}

/**
 * Says where and how to connect as soon as the server answers. Somebody else who answers before ours can have started
 * is not announced: the server will complain about the port itself.
 */
function announce(host, port, processes) {
  let wasFree = false;
  const attempt = () => {
    const socket = connect(Number(port), host, () => socket.write("PING\r\n"));
    socket.on("error", () => {
      wasFree = true;
      setTimeout(attempt, 100).unref();
    });
    socket.on("data", () => {
      socket.destroy();
      const where = `keydb-ts serves on ${host}:${port} with ${processes} processes.`;
      if (wasFree) console.log(`\n${where} Connect with: redis-cli -h ${host} -p ${port}   Stop with: Ctrl-C\n`);
    });
  };
  attempt();
}

/** Whether node_modules holds what package-lock.json asks for (npm leaves its own account of it in node_modules). */
function isInstalled() {
  const account = join(modules, ".package-lock.json");
  if (!existsSync(account) || !existsSync(runtime)) return false;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const present = JSON.parse(readFileSync(account, "utf8")).packages;
  return Object.entries(wanted).every(
    ([path, entry]) =>
      !path.startsWith("node_modules/") || entry.optional || entry.link || present[path]?.version === entry.version,
  );
}

function run(command, args, what) {
  const result = spawnSync(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  if (result.error) fail(`${what}: ${result.error.message}`);
  if (result.status !== 0) fail(`${what} failed (${result.signal ?? `exit code ${result.status}`})`);
}

function install() {
  if (isInstalled()) return;
  console.error("keydb-ts: installing the packages (once per change of package-lock.json) ...");
  // None of the packages needs its install script: all bring prebuilt binaries as optional dependencies. Not "npm ci":
  // it refuses a lock file that lacks optional packages of other platforms, which a partial registry mirror does not have.
  const args = ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const npm = process.env.npm_execpath;
  if (npm?.endsWith(".js")) run(process.execPath, [npm, ...args], "npm install");
  else run("npm", args, "npm install");
  if (!existsSync(runtime)) {
    fail(`there is no bundled Node for ${platform()}-${arch()}: linux-x64 and linux-arm64 are supported`);
  }
}

function build() {
  run(runtime, [join(modules, "typescript", "bin", "tsc"), "-b"], "build");
  run(runtime, [join(root, "scripts", "link.ts")], "linking");
}

/** Runs in the foreground: signals go to the child, its exit code becomes ours. */
function handOver(args) {
  const child = spawn(runtime, args, { cwd: root, stdio: "inherit" });
  for (const signal of ["SIGTERM", "SIGHUP", "SIGUSR2"]) process.on(signal, () => child.kill(signal));
  // A terminal sends Ctrl-C to the child as well, and a second SIGINT would mean "at once".
  process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
  child.on("error", (error) => fail(error.message));
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 1;
    if (signal) console.error(`keydb-ts: ended by ${signal}`);
  });
}

const [name = "", ...args] = process.argv.slice(2);
const task = Object.hasOwn(TASKS, name) ? TASKS[name] : undefined;
if (!task) fail(`unknown task '${name}'; known: ${Object.keys(TASKS).join(", ")}`);
if (Number.parseInt(process.versions.node, 10) < 20)
  fail(`Node 20 or newer is needed to start, this is ${process.version}`);
install();
if (task.build) build();
if (task.command) handOver(task.command(args));
