/**
 * The unix socket clients come in by. A unix socket cannot have several listeners, so the supervisor listens and hands
 * each client to the next worker in turn; no worker's death touches the socket.
 */
import { chmodSync, unlinkSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { type RawHandle, rawHandleOf } from "../transport/raw-handle.ts";
import type { WorkerRecord } from "./worker-record.ts";

/** Clients that wait while no worker serves; further ones are turned away. */
const MAX_WAITING = 511;
const SUN_PATH_BYTES = 108;
/** A worker that could not be handed a client has just died; by then its exit has been noticed. */
const RETRY_MS = 20;

export class UnixFront {
  readonly path: string;
  private readonly server: Server = createServer();
  private readonly serving: () => WorkerRecord[];
  private readonly waiting: RawHandle[] = [];
  private next = 0;
  private isOpen = false;

  constructor(path: string, serving: () => WorkerRecord[]) {
    this.path = path;
    this.serving = serving;
  }

  /** Listens; `mode` null leaves the permissions to the umask. The error's message says what is wrong. */
  async listen(mode: number | null, backlog: number, onError: (text: string) => void): Promise<void> {
    if (Buffer.byteLength(this.path) >= SUN_PATH_BYTES) {
      throw new Error(`unix socket path too long (${Buffer.byteLength(this.path)}), must be under ${SUN_PATH_BYTES}`);
    }
    // A server that was killed leaves its socket behind; binding would fail for ever.
    this.remove();
    await new Promise<void>((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen({ path: this.path, backlog }, () => {
        this.server.off("error", reject);
        resolve();
      });
    });
    this.isOpen = true;
    this.server.on("error", (error) => onError(error.message));
    if (mode !== null && mode !== 0) chmodSync(this.path, mode);
    const handle = rawHandleOf(this.server);
    if (handle === null) {
      this.close();
      throw new Error("this version of Node cannot hand connections over");
    }
    handle.onconnection = (status, client) => {
      if (status < 0 || client === undefined) onError(`accept failed (${status})`);
      else this.dispatch(client);
    };
  }

  /** A worker began to serve: it takes the clients that wait. */
  servingChanged(): void {
    for (const client of this.waiting.splice(0)) this.dispatch(client);
  }

  /** Stops listening and removes the socket's file. */
  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    for (const client of this.waiting.splice(0)) client.close();
    this.server.close();
    this.remove();
  }

  private dispatch(client: RawHandle): void {
    const workers = this.serving();
    const worker = workers[this.next++ % Math.max(workers.length, 1)];
    if (worker !== undefined) {
      worker.sendHandle({ kind: "client" }, client, (ok) => {
        if (ok) client.close();
        else {
          this.hold(client);
          setTimeout(() => this.servingChanged(), RETRY_MS);
        }
      });
    } else this.hold(client);
  }

  private hold(client: RawHandle): void {
    if (this.waiting.length >= MAX_WAITING) client.close();
    else this.waiting.push(client);
  }

  private remove(): void {
    try {
      unlinkSync(this.path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
}
