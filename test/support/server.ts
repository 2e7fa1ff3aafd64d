/**
 * Starts keydb-ts from this checkout (built before: `npm run build`) and, where one is installed, redis-server as the
 * reference, each in its own directory on a free port. See server-process.ts for what the handle can do.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
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

/** Which worker serves this connection (its slot); "0" for a server that has only one. */
export async function workerOf(client: RespClient): Promise<string> {
  const info = String(await client.ok("INFO", "clients"));
  return /^current_client_thread:(\S+)/m.exec(info)?.[1] ?? "0";
}

/**
 * One connection to each of `workers` different workers. The kernel spreads connections at random, so this opens
 * connections until it has met them all.
 */
export async function connectEach(server: ServerProcess, workers: number): Promise<RespClient[]> {
  const found = new Map<string, RespClient>();
  await waitUntil(`connections to ${workers} workers of ${server.name}`, async () => {
    const client = await server.connect();
    const worker = await workerOf(client);
    if (found.has(worker)) client.destroy();
    else found.set(worker, client);
    return found.size === workers;
  });
  return [...found.values()];
}

/** A connection to the worker with this slot. */
export function connectTo(server: ServerProcess, worker: string): Promise<RespClient> {
  return waitUntil(`a connection to worker ${worker} of ${server.name}`, async () => {
    const client = await server.connect();
    if ((await workerOf(client)) === worker) return client;
    client.destroy();
    return null;
  });
}
