/**
 * How often each error code was answered, over all processes: a table of names and counts in shared memory. A code takes
 * a row when it is seen first; rows keep their names for the server's life, so every process may remember them. Two
 * processes that meet a new code at the same moment may take a row each: readers add them up.
 */
import { ERROR_NAME_BYTES, ERROR_ROWS } from "../ports/counters.ts";
import type { SharedState } from "../ports/shared-state.ts";

const FREE = 0;
const NAMING = 1;
const NAMED = 2;
/** How far a code may reach, as in Redis' afterErrorReply. */
const CODE_MAX = 31;
/** Counts what finds no row any more: scripts can make up any number of codes. */
const OVERFLOW = "ERRORSTATS_OVERFLOW";

export class ErrorStats {
  private readonly shared: SharedState;
  private readonly rows: Map<string, number> = new Map();

  constructor(shared: SharedState) {
    this.shared = shared;
  }

  /** Counts an error reply; `text` without '-'. Its code is the first word, ERR when there is no second. */
  count(text: string): void {
    const blank = text.indexOf(" ");
    const code = blank >= 0 && blank < CODE_MAX ? text.slice(0, blank) : "ERR";
    const row = this.rows.get(code) ?? this.rowOf(code);
    Atomics.add(this.shared.errorCounts, row, 1n);
  }

  private rowOf(code: string): number {
    const { errorStates } = this.shared;
    const overflow = ERROR_ROWS - 1;
    for (let row = 0; row < overflow; row++) {
      const state = Atomics.load(errorStates, row);
      if (state === NAMED && this.nameOf(row) === code) return this.remember(code, row);
      if (state !== FREE || Atomics.compareExchange(errorStates, row, FREE, NAMING) !== FREE) continue;
      this.name(row, code);
      return this.remember(code, row);
    }
    if (Atomics.compareExchange(errorStates, overflow, FREE, NAMING) === FREE) this.name(overflow, OVERFLOW);
    return overflow;
  }

  private remember(code: string, row: number): number {
    this.rows.set(code, row);
    return row;
  }

  private name(row: number, code: string): void {
    const at = row * ERROR_NAME_BYTES;
    const bytes = Buffer.from(code, "latin1").subarray(0, ERROR_NAME_BYTES - 1);
    this.shared.errorNames[at] = bytes.length;
    this.shared.errorNames.set(bytes, at + 1);
    Atomics.store(this.shared.errorStates, row, NAMED);
  }

  private nameOf(row: number): string {
    const names = this.shared.errorNames;
    const at = row * ERROR_NAME_BYTES;
    return Buffer.from(names.subarray(at + 1, at + 1 + (names[at] as number))).toString("latin1");
  }

  /** Codes with a count, in byte order. */
  list(): Array<readonly [code: string, count: number]> {
    const sums = new Map<string, number>();
    for (let row = 0; row < ERROR_ROWS; row++) {
      if (Atomics.load(this.shared.errorStates, row) !== NAMED) continue;
      const count = Number(Atomics.load(this.shared.errorCounts, row));
      const code = this.nameOf(row);
      if (count > 0) sums.set(code, (sums.get(code) ?? 0) + count);
    }
    return [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  reset(): void {
    for (let row = 0; row < ERROR_ROWS; row++) Atomics.store(this.shared.errorCounts, row, 0n);
  }
}
