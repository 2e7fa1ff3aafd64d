/** One worker process as the supervisor sees it. */
import type { Worker } from "node:cluster";
import type { PeerAddress, ToSupervisor, ToWorker } from "../ipc/messages.ts";
import type { RawHandle } from "../transport/raw-handle.ts";

/**
 * In this order. `joined`: its bus listens; `listening`: it was sent its sockets and may accept clients at any moment;
 * `serving`: it said that it does; `leaving`: it serves those it has, or ends.
 */
export type WorkerState = "starting" | "joined" | "listening" | "serving" | "leaving" | "gone";

export class WorkerRecord {
  state: WorkerState = "starting";
  /** Newest version of the peers it has confirmed. */
  peersKnown = 0;
  /** Newest version of the sockets it accepts from. */
  socketsKnown = 0;
  /** When it began to serve, unix ms; 0 before that. */
  servingSinceMs = 0;
  readonly seat: number;
  readonly slot: number;
  readonly pid: number;
  readonly busPath: string;
  private readonly worker: Worker;
  /** Told whether their handle left. */
  private readonly unsent = new Set<(ok: boolean) => void>();
  private readonly waiters: { done: () => boolean; resolve: (done: boolean) => void }[] = [];

  constructor(worker: Worker, seat: number, slot: number, busPath: string) {
    this.worker = worker;
    this.seat = seat;
    this.slot = slot;
    this.pid = worker.process.pid ?? 0;
    this.busPath = busPath;
    // A channel that breaks while something is sent: the worker is dying, its exit is what counts.
    worker.on("error", () => undefined);
  }

  /** Whether a client may be talking to it. */
  get mayHaveClients(): boolean {
    return this.state === "listening" || this.state === "serving" || this.state === "leaving";
  }

  get address(): PeerAddress {
    return { slot: this.slot, pid: this.pid, path: this.busPath };
  }

  onMessage(listener: (message: ToSupervisor, handle: unknown) => void): void {
    this.worker.on("message", listener);
  }

  onExit(listener: (code: number | null, signal: string | null) => void): void {
    this.worker.on("exit", listener);
  }

  send(message: ToWorker): void {
    if (this.worker.isConnected()) this.worker.process.send?.(message, () => undefined);
  }

  /** Sends a message with a handle; `sent` tells whether it left. The caller keeps and closes its own reference. */
  sendHandle(message: ToWorker, handle: RawHandle, sent: (ok: boolean) => void = () => undefined): void {
    if (!this.worker.isConnected()) {
      sent(false);
      return;
    }
    // The channel sends one handle at a time, and forgets those that wait when its process dies.
    const settle = (ok: boolean): void => {
      if (this.unsent.delete(settle)) sent(ok);
    };
    this.unsent.add(settle);
    // The channel takes raw handles too, which the type of `send` does not say.
    this.worker.process.send?.(message, handle as never, { keepOpen: true }, (error) => settle(error === null));
  }

  kill(signal: NodeJS.Signals): void {
    this.worker.process.kill(signal);
  }

  /** Resolves with true once `done` holds, with false when the worker has gone before. Looked at after each `changed`. */
  until(done: () => boolean): Promise<boolean> {
    return new Promise((resolve) => {
      this.waiters.push({ done, resolve });
      this.changed();
    });
  }

  changed(): void {
    if (this.state === "gone") for (const settle of [...this.unsent]) settle(false);
    for (const waiter of this.waiters.splice(0)) {
      if (waiter.done()) waiter.resolve(true);
      else if (this.state === "gone") waiter.resolve(false);
      else this.waiters.push(waiter);
    }
  }
}
