/**
 * Gives clients that the supervisor has accepted to workers, in turn: those of the unix socket, and those that wait
 * before a worker which is occupied for long.
 */
import type { RawHandle } from "../transport/raw-handle.ts";
import type { WorkerRecord } from "./worker-record.ts";

/** Clients that wait while no worker serves; further ones are turned away. */
const MAX_WAITING = 511;
/** A worker that could not be handed a client has just died; by then its exit has been noticed. */
const RETRY_MS = 20;

interface Waiting {
  readonly client: RawHandle;
  readonly isUnix: boolean;
}

export class ClientHandover {
  private readonly workers: () => readonly WorkerRecord[];
  private waiting: Waiting[] = [];
  private next = 0;
  private isClosed = false;

  /** `workers`: those that can take a client now. */
  constructor(workers: () => readonly WorkerRecord[]) {
    this.workers = workers;
  }

  /** The client's handle is the handover's from now on. */
  give(client: RawHandle, isUnix: boolean): void {
    const workers = this.workers();
    const worker = workers[this.next++ % Math.max(workers.length, 1)];
    if (worker === undefined) {
      this.hold({ client, isUnix });
      return;
    }
    worker.sendHandle({ kind: "client", isUnix }, client, (ok) => {
      if (ok) client.close();
      else {
        this.hold({ client, isUnix });
        setTimeout(() => this.retry(), RETRY_MS);
      }
    });
  }

  /** A worker began to serve: it takes the clients that wait. */
  retry(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const { client, isUnix } of waiting) this.give(client, isUnix);
  }

  /** Turns away those that wait, and all that come later. */
  close(): void {
    this.isClosed = true;
    for (const { client } of this.waiting.splice(0)) client.close();
  }

  private hold(entry: Waiting): void {
    if (this.isClosed || this.waiting.length >= MAX_WAITING) entry.client.close();
    else this.waiting.push(entry);
  }
}
