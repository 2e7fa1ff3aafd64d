/**
 * How long this process waits for the write lock, and how: at first it blocks for the lock, which costs nobody anything
 * in the usual case; then it looks again and again, and serves reads meanwhile. The store counts its waits try by try;
 * here the tries of one wait become one, with the time between them, so that INFO tells how long writers really waited.
 */
import { COUNTER } from "../ports/counters.ts";
import type { OrderedStore } from "../store/ordered-store.ts";

const PATIENCE_MS = 10;
/** A holder that has not given way after so long runs one long command: waiting for it would only hold up reads. */
const SHOWN_MS = 1000;
/**
 * A holder that is no slow script (those are known at once) is a long command: its end is waited for, as in Redis, but
 * not for ever. A low `busy-reply-threshold` must not turn a moment's wait into BUSY.
 */
const LEAST_TIMEOUT_MS = 5000;

/** Batches end sooner: who has held the lock for longer runs one long command. */
const LONG_HOLD_MS = 50;

/**
 * How long a process may block for the lock: not at all beside a long command, whose end is not near. It has reads to
 * serve, and comes again.
 */
export function lockPatience(store: OrderedStore, upToMs: number): number {
  const holder = store.lockHolder();
  return holder !== null && Date.now() - holder.sinceMs > LONG_HOLD_MS ? 0 : upToMs;
}

export class LockWait {
  /** `busy-reply-threshold`; Infinity: nobody is ever told BUSY. */
  thresholdMs = Number.POSITIVE_INFINITY;
  /** This process' counters. */
  private readonly counters: Float64Array;
  /** Since when the lock cannot be got; 0: it could be the last time. */
  private sinceMs = 0;
  /** Up to when the wait is counted. */
  private countedMs = 0;
  private triedForMs = 0;
  /** The present wait is counted among the long ones. */
  private isLong = false;
  private readonly store: OrderedStore;
  // The counters before the present try.
  private waits = 0;
  private waitUsec = 0;
  private longWaits = 0;

  constructor(store: OrderedStore, counters: Float64Array) {
    this.store = store;
    this.counters = counters;
  }

  /** Before a try: how long to block for the lock. `hopeless`: it is known to be held for long. */
  start(hopeless: boolean): number {
    this.remember();
    this.triedForMs = hopeless ? 0 : lockPatience(this.store, this.patienceMs);
    return this.triedForMs;
  }

  private get patienceMs(): number {
    if (this.sinceMs === 0) return PATIENCE_MS;
    // A short wait shows the holder that somebody wants the lock, and so ends its batch soon.
    return performance.now() - this.sinceMs < SHOWN_MS ? 1 : 0;
  }

  private remember(): void {
    const { counters } = this;
    this.waits = counters[COUNTER.lock_waits] as number;
    this.waitUsec = counters[COUNTER.lock_wait_usec] as number;
    this.longWaits = counters[COUNTER.long_lock_waits] as number;
  }

  /** Counts the wait as one, up to now. */
  private count(now: number): void {
    const { counters } = this;
    counters[COUNTER.lock_waits] = this.waits;
    counters[COUNTER.lock_wait_usec] = this.waitUsec + Math.round((now - this.countedMs) * 1000);
    counters[COUNTER.long_lock_waits] = this.longWaits;
    this.countedMs = now;
    this.remember();
  }

  /** The lock was not got; returns whether the writers have waited for long enough. */
  failed(): boolean {
    const now = performance.now();
    if (this.sinceMs === 0) {
      this.sinceMs = now - this.triedForMs;
      this.countedMs = this.sinceMs;
      this.waits++;
    }
    if (!this.isLong && now - this.sinceMs >= PATIENCE_MS) {
      this.isLong = true;
      this.longWaits++;
    }
    this.count(now);
    return now - this.sinceMs >= Math.max(this.thresholdMs, LEAST_TIMEOUT_MS);
  }

  /** The lock was got, or nobody waits for it any more. */
  over(): void {
    if (this.sinceMs === 0) return;
    this.sinceMs = 0;
    this.isLong = false;
    this.count(performance.now());
  }
}
