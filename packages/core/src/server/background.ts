/**
 * Periodic work. Every process: pause ends, idle clients, soft output limits, and the deletion of due keys that its own
 * reads met. The leader only: active expiry, the reclaimer and jobs, in small write txns between which clients are served.
 */
import { expireDueKeys, expireSeenKeys, forgetSeenKeys, nextExpiryMs } from "../keyspace/active-expire.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { hasTrash, reclaim } from "../keyspace/reclaim.ts";
import { COUNTER, type LatencyEvent, SHARED_WORD } from "../ports/counters.ts";
import type { SharedState } from "../ports/shared-state.ts";
import { lockPatience } from "./lock-wait.ts";

/** How long a write txn of background work should hold the lock, and the bounds of its rows, chosen to that end. */
const STEP_MS = 2;
const STEP_ROWS_MIN = 25;
const STEP_ROWS_MAX = 500;
/** Keys and members that reads found due, deleted in one txn. */
const SEEN_STEP = 64;
/** How long background work waits for the lock before it tries again later. */
const LOCK_WAIT_MS = 50;
/** Keys that are due before the next tick are waited for, but not more often than this: they go together then. */
const WAKE_MIN_MS = 20;
/**
 * How long a job whose turn has come waits for the lock, and after how long it tries again: a long script of another
 * process must not keep this one from serving reads.
 */
const JOB_LOCK_WAIT_MS = 3;
const JOB_RETRY_MS = 50;

/** What makes room for data (memory-limit.ts). */
export interface Evictor {
  /** Evicts in write txns of its own; true when it should be called again at once. */
  leaderStep(): boolean;
}

/** Scripts that run by themselves (cron-runner.ts). */
export interface Jobs {
  /** When there is something to do next, unix ms; on the present snapshot. */
  nextMs(): number;
  /** Runs one job that is due, in the present write txn; how long that took, ms. */
  runNext(): number;
}

export class Background {
  private readonly keyspace: Keyspace;
  private readonly shared: SharedState;
  private readonly paused: () => boolean;
  private timer: NodeJS.Timeout | null = null;
  private tickMs = 100;
  private stepRows = 100;
  /** Runs the next step before the next tick. */
  private wake: NodeJS.Timeout | NodeJS.Immediate | null = null;
  /** Told of each cycle of background work and how long it took. */
  onCycle: ((event: LatencyEvent, ms: number) => void) | null = null;
  /** Null while the server is being made. */
  jobs: Jobs | null = null;
  /** Null while the server is being made. */
  evictor: Evictor | null = null;
  /** Called at every tick with the wall clock, for per-process work. */
  readonly onTick: Array<(nowMs: number) => void> = [];
  /** Called when a write txn was opened: what waits to be sent is not part of it. */
  onBegun: (() => void) | null = null;
  /** Called in the write txn of a step, before its commit. */
  beforeCommit: (() => void) | null = null;
  /** Called after each committed step that changed keys. */
  onCommitted: (() => void) | null = null;
  /** Called when a step failed and its txn was dropped. */
  onDropped: (() => void) | null = null;
  /** Called when a step failed; nothing of it was written, and it is tried again at the next tick. */
  onError: ((error: unknown) => void) | null = null;

  constructor(keyspace: Keyspace, shared: SharedState, paused: () => boolean) {
    this.keyspace = keyspace;
    this.shared = shared;
    this.paused = paused;
    keyspace.onDue = () => setImmediate(() => this.expireSeen());
  }

  /** `hz`: ticks per second. */
  start(hz: number): void {
    this.stop();
    this.tickMs = Math.max(1, Math.round(1000 / hz));
    this.timer = setInterval(() => this.tick(), this.tickMs);
    this.timer.unref();
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
    this.cancelWake();
  }

  private cancelWake(): void {
    if (this.wake === null) return;
    if ("refresh" in this.wake) clearTimeout(this.wake);
    else clearImmediate(this.wake);
    this.wake = null;
  }

  get isLeader(): boolean {
    return Atomics.load(this.shared.words, SHARED_WORD.leader_slot) === this.shared.slot;
  }

  /** DEBUG PAUSE-CRON. */
  private get cronPaused(): boolean {
    return Atomics.load(this.shared.words, SHARED_WORD.cron_paused) !== 0;
  }

  private tick(): void {
    if (this.cronPaused) return;
    const startedAt = performance.now();
    const nowMs = Date.now();
    for (const work of this.onTick) work(nowMs);
    const counters = this.shared.counters(this.shared.slot);
    counters[COUNTER.cron_usec] = (counters[COUNTER.cron_usec] as number) + (performance.now() - startedAt) * 1000;
    if (this.wake === null) this.step();
  }

  private get expireEnabled(): boolean {
    return Atomics.load(this.shared.words, SHARED_WORD.active_expire_enabled) !== 0;
  }

  /** One bounded step; goes on in the next loop turn while there is more to do. */
  private step(): void {
    this.wake = null;
    const keyspace = this.keyspace;
    if (!this.isLeader || this.timer === null || this.cronPaused || keyspace.store.inWriteTxn || this.paused()) return;
    keyspace.nowMs = Date.now();
    keyspace.renewSnapshot();
    const next = this.expireEnabled ? nextExpiryMs(keyspace) : Number.POSITIVE_INFINITY;
    const trash = hasTrash(keyspace);
    const nextJobMs = this.jobs?.nextMs() ?? Number.POSITIVE_INFINITY;
    keyspace.store.releaseSnapshot();
    const waitMs = next + 1 - keyspace.nowMs;
    const jobWaitMs = nextJobMs - keyspace.nowMs;
    let goOn = false;
    if (waitMs <= 0 || trash) {
      const startedAt = performance.now();
      goOn = this.write(() => {
        if (waitMs <= 0) this.timed("expire-cycle", () => expireDueKeys(keyspace, this.stepRows));
        if (trash) this.timed("reclaim-cycle", () => this.countFreed(reclaim(keyspace, this.stepRows)));
      });
      this.adaptRows(performance.now() - startedAt);
    }
    if (jobWaitMs <= 0) goOn = this.runJob() || goOn;
    if (this.evictor?.leaderStep()) goOn = true;
    if (goOn) this.wake = setImmediate(() => this.step());
    else this.wakeIn(waitMs, jobWaitMs);
  }

  /** Keys and jobs that are due before the next tick are not left to it. */
  private wakeIn(expiryMs: number, jobMs: number): void {
    const expiryWaitMs = expiryMs <= 0 ? this.tickMs : Math.max(WAKE_MIN_MS, expiryMs);
    const waitMs = Math.min(expiryWaitMs, jobMs <= 0 ? JOB_RETRY_MS : jobMs);
    if (waitMs < this.tickMs) this.wake = setTimeout(() => this.step(), waitMs).unref();
  }

  /** False: the lock was not free, or the job failed in a way that scripts do not. */
  private runJob(): boolean {
    let tookMs = 0;
    const done = this.write(() => {
      tookMs = this.jobs?.runNext() ?? 0;
    }, JOB_LOCK_WAIT_MS);
    if (done) this.onCycle?.("cron-job", tookMs);
    return done;
  }

  /** Fewer rows after a step that took too long, slowly more after a short one. A wait for the lock counts too. */
  private adaptRows(tookMs: number): void {
    if (tookMs > STEP_MS) this.stepRows = Math.max(STEP_ROWS_MIN, this.stepRows >> 1);
    else if (tookMs < STEP_MS / 2) this.stepRows = Math.min(STEP_ROWS_MAX, this.stepRows + 10);
  }

  /** Runs work of a cycle and tells how long it took. */
  private timed(event: LatencyEvent, work: () => void): void {
    const startedAt = performance.now();
    work();
    const ms = performance.now() - startedAt;
    if (event === "expire-cycle") {
      const counters = this.shared.counters(this.shared.slot);
      counters[COUNTER.expire_cycle_usec] = (counters[COUNTER.expire_cycle_usec] as number) + ms * 1000;
    }
    this.onCycle?.(event, ms);
  }

  private countFreed(objects: number): void {
    const counters = this.shared.counters(this.shared.slot);
    counters[COUNTER.lazyfreed_objects] = (counters[COUNTER.lazyfreed_objects] as number) + objects;
  }

  /** Deletes what reads of this process found due. While writes are paused, the keys stay, hidden. */
  private expireSeen(): void {
    const keyspace = this.keyspace;
    if (this.timer !== null && !keyspace.store.inWriteTxn && !this.paused()) {
      keyspace.nowMs = Date.now();
      let isMore = false;
      const done = this.write(() =>
        this.timed("expire-cycle", () => {
          isMore = expireSeenKeys(keyspace, SEEN_STEP);
        }),
      );
      if (done && isMore) {
        setImmediate(() => this.expireSeen());
        return;
      }
    }
    forgetSeenKeys(keyspace);
  }

  /** Runs `work` in a write txn of its own; false when the lock was not free in time or the work failed. */
  write(work: () => void, lockWaitMs = LOCK_WAIT_MS): boolean {
    const keyspace = this.keyspace;
    if (!keyspace.begin(lockPatience(keyspace.store, lockWaitMs))) return false;
    this.onBegun?.();
    try {
      work();
      this.beforeCommit?.();
      keyspace.commit(false);
    } catch (error) {
      if (keyspace.store.inWriteTxn) keyspace.abort();
      this.onDropped?.();
      this.onError?.(error);
      return false;
    }
    this.onCommitted?.();
    return true;
  }
}
