/**
 * What a script without `no-writes` has done so far in this process. One that has called nothing but reading commands in
 * its last runs is tried on a read snapshot, without the write lock; the first other command of such a trial ends it, and
 * the script runs again from its start in a write txn. Such a trial leaves no trace (trial.ts).
 */

/** Runs in a row that make a habit. */
const RUNS = 16;

export class ScriptHabit {
  private reads = 0;

  /** Whether it is worth a trial. */
  get isReading(): boolean {
    return this.reads >= RUNS;
  }

  /** It has run to its end. */
  ran(onlyRead: boolean): void {
    if (!onlyRead) this.reads = Number.NEGATIVE_INFINITY;
    else if (this.reads < RUNS) this.reads++;
  }
}
