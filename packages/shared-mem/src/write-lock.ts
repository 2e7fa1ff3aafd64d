/**
 * The lock word: taken before LMDB's writer mutex, so that waiting has a limit and everybody can see who holds it,
 * since when and for what. One futex word in the shared region; uncontended it costs one compare-and-swap to take and
 * one to release, no system call.
 *
 * Waiters spin a little, then sleep. Whoever comes first after a release gets the lock (a process that goes on writing
 * does not pay a switch per txn); but a waiter older than STARVING_MS marks the word, and then the next release keeps
 * the lock for the marked waiters. So the wait is bounded by about STARVING_MS plus the time of the txns in progress.
 *
 * A process that dies inside the lock: sleepers look every DEAD_CHECK_MS whether the owner lives, and the supervisor
 * calls `clearDeadOwner` as soon as it has reaped it. Either way the word goes free by one compare-and-swap from the
 * dead owner's value. The dead process' txn is dropped by LMDB's robust mutex.
 */
import { COUNTER } from "@keydb-ts/core/contracts";
import { futexWait, futexWake } from "./memory-map.ts";
import { LOCK_SINCE_OFFSET, LOCK_STARVING, LOCK_WORD, OFFSET } from "./region-layout.ts";
import { isAlive, type SharedRegion } from "./shared-region.ts";
import type { StoreLock } from "./store-opening.ts";

/** Looks at the word this often before it sleeps; some 10 us. */
const SPINS = 300;
/** After this wait a waiter no longer lets others pass. */
const STARVING_MS = 0.2;
/** Sleepers look for a dead owner this often. */
const DEAD_CHECK_MS = 10;
/** A lock kept for a starving waiter that does not come (it died, or gave up) is free after this time. */
const RESERVED_MS = 5;
/** A wait longer than this counts in long_lock_waits. */
const LONG_WAIT_MS = 10;
const ALL_SLEEPERS = 0x7fffffff;

const { state: STATE, waiters: WAITERS, tag: TAG, kill: KILL } = LOCK_WORD;

export interface LockOwner {
  readonly slot: number;
  readonly pid: number;
  /** When it took the lock, ms since 1970. */
  readonly sinceMs: number;
  /** What it said it is doing; 0 nothing. */
  readonly tag: number;
}

export class WriteLock implements StoreLock {
  readonly stamps: Float64Array;
  private readonly words: Int32Array;
  private readonly since: Float64Array;
  private readonly address: number;
  private readonly own: number;
  private readonly region: SharedRegion;
  private readonly counters: Float64Array;
  private heldSince = 0;

  /**
   * The region must have a slot of this process. One per process: if the slot is written down as the owner, it was the
   * slot's former process, which died inside the lock; the word is freed.
   */
  constructor(region: SharedRegion) {
    if (region.slot < 0) throw new Error("the write lock needs a slot of the shared region");
    this.region = region;
    this.stamps = region.stamps;
    this.words = new Int32Array(region.memory.bytes, OFFSET.lock, 8);
    this.since = new Float64Array(region.memory.bytes, LOCK_SINCE_OFFSET, 1);
    this.address = region.memory.address + OFFSET.lock;
    this.own = region.slot + 1;
    this.counters = region.counters(region.slot);
    if ((Atomics.load(this.words, STATE) & ~LOCK_STARVING) === this.own) freeDeadOwner(region, process.pid);
  }

  /** Takes the lock, waiting at most `timeoutMs`; false when it was not got. Blocks the process. */
  acquire(timeoutMs: number): boolean {
    if (Atomics.compareExchange(this.words, STATE, 0, this.own) !== 0 && !this.acquireSlowly(timeoutMs)) return false;
    this.words[TAG] = 0;
    this.words[KILL] = 0;
    this.since[0] = Date.now();
    this.heldSince = performance.now();
    return true;
  }

  release(): void {
    const { words, own, counters } = this;
    const heldUsec = (performance.now() - this.heldSince) * 1000;
    if (heldUsec > (counters[COUNTER.lock_held_usec_max] as number)) counters[COUNTER.lock_held_usec_max] = heldUsec;
    const was = Atomics.compareExchange(words, STATE, own, 0);
    if (was === own) {
      if (Atomics.load(words, WAITERS) !== 0) futexWake(this.address, 1);
    } else if (was === (own | LOCK_STARVING)) {
      const isWanted = Atomics.load(words, WAITERS) !== 0;
      Atomics.store(words, STATE, isWanted ? LOCK_STARVING : 0);
      if (isWanted) futexWake(this.address, ALL_SLEEPERS);
    } else throw new Error("release of a write lock that this process does not hold");
  }

  /** What the owner is doing, a small number (a command id + 1). Only while holding the lock. */
  set tag(tag: number) {
    this.words[TAG] = tag;
  }

  get tag(): number {
    return this.words[TAG] ?? 0;
  }

  /** The process that holds the lock; null when it is free. */
  owner(): LockOwner | null {
    // Asked before every batch: a lock that is free costs one look.
    return Atomics.load(this.words, STATE) === 0 ? null : readOwner(this.region);
  }

  /** Processes waiting for the lock. */
  get waiters(): number {
    return Atomics.load(this.words, WAITERS);
  }

  /** Whether somebody asked the owner to stop what it is doing; polled by the owner. */
  get isKillRequested(): boolean {
    return Atomics.load(this.words, KILL) !== 0;
  }

  /** Asks the owner to stop; false when nobody holds the lock. */
  requestKill(): boolean {
    return requestKill(this.region);
  }

  private acquireSlowly(timeoutMs: number): boolean {
    const { words } = this;
    const start = performance.now();
    Atomics.add(words, WAITERS, 1);
    let got = false;
    try {
      got = this.wait(start, timeoutMs);
    } finally {
      Atomics.sub(words, WAITERS, 1);
      const waitedMs = performance.now() - start;
      const { counters } = this;
      counters[COUNTER.lock_waits] = (counters[COUNTER.lock_waits] ?? 0) + 1;
      counters[COUNTER.lock_wait_usec] = (counters[COUNTER.lock_wait_usec] ?? 0) + Math.round(waitedMs * 1000);
      if (waitedMs > LONG_WAIT_MS) counters[COUNTER.long_lock_waits] = (counters[COUNTER.long_lock_waits] ?? 0) + 1;
    }
    return got;
  }

  private wait(start: number, timeoutMs: number): boolean {
    const { words, own, address } = this;
    for (let i = 0; i < SPINS; i++) {
      if (Atomics.load(words, STATE) === 0 && Atomics.compareExchange(words, STATE, 0, own) === 0) return true;
    }
    let reservedSince = 0;
    let deadCheckAt = start + DEAD_CHECK_MS;
    for (;;) {
      const now = performance.now();
      const isStarving = now - start >= STARVING_MS;
      const seen = Atomics.load(words, STATE);
      if (seen === LOCK_STARVING) {
        if (reservedSince === 0) reservedSince = now;
        if (isStarving || now - reservedSince >= RESERVED_MS) {
          if (Atomics.compareExchange(words, STATE, seen, own) === seen) return true;
          continue;
        }
      } else reservedSince = 0;
      if (seen === 0) {
        if (Atomics.compareExchange(words, STATE, 0, own) === 0) return true;
        continue;
      }
      const leftMs = start + timeoutMs - now;
      if (leftMs <= 0) return false;
      if (isStarving && (seen & LOCK_STARVING) === 0) {
        if (Atomics.compareExchange(words, STATE, seen, seen | LOCK_STARVING) !== seen) continue;
      }
      if (now >= deadCheckAt) {
        deadCheckAt = now + DEAD_CHECK_MS;
        if (freeDeadOwner(this.region, 0)) continue;
      }
      const expected = isStarving ? seen | LOCK_STARVING : seen;
      const napMs = isStarving ? DEAD_CHECK_MS : Math.max(STARVING_MS - (now - start), 0.05);
      futexWait(address, expected, Math.min(leftMs, seen === LOCK_STARVING ? RESERVED_MS : napMs));
    }
  }
}

function lockWords(region: SharedRegion): Int32Array {
  return new Int32Array(region.memory.bytes, OFFSET.lock, 8);
}

/** The process that holds the write lock; null when it is free. For processes without a slot too. */
export function readOwner(region: SharedRegion): LockOwner | null {
  const words = lockWords(region);
  const state = Atomics.load(words, STATE) & ~LOCK_STARVING;
  if (state === 0) return null;
  const sinceMs = new Float64Array(region.memory.bytes, LOCK_SINCE_OFFSET, 1)[0] ?? 0;
  return { slot: state - 1, pid: region.pidOf(state - 1), sinceMs, tag: words[TAG] ?? 0 };
}

/** Sets the flag that the owner of the write lock polls; false when nobody holds it. */
export function requestKill(region: SharedRegion): boolean {
  const words = lockWords(region);
  if ((Atomics.load(words, STATE) & ~LOCK_STARVING) === 0) return false;
  Atomics.store(words, KILL, 1);
  return true;
}

/**
 * Frees the write lock if the process `pid` died holding it; true when it did. The supervisor calls it when a worker
 * has ended, before it frees the worker's slot.
 */
export function clearDeadOwner(region: SharedRegion, pid: number): boolean {
  return freeDeadOwner(region, pid);
}

/** Frees the word from an owner that is the process `deadPid`, or, with 0, from one that no longer exists. */
function freeDeadOwner(region: SharedRegion, deadPid: number): boolean {
  const words = lockWords(region);
  const state = Atomics.load(words, STATE);
  const slot = (state & ~LOCK_STARVING) - 1;
  if (slot < 0) return false;
  const pid = region.pidOf(slot);
  if (deadPid === 0 ? pid !== 0 && isAlive(pid) : pid !== deadPid) return false;
  if (Atomics.compareExchange(words, STATE, state, 0) !== state) return freeDeadOwner(region, deadPid);
  futexWake(region.memory.address + OFFSET.lock, ALL_SLEEPERS);
  return true;
}
