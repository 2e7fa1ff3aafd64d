/**
 * Periodic work. Every process: pause ends, idle clients, soft output limits. The leader only: active expiry and the
 * reclaimer, in small write txns between which clients are served.
 */
import { expireDueKeys, nextExpiryMs } from "../keyspace/active-expire.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { hasTrash, reclaim } from "../keyspace/reclaim.ts";
import { COUNTER, SHARED_WORD } from "../ports/counters.ts";
import type { SharedState } from "../ports/shared-state.ts";

/** Rows per write txn of background work: about a millisecond of the lock. */
const STEP_ROWS = 200;
/** How long background work waits for the lock before it tries again later. */
const LOCK_WAIT_MS = 50;

export class Background {
  private readonly keyspace: Keyspace;
  private readonly shared: SharedState;
  private readonly paused: () => boolean;
  private timer: NodeJS.Timeout | null = null;
  private stepping = false;
  /** Called at every tick with the wall clock, for per-process work. */
  onTick: ((nowMs: number) => void) | null = null;
  /** Called after each committed step that changed keys. */
  onCommitted: (() => void) | null = null;

  constructor(keyspace: Keyspace, shared: SharedState, paused: () => boolean) {
    this.keyspace = keyspace;
    this.shared = shared;
    this.paused = paused;
  }

  /** `hz`: ticks per second. */
  start(hz: number): void {
    this.stop();
    this.timer = setInterval(() => this.tick(), Math.max(1, Math.round(1000 / hz)));
    this.timer.unref();
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  get isLeader(): boolean {
    return Atomics.load(this.shared.words, SHARED_WORD.leader_slot) === this.shared.slot;
  }

  private tick(): void {
    this.onTick?.(Date.now());
    if (this.isLeader && !this.stepping && !this.paused()) this.step();
  }

  private get expireEnabled(): boolean {
    return Atomics.load(this.shared.words, SHARED_WORD.active_expire_enabled) !== 0;
  }

  /** One bounded step; goes on in the next loop turn while there is more to do. */
  private step(): void {
    this.stepping = false;
    const keyspace = this.keyspace;
    if (keyspace.store.inWriteTxn || this.timer === null || this.paused()) return;
    keyspace.nowMs = Date.now();
    keyspace.renewSnapshot();
    const expire = this.expireEnabled && nextExpiryMs(keyspace) < keyspace.nowMs;
    const trash = hasTrash(keyspace);
    keyspace.store.releaseSnapshot();
    if (!expire && !trash) return;
    if (!keyspace.begin(LOCK_WAIT_MS)) return;
    let more = false;
    try {
      if (expire) more = expireDueKeys(keyspace, STEP_ROWS) >= STEP_ROWS;
      if (trash) {
        const freed = reclaim(keyspace, STEP_ROWS);
        const counters = this.shared.counters(this.shared.slot);
        counters[COUNTER.lazyfreed_objects] = (counters[COUNTER.lazyfreed_objects] as number) + freed;
      }
      keyspace.commit(false);
    } catch (error) {
      if (keyspace.store.inWriteTxn) keyspace.abort();
      throw error;
    }
    this.onCommitted?.();
    if (more || trash) {
      this.stepping = true;
      setImmediate(() => this.step());
    }
  }
}
