import type { CounterName } from "./counters.ts";

/**
 * Memory that every process of one server maps: statistics, clocks and switches. Nothing durable lives here; it is
 * rebuilt when the server starts. Each process owns one row (`slot`) of the per-process tables: it alone writes it,
 * everyone may read it. Rows of dead processes keep their totals, so that INFO never goes backwards.
 */
export interface SharedState {
  /** This process' row. */
  readonly slot: number;
  /** Rows in each table. */
  readonly slotCount: number;
  /** Rows with a live process, this one included. */
  liveSlots(): number[];
  /** pid of the process that owns the row; 0 when none. */
  pidOf(slot: number): number;

  /** Monotonic and gauge counters of a row, indexed by COUNTER (counters.ts). */
  counters(slot: number): Float64Array;
  /** Per command: calls, microseconds, rejected, failed; index = commandId * 4 + which. */
  commandStats(slot: number): Float64Array;
  /** Per command: counts of calls that took < 2^i microseconds; index = commandId * LATENCY_BUCKETS + i. */
  commandLatency(slot: number): Uint32Array;

  /** Words that all processes change with Atomics, indexed by SHARED_WORD (counters.ts). */
  readonly words: Int32Array;
  /** 64-bit words changed with Atomics, indexed by SHARED_WORD64. */
  readonly words64: BigInt64Array;
  /** The last version stamp given: [high 32 bits, low 32 bits]. Changed only under the write lock. */
  readonly versionClock: Uint32Array;
  /** Deletions per key-hash slot; changed with Atomics. WATCH of an absent key compares it. */
  readonly touches: Int32Array;
  /** Last access per key-hash slot: LRU seconds (24 bits) << 8 | LFU counter (8 bits). */
  readonly accessClock: Uint32Array;
}

/** Sum of one counter over all rows. */
export function sumCounter(shared: SharedState, index: number): number {
  let sum = 0;
  for (let slot = 0; slot < shared.slotCount; slot++) sum += shared.counters(slot)[index] ?? 0;
  return sum;
}

export type { CounterName };
