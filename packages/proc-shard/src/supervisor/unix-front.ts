/**
 * The unix socket clients come in by. A unix socket cannot have several listeners, so the supervisor listens and hands
 * each client to the next worker in turn (client-handover.ts); no worker's death touches the socket.
 */
import { chmodSync, unlinkSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { type RawHandle, rawHandleOf } from "../transport/raw-handle.ts";

const SUN_PATH_BYTES = 108;

export class UnixFront {
  readonly path: string;
  private readonly server: Server = createServer();
  private readonly give: (client: RawHandle) => void;
  private isOpen = false;

  /** `give` takes over each client. */
  constructor(path: string, give: (client: RawHandle) => void) {
    this.path = path;
    this.give = give;
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
      else this.give(client);
    };
  }

  /** Stops listening and removes the socket's file. */
  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.server.close();
    this.remove();
  }

  private remove(): void {
    try {
      unlinkSync(this.path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
}
