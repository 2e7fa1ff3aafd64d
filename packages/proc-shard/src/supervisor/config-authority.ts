/**
 * The one place where the configuration changes. Workers ask; the changes of all of them are made one after the other:
 * checked and applied here first, then sent to every worker, and only when all that serve have applied them is the
 * asker answered. So CONFIG SET's +OK means in force everywhere, and a worker started later begins with the result.
 */
import type { ConfigChange } from "../ipc/messages.ts";
import type { WorkerRecord } from "./worker-record.ts";

/** The supervisor's own configuration; `bin` makes it of config's implementation. */
export interface ConfigMaster {
  /** Checks the changes and applies them to the supervisor; null or Redis' error text, and then nothing changed. */
  set(changes: readonly ConfigChange[]): Promise<string | null>;
  /** Rewrites the file; null or Redis' error text. */
  rewrite(): Promise<string | null>;
}

interface Pending {
  readonly missing: Set<WorkerRecord>;
  readonly resolve: () => void;
}

export class ConfigAuthority {
  private readonly master: ConfigMaster;
  private readonly workers: () => Iterable<WorkerRecord>;
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;
  /** The changes before this one. */
  private previous: Promise<unknown> = Promise.resolve();

  constructor(master: ConfigMaster, workers: () => Iterable<WorkerRecord>) {
    this.master = master;
    this.workers = workers;
  }

  set(changes: readonly ConfigChange[]): Promise<string | null> {
    return this.inTurn(async () => {
      const error = await this.master.set(changes);
      if (error === null) await this.distribute(changes);
      return error;
    });
  }

  rewrite(): Promise<string | null> {
    return this.inTurn(() => this.master.rewrite());
  }

  applied(worker: WorkerRecord, id: number): void {
    const pending = this.pending.get(id);
    if (pending === undefined || !pending.missing.delete(worker)) return;
    if (pending.missing.size === 0) pending.resolve();
  }

  workerGone(worker: WorkerRecord): void {
    for (const id of [...this.pending.keys()]) this.applied(worker, id);
  }

  private inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.previous.then(action);
    this.previous = result.catch(() => undefined);
    return result;
  }

  /** A worker that has not begun to serve applies the change before it does, as its messages keep their order. */
  private distribute(changes: readonly ConfigChange[]): Promise<void> {
    const id = this.nextId++;
    const missing = new Set<WorkerRecord>();
    for (const worker of this.workers()) {
      worker.send({ kind: "config-apply", id, changes: [...changes] });
      if (worker.state === "serving" || worker.state === "leaving") missing.add(worker);
    }
    if (missing.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.pending.set(id, {
        missing,
        resolve: () => {
          this.pending.delete(id);
          resolve();
        },
      });
    });
  }
}
