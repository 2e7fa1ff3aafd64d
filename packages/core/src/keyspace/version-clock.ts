/**
 * Version stamps `unix ms << 20 | counter`: strictly growing over all processes. The last one given is in shared
 * memory and changes only under the write lock; inside a txn this object counts on its own.
 */
export class VersionClock {
  high: number;
  low: number;
  private readonly shared: Uint32Array;

  constructor(shared: Uint32Array) {
    this.shared = shared;
    this.high = 0;
    this.low = 0;
  }

  /** Under the lock: starts at the present time, or behind the last stamp if that is later. */
  begin(nowMs: number): void {
    const high = Math.floor(nowMs / 4096);
    const low = ((nowMs - high * 4096) << 20) >>> 0;
    const lastHigh = this.shared[0] as number;
    const lastLow = this.shared[1] as number;
    if (high > lastHigh || (high === lastHigh && low > lastLow)) {
      this.high = high;
      this.low = low;
    } else {
      this.high = lastHigh;
      this.low = lastLow;
    }
  }

  /** Moves to the next stamp, to be read from `high` and `low`. */
  next(): void {
    this.low = (this.low + 1) >>> 0;
    if (this.low === 0) this.high++;
  }

  /** Before commit or abort, still under the lock: no stamp of this txn will be given again. */
  end(): void {
    this.shared[0] = this.high;
    this.shared[1] = this.low;
  }
}
