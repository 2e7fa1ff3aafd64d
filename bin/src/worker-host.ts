/** The Host port in a worker: facts from the supervisor, and requests to it. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { machine, release, totalmem, type } from "node:os";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { ServerConfig } from "@keydb-ts/config";
import type { Host, LogLevel } from "@keydb-ts/core";
import type { ServerLog, WorkerContext, WorkerLink } from "@keydb-ts/proc-shard";
import { acceptClient, storeFileBytes } from "@keydb-ts/shared-mem";
import type { WorkerPayload } from "./worker-payload.ts";

/** Lua 5.1 as WebAssembly; the rest of that package is not used. */
const LUA_BINARY = "wasmoon-lua5.1/dist/liblua5.1.wasm";

export interface WorkerHostParts {
  readonly payload: WorkerPayload;
  readonly config: ServerConfig;
  readonly link: WorkerLink;
  readonly log: ServerLog;
  readonly acceptWaiting: WorkerContext["acceptWaiting"];
}

export class WorkerHost implements Host {
  readonly runId: string;
  readonly serverPid: number;
  readonly executable = process.execPath;
  readonly configFile: string;
  readonly startTimeMs: number;
  readonly operatingSystem = `${type()} ${release()} ${machine()}`;
  private readonly parts: WorkerHostParts;

  constructor(parts: WorkerHostParts) {
    this.parts = parts;
    this.runId = parts.payload.runId;
    this.serverPid = parts.payload.serverPid;
    this.configFile = parts.payload.configFile;
    this.startTimeMs = parts.payload.startTimeMs;
  }

  get tcpPort(): number {
    return this.parts.config.number("port");
  }

  get supervisedBy(): string {
    return this.parts.payload.supervisedBy;
  }

  /** Beyond scripts the options make no difference: the keyspace is kept in any case, and there is nobody to wait for. */
  shutdown({ save }: Parameters<Host["shutdown"]>[0]): void {
    this.parts.link.shutdown(save === false);
  }

  /** A shutdown waits for nothing, so there is never one to cancel. */
  abortShutdown(): boolean {
    return false;
  }

  occupiedChanged(): void {
    this.parts.link.occupiedChanged();
  }

  acceptWaiting(): void {
    this.parts.acceptWaiting(acceptClient);
  }

  crash(): void {
    process.kill(process.pid, "SIGKILL");
  }

  log(level: LogLevel, text: string): void {
    this.parts.log.write(level, text);
  }

  totalSystemMemoryBytes(): number {
    return totalmem();
  }

  residentMemory(): { ownBytes: number; sharedBytes: number } {
    const status = readFileSync("/proc/self/status", "latin1");
    const bytes = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0) * 1024;
    return { ownBytes: bytes("RssAnon"), sharedBytes: bytes("RssFile") + bytes("RssShmem") };
  }

  luaBinary(): Uint8Array {
    return readFileSync(createRequire(import.meta.url).resolve(LUA_BINARY));
  }

  collectGarbage(): void {
    setFlagsFromString("--expose-gc");
    (runInNewContext("gc") as () => void)();
  }

  storeBytes(): number {
    return storeFileBytes(this.parts.payload.directory);
  }
}
