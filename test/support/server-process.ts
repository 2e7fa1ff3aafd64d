/**
 * One server under test, as a process tree: started on a free port in a directory of its own, waited for, stopped,
 * killed and started again. Cleans up whatever happens: on the test's teardown and again when this process exits.
 * Ends processes by their pid only.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive, listenersOn, processTree } from "./proc-facts.ts";
import { type ConnectOptions, RespClient } from "./resp-client.ts";
import { waitUntil } from "./wait-until.ts";

/** What tap's `t` offers for cleaning up; scripts pass nothing. */
export interface Teardown {
  teardown(cleanUp: () => void | Promise<void>): void;
}

export interface Launch {
  /** "keydb-ts", "redis-server": for messages and tables. */
  readonly name: string;
  /** The command line for a port and a directory. */
  command(port: number, dir: string): string[];
  /** Listening sockets that tell that all workers serve. */
  readonly listeners: number;
  /** Extra environment. */
  readonly env?: NodeJS.ProcessEnv;
  readonly startTimeoutMs?: number;
}

const running = new Set<ServerProcess>();
process.on("exit", () => {
  for (const server of running) server.destroySync();
});

/** A port of 127.0.0.1 that is free now, outside the range the kernel gives to outgoing connections. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 22_000);
    const free = await new Promise<boolean>((resolve) => {
      const probe = createServer();
      probe.once("error", () => resolve(false));
      probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
    });
    if (free && listenersOn(port) === 0) return port;
  }
}

/**
 * File and arguments that run a command as users do: tap puts its own hooks into every Node below it through NODE_OPTIONS,
 * also when the variable is deleted here. env(1) becomes the command: same pid.
 */
export function withoutTap(command: readonly string[]): [file: string, args: string[]] {
  return ["/usr/bin/env", ["-u", "NODE_OPTIONS", ...command]];
}

export class ServerProcess {
  readonly name: string;
  readonly port: number;
  readonly dir: string;
  readonly #launch: Launch;
  #child: ChildProcess | null = null;
  /** Output of the processes themselves; the log goes there too unless the configuration names a file. */
  #output = "";
  /** Every pid ever seen in the tree: workers outlive a supervisor that is killed. */
  readonly #seen = new Set<number>();

  private constructor(launch: Launch, port: number, dir: string) {
    this.#launch = launch;
    this.name = launch.name;
    this.port = port;
    this.dir = dir;
  }

  static async start(launch: Launch, t?: Teardown): Promise<ServerProcess> {
    const server = new ServerProcess(launch, await freePort(), mkdtempSync(join(tmpdir(), `${launch.name}-`)));
    running.add(server);
    t?.teardown(() => server.destroy());
    try {
      await server.boot();
    } catch (error) {
      server.destroySync();
      throw error;
    }
    return server;
  }

  /** Pid of the process that was started (the supervisor); 0 when none runs. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get output(): string {
    return this.#output;
  }

  /** All processes of the server, the supervisor first. */
  pids(): number[] {
    const tree = this.pid > 0 ? processTree(this.pid) : [];
    for (const pid of tree) this.#seen.add(pid);
    return tree;
  }

  /** The processes that serve clients: node:cluster marks its workers in their environment. */
  workerPids(): number[] {
    const children = this.pids().slice(1);
    const workers = children.filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "latin1").includes("NODE_UNIQUE_ID=");
      } catch {
        return false; // It ended meanwhile.
      }
    });
    return workers.length > 0 || this.#launch.name === "keydb-ts" ? workers : this.pids().slice(0, 1);
  }

  /** Starts the processes (again: same port, same directory) and waits until every worker serves. */
  async boot(extraArgs: readonly string[] = []): Promise<void> {
    this.spawn(extraArgs);
    await this.ready();
  }

  /** Starts the processes without waiting. */
  spawn(extraArgs: readonly string[] = []): void {
    const [file, args] = withoutTap([...this.#launch.command(this.port, this.dir), ...extraArgs]);
    const child = spawn(file, args, {
      cwd: this.dir,
      env: { ...process.env, ...this.#launch.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const collect = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString("latin1")).slice(-1_000_000);
    };
    child.stdout?.on("data", collect);
    child.stderr?.on("data", collect);
    child.on("error", (error) => collect(Buffer.from(`${error.message}\n`)));
    this.#child = child;
  }

  /** Waits until PING is answered and as many sockets listen as there are workers. */
  async ready(): Promise<void> {
    const timeoutMs = this.#launch.startTimeoutMs ?? 20_000;
    const answers = async (): Promise<boolean> => {
      if (this.exitCode !== null) throw new Error(`${this.name} ended while it started:\n${this.#output}`);
      if (listenersOn(this.port) < this.#launch.listeners) return false;
      try {
        const client = await this.connect({ timeoutMs: 1000 });
        const reply = await client.call("PING");
        client.destroy();
        return reply === "PONG" || String(reply).includes("NOAUTH");
      } catch {
        return false;
      }
    };
    await waitUntil(`${this.name} on port ${this.port}`, answers, timeoutMs).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.#output}`);
    });
    this.pids();
  }

  /** Exit code of the started process, -1 when a signal ended it, null while it runs. */
  get exitCode(): number | null {
    if (this.#child === null) return null;
    if (this.#child.signalCode !== null) return -1;
    return this.#child.exitCode;
  }

  connect(options: ConnectOptions = {}): Promise<RespClient> {
    return RespClient.connect({ port: this.port, ...options });
  }

  /** Orderly end by SIGTERM; resolves with the exit code when all processes are gone. */
  async stop(timeoutMs = 20_000): Promise<number | null> {
    this.pids();
    this.#child?.kill("SIGTERM");
    return this.ended(timeoutMs);
  }

  /** Waits until the started process has ended and none of its tree is left. */
  async ended(timeoutMs = 20_000): Promise<number | null> {
    await waitUntil(
      `${this.name} to end:\n${this.#output.slice(-2000)}`,
      () => (this.#child === null || this.exitCode !== null) && ![...this.#seen].some(isAlive),
      timeoutMs,
    );
    return this.exitCode;
  }

  /** SIGKILL to every process of the server at once. */
  async kill9(): Promise<void> {
    this.pids();
    // A supervisor that still lives would replace the workers: it goes first.
    this.#killSeen();
    await this.ended();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.boot();
  }

  /** Ends everything at once and removes the directory. Safe to call twice. */
  async destroy(): Promise<void> {
    if (!running.has(this)) return;
    // An orderly end first: coverage is only written by a process that ends by itself.
    if (process.env.NODE_V8_COVERAGE !== undefined && this.pid > 0 && this.exitCode === null) {
      await this.stop(5000).catch(() => undefined);
    }
    this.destroySync();
  }

  destroySync(): void {
    this.pids();
    this.#killSeen();
    running.delete(this);
    rmSync(this.dir, { recursive: true, force: true });
  }

  #killSeen(): void {
    for (const pid of this.#seen) {
      if (!isAlive(pid)) continue;
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended between the look and the kill.
      }
    }
  }
}
