/**
 * A whole worker in this process, without sockets: the real engine, pipeline, keyspace and shared region, on MemoryStore
 * or LMDB. `client.run("SET", "k", "v")` resolves with the parsed reply (resp-frames.ts).
 *
 * The server is taken from the sources, so that a test needs no build of core.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "@keydb-ts/config";
import type { Connection, ConnectionHandler, OrderedStore } from "@keydb-ts/core";
import { attachSharedRegion, createSharedRegion, openStore, WriteLock } from "@keydb-ts/shared-mem";
import type { Bus } from "../../packages/core/src/ports/bus.ts";
import { SHARED_WORD } from "../../packages/core/src/ports/counters.ts";
import type { Host } from "../../packages/core/src/ports/host.ts";
import type { SharedState } from "../../packages/core/src/ports/shared-state.ts";
import { Server } from "../../packages/core/src/server/server.ts";
import { MemoryStore } from "./memory-store.ts";
import { type Argument, encodeCommand } from "./resp-client.ts";
import { decodeFrame, FrameScanner, type Reply } from "./resp-frames.ts";

export { type Reply, RespError } from "./resp-frames.ts";

/** The part of a tap test that is needed here. */
interface Teardown {
  teardown(body: () => unknown): void;
}

export interface WorkerPlace {
  readonly directory: string;
  readonly regionPath: string;
  readonly slot: number;
}

export interface WorkerOptions {
  readonly store?: "memory" | "lmdb";
  /** Directives by name. */
  readonly config?: Readonly<Record<string, string | number>>;
  /** DEBUG SET-ACTIVE-EXPIRE (default true). */
  readonly activeExpire?: boolean;
  /** The store and the shared region of a test that has several processes, which removes them itself. LMDB; no leader. */
  readonly place?: WorkerPlace;
}

const NO_PEERS: Bus = {
  self: 0,
  peers: () => [],
  send() {},
  sendEach() {},
  broadcast() {},
  flush() {},
  on() {},
  onPeers() {},
  requestEach: async () => [],
  requestAll: async () => [],
};

function testHost(warnings: string[]): Host {
  return {
    runId: "0".repeat(40),
    serverPid: process.pid,
    executable: process.execPath,
    configFile: "",
    startTimeMs: Date.now(),
    tcpPort: 6379,
    operatingSystem: "Linux test x86_64",
    supervisedBy: "no",
    shutdown() {},
    abortShutdown: () => false,
    occupiedChanged() {},
    acceptWaiting() {},
    crash() {},
    log(level, text) {
      if (level === "warning") warnings.push(text);
    },
    totalSystemMemoryBytes: () => 8 << 30,
    residentMemory: () => ({ ownBytes: process.memoryUsage.rss(), sharedBytes: 0 }),
    storeBytes: () => 0,
    collectGarbage: () => {},
    luaBinary: () => readFileSync(createRequire(import.meta.url).resolve("wasmoon-lua5.1/dist/liblua5.1.wasm")),
  };
}

export class TestWorker {
  readonly server: Server;
  readonly store: OrderedStore;
  readonly shared: SharedState;
  /** Warnings of the server's log. */
  readonly warnings: string[];
  #nextPort = 50000;

  constructor(server: Server, store: OrderedStore, shared: SharedState, warnings: string[]) {
    this.server = server;
    this.store = store;
    this.shared = shared;
    this.warnings = warnings;
  }

  connect(): TestClient {
    return new TestClient(this.server, this.#nextPort++);
  }
}

/** A connection of a worker. Commands of one client are answered in order, as over a socket. */
export class TestClient {
  closed = false;
  readonly #handler: ConnectionHandler | null;
  readonly #scanner = new FrameScanner();
  readonly #waiters: Array<(reply: Reply) => void> = [];

  constructor(server: Server, port: number) {
    const connection: Connection = {
      remoteAddress: `127.0.0.1:${port}`,
      localAddress: "127.0.0.1:6379",
      isUnix: false,
      isLoopback: true,
      fd: port,
      pendingBytes: 0,
      isClosing: false,
      write: (buffer, start, end) => {
        this.#scanner.push(Buffer.from(buffer.subarray(start, end)));
        this.#answer();
        return true;
      },
      readNow: () => 0,
      pause() {},
      resume() {},
      end: () => this.close(),
      destroy: () => this.close(),
      moveTo: () => false,
      setKeepAlive() {},
    };
    this.#handler = server.accept(connection);
  }

  run(...args: readonly Argument[]): Promise<Reply> {
    const reply = new Promise<Reply>((resolve) => this.#waiters.push(resolve));
    this.send(encodeCommand(args));
    return reply;
  }

  /** What the client is sent next without asking. */
  next(): Promise<Reply> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** Bytes as they would come from a socket. */
  send(bytes: Buffer): void {
    this.#handler?.onData(bytes, 0, bytes.length);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    setImmediate(() => this.#handler?.onClose());
  }

  #answer(): void {
    for (let frame = this.#scanner.next(); frame !== null; frame = this.#scanner.next()) {
      this.#waiters.shift()?.(decodeFrame(frame));
    }
  }
}

/** Starts a worker that ends with the test. It is the leader: keys expire and trash is reclaimed. */
export async function startWorker(t: Teardown, options: WorkerOptions = {}): Promise<TestWorker> {
  const { place } = options;
  const directory = place?.directory ?? mkdtempSync(join(tmpdir(), "keydb-ts-worker-"));
  const argv = Object.entries(options.config ?? {}).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const { config } = await loadConfig(["--enable-debug-command", "yes", ...argv], async () => "");
  const regionPath = place?.regionPath ?? createSharedRegion(join(directory, "region")).path;
  const shared = attachSharedRegion(regionPath, place?.slot ?? 0);
  if (place === undefined) Atomics.store(shared.words, SHARED_WORD.leader_slot, shared.slot);
  Atomics.store(shared.words, SHARED_WORD.active_expire_enabled, options.activeExpire === false ? 0 : 1);
  const lmdb =
    options.store === "lmdb" || place !== undefined
      ? openStore({ directory: join(directory, "data"), lock: new WriteLock(shared) })
      : null;
  const store: OrderedStore = lmdb ?? new MemoryStore();
  const warnings: string[] = [];
  const server = new Server({ store, shared, bus: NO_PEERS, config, host: testHost(warnings) });
  t.teardown(async () => {
    await server.stop();
    lmdb?.close();
    if (place === undefined) rmSync(directory, { recursive: true });
  });
  return new TestWorker(server, store, shared, warnings);
}

/** A worker with one client: `const { run } = await startClient(t)`. */
export async function startClient(
  t: Teardown,
  options: WorkerOptions = {},
): Promise<{ worker: TestWorker; client: TestClient; run: (...args: readonly Argument[]) => Promise<Reply> }> {
  const worker = await startWorker(t, options);
  const client = worker.connect();
  return { worker, client, run: (...args) => client.run(...args) };
}
