/**
 * Sends changes of the configuration to all workers and gathers what they say. A worker that dies meanwhile is not
 * waited for: its replacement starts with the configuration as it is then.
 */
import type { ConfigChange } from "../ipc/messages.ts";
import type { WorkerRecord } from "./worker-record.ts";

interface Round {
  readonly missing: Set<WorkerRecord>;
  readonly resolve: (error: string | null) => void;
  error: string | null;
}

export class ConfigBroadcast {
  private readonly rounds = new Map<number, Round>();
  private nextId = 1;

  /**
   * Resolves when every worker that may have clients has applied the changes: with null, or with the first error text.
   * The others apply them before they have, as messages keep their order.
   */
  send(workers: Iterable<WorkerRecord>, changes: readonly ConfigChange[]): Promise<string | null> {
    const id = this.nextId++;
    const missing = new Set<WorkerRecord>();
    for (const worker of workers) {
      worker.send({ kind: "config-apply", id, changes: [...changes] });
      if (worker.mayHaveClients) missing.add(worker);
    }
    if (missing.size === 0) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.rounds.set(id, { missing, resolve, error: null });
    });
  }

  applied(worker: WorkerRecord, id: number, error: string | null): void {
    const round = this.rounds.get(id);
    if (round === undefined || !round.missing.delete(worker)) return;
    round.error ??= error;
    if (round.missing.size > 0) return;
    this.rounds.delete(id);
    round.resolve(round.error);
  }

  workerGone(worker: WorkerRecord): void {
    for (const id of [...this.rounds.keys()]) this.applied(worker, id, null);
  }
}
