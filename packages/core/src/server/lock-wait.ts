/**
 * How long this process waits for the write lock, and how: at first it blocks for the lock, which costs nobody anything
 * in the usual case; then it looks again and again, and serves reads meanwhile.
 */

const PATIENCE_MS = 10;
/** A holder that has not given way after so long runs one long command: waiting for it would only hold up reads. */
const SHOWN_MS = 1000;
/**
 * A holder that is no slow script (those are known at once) is a long command: its end is waited for, as in Redis, but
 * not for ever. A low `busy-reply-threshold` must not turn a moment's wait into BUSY.
 */
const LEAST_TIMEOUT_MS = 5000;

export class LockWait {
  /** `busy-reply-threshold`; Infinity: nobody is ever told BUSY. */
  thresholdMs = Number.POSITIVE_INFINITY;
  /** Since when the lock cannot be got; 0: it could be the last time. */
  private sinceMs = 0;

  /** How long to block for the lock this time. Not at all when it is known to be held for long. */
  get patienceMs(): number {
    if (this.sinceMs === 0) return PATIENCE_MS;
    // A short wait shows the holder that somebody wants the lock, and so ends its batch soon.
    return performance.now() - this.sinceMs < SHOWN_MS ? 1 : 0;
  }

  /** The lock was not got; returns whether the writers have waited for long enough. */
  failed(): boolean {
    const now = performance.now();
    if (this.sinceMs === 0) this.sinceMs = now - PATIENCE_MS;
    return now - this.sinceMs >= Math.max(this.thresholdMs, LEAST_TIMEOUT_MS);
  }

  /** The lock was got, or nobody waits for it any more. */
  over(): void {
    this.sinceMs = 0;
  }
}
