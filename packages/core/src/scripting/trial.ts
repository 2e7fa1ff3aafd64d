/**
 * The traces of a script that is tried on a snapshot (script-habit.ts), so that one which must run again leaves none and
 * everything is counted once: numbers are changed at once and put back, entries in logs and tables are made when the
 * trial has come to its end. Runs that are no trial have nothing to do with it.
 */
import type { AccessClock } from "../keyspace/access-clock.ts";
import { COUNTER } from "../ports/counters.ts";

/** Counters of the process that reading commands change. */
const COUNTERS = [COUNTER.total_commands_processed, COUNTER.keyspace_hits, COUNTER.keyspace_misses] as const;
/** A list that a long trial has made longer than this is given back. */
const KEPT_NOTES = 10_000;

/** A table of numbers that only this process writes. */
type Row = Float64Array | Uint32Array;

export class Trial {
  private readonly counters: Float64Array;
  private readonly clock: AccessClock;
  private readonly before: number[] = [];
  private rows: Row[] = [];
  private cells: number[] = [];
  private values: number[] = [];
  private count = 0;
  private entries: Array<() => void> = [];
  private readonly noteWord = (words: Uint32Array, at: number): void => this.note(words, at);

  constructor(counters: Float64Array, clock: AccessClock) {
    this.counters = counters;
    this.clock = clock;
  }

  begin(): void {
    for (let i = 0; i < COUNTERS.length; i++) {
      this.before[i] = this.counters[COUNTERS[i] as (typeof COUNTERS)[number]] as number;
    }
    if (this.clock.lfu) this.clock.overwritten = this.noteWord;
  }

  /** A cell of a row is about to change. */
  note(row: Row, at: number): void {
    const i = this.count++;
    this.rows[i] = row;
    this.cells[i] = at;
    this.values[i] = row[at] as number;
  }

  /** `make` is called if the trial comes to its end. */
  later(make: () => void): void {
    this.entries.push(make);
  }

  /** What it did stays. */
  keep(): void {
    const { entries } = this;
    this.end();
    for (const make of entries) make();
  }

  /** Nothing of it stays. */
  drop(): void {
    // Backwards: of a cell that was changed often, the first value counts.
    for (let i = this.count - 1; i >= 0; i--) {
      (this.rows[i] as Row)[this.cells[i] as number] = this.values[i] as number;
    }
    for (let i = 0; i < COUNTERS.length; i++) {
      this.counters[COUNTERS[i] as (typeof COUNTERS)[number]] = this.before[i] as number;
    }
    this.end();
  }

  private end(): void {
    this.clock.overwritten = null;
    if (this.entries.length > 0) this.entries = [];
    if (this.count > KEPT_NOTES) {
      this.rows = [];
      this.cells = [];
      this.values = [];
    }
    this.count = 0;
  }
}
