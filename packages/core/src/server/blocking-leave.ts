/**
 * The ways out of a wait other than being served by this process: timeout, CLIENT UNBLOCK, a closed connection, a reply
 * handed over by another process, the death of a process. Each is decided in a write txn of its own, since the wait's
 * row says who came first; those of one loop turn share a txn.
 */
import type { HandedWait, Wait } from "../keyspace/waits.ts";
import { SHARED_WORD } from "../ports/counters.ts";
import type { Blocking, LocalWait } from "./blocking.ts";
import { lockPatience } from "./lock-wait.ts";

export interface LeaveReason {
  readonly kind: "timeout" | "error" | "gone";
  /** Told whether this reason ended the wait (CLIENT UNBLOCK). */
  readonly done: ((ended: boolean) => void) | null;
}

const LOCK_WAIT_MS = 50;
const RETRY_MS = 10;
/** Rows of dead processes removed per write txn. */
const SWEEP_ROWS = 200;
const RECHECK_MS = 1000;
const START_TRIES = 100;
const UNBLOCKED = Buffer.from("-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n");
const NOTHING = Buffer.alloc(0);

interface Outcome {
  readonly wait: LocalWait;
  readonly reply: Buffer;
  /** Whether the reason to leave ended the wait, rather than a reply that was there. */
  readonly left: boolean;
}

export class Leaving {
  private readonly blocking: Blocking;
  private leaving: Set<LocalWait> = new Set();
  /** Waits of this process that others served. */
  private stamps: Buffer[] = [];
  private isScheduled = false;
  private knownPids = "";
  private recheckAt = 0;

  constructor(blocking: Blocking) {
    this.blocking = blocking;
  }

  /** The wait is to end for this reason, unless it was served before. */
  start(wait: LocalWait, kind: LeaveReason["kind"], done: LeaveReason["done"] = null): void {
    wait.leaving?.done?.(false);
    wait.leaving = { kind, done };
    if (wait.stamp === null) {
      this.conclude([{ wait, reply: this.replyOf(wait), left: true }]);
      return;
    }
    this.leaving.add(wait);
    this.schedule();
  }

  /** Another process served the wait with this stamp. */
  handed(stamp: Buffer): void {
    this.stamps.push(Buffer.from(stamp));
    this.schedule();
  }

  /** A process died: it may have served clients of this one without telling. */
  lookForReplies(): void {
    for (const wait of this.blocking.local.values()) if (wait.stamp !== null) this.stamps.push(wait.stamp);
    if (this.stamps.length > 0) this.schedule();
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => this.settle());
  }

  private retry(): void {
    this.isScheduled = true;
    setTimeout(() => this.settle(), RETRY_MS).unref();
  }

  private settle(): void {
    this.isScheduled = false;
    const { leaving, stamps } = this;
    const outcomes: Outcome[] = [];
    this.leaving = new Set();
    this.stamps = [];
    const isDone = this.write(() => {
      for (const wait of leaving) this.settleLeaving(wait, outcomes);
      for (const stamp of stamps) this.settleHanded(stamp, outcomes);
    });
    if (isDone) {
      this.conclude(outcomes);
      return;
    }
    for (const wait of this.leaving) leaving.add(wait);
    this.leaving = leaving;
    this.stamps.push(...stamps);
    this.retry();
  }

  private settleLeaving(wait: LocalWait, outcomes: Outcome[]): void {
    const { waits } = this.blocking;
    const row = wait.stamp === null ? null : waits.read(wait.stamp);
    if (row === null) {
      // Served by this process before; a client that is gone leaves its entry behind.
      if (wait.leaving?.kind === "gone") outcomes.push({ wait, reply: NOTHING, left: false });
      return;
    }
    if (row.state === "handed") {
      this.takeHanded(row, outcomes);
      if (wait.leaving?.kind === "gone") outcomes.push({ wait, reply: NOTHING, left: false });
      return;
    }
    waits.forget(row);
    outcomes.push({ wait, reply: this.replyOf(wait), left: true });
  }

  private settleHanded(stamp: Buffer, outcomes: Outcome[]): void {
    const row = this.blocking.waits.read(stamp);
    if (row?.state === "handed") this.takeHanded(row, outcomes);
  }

  private takeHanded(row: HandedWait, outcomes: Outcome[]): void {
    const { blocking } = this;
    blocking.waits.forget(row);
    const wait = blocking.ownWait(row);
    if (wait === null) blocking.runGiveBack(row);
    else outcomes.push({ wait, reply: row.reply, left: false });
  }

  private replyOf(wait: LocalWait): Buffer {
    if (wait.leaving?.kind === "gone") return NOTHING;
    return wait.leaving?.kind === "error" ? UNBLOCKED : Buffer.from(wait.timeoutReply);
  }

  private conclude(outcomes: readonly Outcome[]): void {
    for (const { wait, reply, left } of outcomes) {
      if (left) {
        const done = wait.leaving?.done ?? null;
        this.blocking.parts.pipeline.countBlocked(wait.command, wait.blockedAt, wait.leaving?.kind === "error");
        wait.leaving = null;
        this.blocking.end(wait, reply);
        done?.(true);
      } else this.blocking.end(wait, reply);
    }
  }

  /** Runs `work` in a write txn; false when the lock was not free in time, or the work failed. */
  private write(work: () => void): boolean {
    const { parts } = this.blocking;
    const { keyspace, pipeline } = parts;
    pipeline.startClock();
    if (!keyspace.begin(lockPatience(keyspace.store, LOCK_WAIT_MS))) return false;
    try {
      work();
      this.blocking.serveReady();
      keyspace.commit(false);
    } catch (error) {
      if (keyspace.store.inWriteTxn) keyspace.abort();
      this.blocking.aborted();
      parts.warn(`ending the wait of blocked clients failed: ${error instanceof Error ? error.stack : error}`);
      return false;
    }
    this.blocking.committed();
    parts.committed();
    return true;
  }

  // ------------------------------------------------------------------------------------------ dead processes

  /** At start: what a predecessor in this slot left behind. */
  sweepOwnSlot(): void {
    const { slot } = this.blocking.parts.shared;
    for (let tries = 0; tries < START_TRIES; tries++) {
      if (this.sweep((wait) => wait.owner.slot === slot, Number.POSITIVE_INFINITY)) return;
    }
  }

  /** Removes the waits of processes that have died, and forgets the interest when nobody waits. */
  leaderTick(): void {
    const { shared } = this.blocking.parts;
    const pids = shared
      .liveSlots()
      .map((slot) => shared.pidOf(slot))
      .join();
    if (pids !== this.knownPids) {
      const isDead = (wait: Wait | HandedWait): boolean => shared.pidOf(wait.owner.slot) !== wait.owner.pid;
      if (this.sweep(isDead, SWEEP_ROWS)) this.knownPids = pids;
    }
    const now = performance.now();
    if (now < this.recheckAt || Atomics.load(shared.words, SHARED_WORD.interest_blocked) === 0) return;
    this.recheckAt = now + RECHECK_MS;
    if (this.isAnyWait()) return;
    this.write(() => {
      if (!this.blocking.waits.any) Atomics.store(shared.words, SHARED_WORD.interest_blocked, 0);
    });
  }

  private isAnyWait(): boolean {
    const { keyspace } = this.blocking.parts;
    keyspace.renewSnapshot();
    const any = this.blocking.waits.any;
    keyspace.store.releaseSnapshot();
    return any;
  }

  /** Removes waits, up to `limit`; true when none is left to remove. */
  private sweep(isDead: (wait: Wait | HandedWait) => boolean, limit: number): boolean {
    if (!this.isAnyWait()) return true;
    let removed = 0;
    const isDone = this.write(() => {
      for (const stamp of this.blocking.waits.all()) {
        const wait = this.blocking.waits.read(stamp);
        if (wait === null || !isDead(wait)) continue;
        this.blocking.waits.forget(wait);
        if (wait.state === "handed") this.blocking.runGiveBack(wait);
        if (++removed >= limit) break;
      }
    });
    return isDone && removed < limit;
  }
}
