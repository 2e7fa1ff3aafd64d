/**
 * `maxmemory`: measures the data after each commit and at every tick, and keeps it below the limit by evicting keys, as
 * Redis does, before commands run: at the start of a turn of whichever process comes first, and by the leader while no
 * client asks. How long one turn may be held up follows `maxmemory-eviction-tenacity`.
 *
 * The state is shared: one process measures, all act upon it. While memory that was freed is still being reclaimed,
 * nothing more is evicted, and nothing is refused unless what certainly stays is too much.
 */

import type { AccessClock } from "../keyspace/access-clock.ts";
import type { DataSize } from "../keyspace/data-size.ts";
import { Eviction, type EvictionPolicy } from "../keyspace/eviction.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { hasTrash, reclaim } from "../keyspace/reclaim.ts";
import type { Config } from "../ports/config.ts";
import { COUNTER, type LatencyEvent, MEMORY_STATE, SHARED_WORD, SHARED_WORD64 } from "../ports/counters.ts";
import type { SharedState } from "../ports/shared-state.ts";

/** How long one turn may be held up, however many commands it serves, and how long a step of the leader takes; ms. */
const TURN_MS_MAX = 100;
const LEADER_STEP_MS = 2;
/** After a search in vain, turns do without another one for so long: each takes the write lock, also before reads. */
const SEARCH_AGAIN_MS = 100;
/** Rows of freed values that one turn reclaims instead of evicting more. */
const RECLAIM_ROWS = 200;

export interface MemoryLimitParts {
  readonly keyspace: Keyspace;
  readonly size: DataSize;
  readonly shared: SharedState;
  readonly clock: AccessClock;
  readonly config: Config;
  /** Runs `work` in a write txn of its own; false when the lock was not free in time, or the work failed. */
  readonly write: (work: () => void) => boolean;
  /** Writes are paused: nothing is evicted. */
  readonly paused: () => boolean;
  readonly onCycle: (event: LatencyEvent, ms: number) => void;
}

export class MemoryLimit {
  private readonly parts: MemoryLimitParts;
  private readonly eviction: Eviction;
  private readonly counters: Float64Array;
  /** `maxmemory`, bytes; 0: none. */
  private limit = 0;
  private turnMs = 0;
  private used = 0;
  private commandsBefore = 0;
  /** When turns may search again, by performance.now(). */
  private searchAgainAt = 0;
  /** Eviction may take as long as it needs (`maxmemory-eviction-tenacity 100`). */
  private isPatient = false;

  constructor(parts: MemoryLimitParts) {
    this.parts = parts;
    this.eviction = new Eviction(parts.keyspace, parts.clock);
    this.counters = parts.shared.counters(parts.shared.slot);
  }

  /** Takes over the directives; called when one of them changed. */
  configure(): void {
    const { config } = this.parts;
    const policy = config.string("maxmemory-policy") as EvictionPolicy;
    if (policy !== this.eviction.policy) this.eviction.forget();
    this.eviction.policy = policy;
    this.eviction.samples = config.number("maxmemory-samples");
    const tenacity = config.number("maxmemory-eviction-tenacity");
    this.turnMs = turnMilliseconds(tenacity);
    this.isPatient = tenacity === 100;
    this.limit = config.number("maxmemory");
    if (this.limit === 0) this.setState(MEMORY_STATE.ok);
    else this.measure();
  }

  /** Commands that may need memory are refused. */
  get isFull(): boolean {
    return this.limit !== 0 && this.state === MEMORY_STATE.full;
  }

  /** A txn of this process was committed, or a tick came. */
  measure(): void {
    const { keyspace } = this.parts;
    if (this.limit === 0 || keyspace.store.inWriteTxn) return;
    keyspace.renewSnapshot();
    this.used = this.parts.size.read();
    const isOver = this.used > this.limit;
    const keepsAll = this.eviction.policy === "noeviction";
    const isFull = isOver && keepsAll && (this.parts.size.live > this.limit || !hasTrash(keyspace));
    keyspace.store.releaseSnapshot();
    if (!isOver) this.setState(MEMORY_STATE.ok);
    else if (isFull) this.setState(MEMORY_STATE.full);
    // With a policy that evicts, only a vain search for a key tells that all is full.
    else if (keepsAll || this.state === MEMORY_STATE.ok) this.setState(MEMORY_STATE.evicting);
  }

  /**
   * Makes room before the commands of a turn run. Redis takes its time before each single command; how many this turn
   * has is not known yet, so it is taken for as long as the one before. True when keys were evicted.
   */
  beforeTurn(): boolean {
    if (this.limit === 0) return false;
    const commands = this.counters[COUNTER.total_commands_processed] as number;
    const maxMs = Math.min(this.turnMs * Math.max(1, commands - this.commandsBefore), TURN_MS_MAX);
    this.commandsBefore = commands;
    const { state } = this;
    if (state === MEMORY_STATE.full && performance.now() < this.searchAgainAt) return false;
    return state !== MEMORY_STATE.ok && this.evict(this.isPatient ? Number.POSITIVE_INFINITY : maxMs);
  }

  /** Keys are evicted by the leader until there is room; true when it should be called again at once. */
  leaderStep(): boolean {
    if (this.limit === 0 || this.state === MEMORY_STATE.ok) return false;
    return this.evict(LEADER_STEP_MS) && this.state === MEMORY_STATE.evicting;
  }

  private evict(maxMs: number): boolean {
    const { keyspace, paused, write, onCycle } = this.parts;
    if (this.eviction.policy === "noeviction" || keyspace.store.inWriteTxn || paused()) return false;
    // It may be another process that saw the limit passed.
    this.measure();
    if (this.state === MEMORY_STATE.ok) return false;
    const start = performance.now();
    let isExhausted = false;
    const isDone = write(() => {
      if (hasTrash(keyspace)) {
        this.count(COUNTER.lazyfreed_objects, reclaim(keyspace, RECLAIM_ROWS));
        return;
      }
      for (let left = this.used - this.limit; left > 0 && performance.now() - start < maxMs; ) {
        const evictedAt = performance.now();
        const bytes = this.eviction.evictOne();
        onCycle("eviction-del", performance.now() - evictedAt);
        isExhausted = bytes === 0;
        if (isExhausted) break;
        left -= bytes;
        this.count(COUNTER.evicted_keys, 1);
      }
    });
    onCycle("eviction-cycle", performance.now() - start);
    if (isExhausted) this.searchAgainAt = performance.now() + SEARCH_AGAIN_MS;
    if (isDone && this.state !== MEMORY_STATE.ok) {
      this.setState(isExhausted ? MEMORY_STATE.full : MEMORY_STATE.evicting);
    }
    return isDone && !isExhausted;
  }

  private count(index: number, by: number): void {
    this.counters[index] = (this.counters[index] as number) + by;
  }

  private get state(): number {
    return Atomics.load(this.parts.shared.words, SHARED_WORD.memory_state);
  }

  private setState(state: number): void {
    const { words, words64 } = this.parts.shared;
    const was = Atomics.exchange(words, SHARED_WORD.memory_state, state);
    if ((was === MEMORY_STATE.ok) === (state === MEMORY_STATE.ok)) return;
    const nowMs = BigInt(Date.now());
    if (state !== MEMORY_STATE.ok) {
      Atomics.store(words64, SHARED_WORD64.memory_over_since_ms, nowMs);
      return;
    }
    const sinceMs = Atomics.exchange(words64, SHARED_WORD64.memory_over_since_ms, 0n);
    if (sinceMs !== 0n) Atomics.add(words64, SHARED_WORD64.memory_over_total_ms, nowMs - sinceMs);
  }
}

/** Redis' evictionTimeLimitUs: in steps of 50 us up to 10, then exponential. */
function turnMilliseconds(tenacity: number): number {
  if (tenacity <= 10) return Math.max(0.05, tenacity * 0.05);
  return 0.5 * 1.15 ** (tenacity - 10);
}
