/**
 * Starts keydb-ts from this checkout (built before: `npm run build`) and, where one is installed, redis-server as the
 * reference, each in its own directory on a free port. See server-process.ts for what the handle can do.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { holderOfConnection } from "./proc-facts.ts";
import type { RespClient } from "./resp-client.ts";
import { ServerProcess, type Teardown } from "./server-process.ts";
import { waitUntil } from "./wait-until.ts";

export type { ServerProcess } from "./server-process.ts";

const root = join(import.meta.dirname, "..", "..");

export interface ServerOptions {
  /** Workers (`server-threads`). */
  readonly processes?: number;
  /** Directives by name; the value as on the command line ("save": "" gives an empty argument). */
  readonly config?: Readonly<Record<string, string | number>>;
  /** Extra arguments for Node (profiling) or for the server; `args` come last. */
  readonly nodeArgs?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly startTimeoutMs?: number;
  /** Cleans up at the end of this test. */
  readonly t?: Teardown;
}

function directives(config: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(config).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

export function startServer(options: ServerOptions = {}): Promise<ServerProcess> {
  const { processes = 2, config = {}, nodeArgs = [], args = [] } = options;
  return ServerProcess.start(
    {
      name: "keydb-ts",
      listeners: processes,
      command: (port, dir) => [
        process.execPath,
        ...nodeArgs,
        join(root, "bin", "keydb-ts"),
        ...directives({
          bind: "127.0.0.1",
          port,
          dir,
          "server-threads": processes,
          "enable-debug-command": "yes",
          ...config,
        }),
        ...args,
      ],
      ...(options.env !== undefined && { env: options.env }),
      ...(options.startTimeoutMs !== undefined && { startTimeoutMs: options.startTimeoutMs }),
    },
    options.t,
  );
}

/** Full path of a program, or null: from the environment (REDIS_SERVER=/path/to/redis-server), else from PATH. */
export function findProgram(name: string): string | null {
  const named = process.env[name.toUpperCase().replaceAll("-", "_")];
  if (named !== undefined && existsSync(named)) return named;
  for (const dir of (process.env.PATH ?? "").split(delimiter)) {
    if (dir !== "" && existsSync(join(dir, name))) return join(dir, name);
  }
  return null;
}

/** Version of redis-server as numbers ([7, 0, 15]), or null when there is none. */
export function referenceVersion(): number[] | null {
  const program = findProgram("redis-server");
  if (program === null) return null;
  const text = spawnSync(program, ["--version"], { encoding: "latin1" }).stdout;
  const version = /v=(\d+)\.(\d+)\.(\d+)/.exec(text);
  return version === null ? null : version.slice(1).map(Number);
}

/** redis-server without persistence; null when there is none on this machine. */
export async function startReference(options: ServerOptions = {}): Promise<ServerProcess | null> {
  const program = findProgram("redis-server");
  if (program === null) return null;
  return ServerProcess.start(
    {
      name: "redis-server",
      listeners: 1,
      command: (port, dir) => [
        program,
        ...directives({
          bind: "127.0.0.1",
          port,
          dir,
          save: "",
          appendonly: "no",
          "enable-debug-command": "yes",
          ...options.config,
        }),
        ...(options.args ?? []),
      ],
      ...(options.startTimeoutMs !== undefined && { startTimeoutMs: options.startTimeoutMs }),
    },
    options.t,
  );
}

/** Pid of the worker that serves this connection. */
export async function workerOf(server: ServerProcess, client: RespClient): Promise<number> {
  // A reply (even -NOAUTH) tells that a worker has accepted the connection.
  await client.call("PING");
  const pid = holderOfConnection(server.workerPids(), server.port, client.localPort);
  if (pid === null) throw new Error(`no worker of ${server.name} holds the connection from port ${client.localPort}`);
  return pid;
}

/**
 * One connection to each of `workers` different workers. The kernel spreads connections at random, so this opens
 * connections until it has met them all.
 */
export async function connectEach(server: ServerProcess, workers: number): Promise<RespClient[]> {
  const found = new Map<number, RespClient>();
  await waitUntil(`connections to ${workers} workers of ${server.name}`, async () => {
    const client = await server.connect();
    const pid = await workerOf(server, client);
    if (found.has(pid)) client.destroy();
    else found.set(pid, client);
    return found.size === workers;
  });
  return [...found.values()];
}

/** A connection to the worker with this pid. */
export function connectTo(server: ServerProcess, workerPid: number): Promise<RespClient> {
  return waitUntil(`a connection to worker ${workerPid} of ${server.name}`, async () => {
    const client = await server.connect();
    if ((await workerOf(server, client)) === workerPid) return client;
    client.destroy();
    return null;
  });
}
