import { COUNTER, type CounterName } from "./counters.ts";

/**
 * Memory that every process of one server maps: statistics, clocks and switches. Nothing durable lives here; it is
 * rebuilt when the server starts. Each process owns one row (`slot`) of the per-process tables: it alone writes it,
 * everyone may read it. Rows of dead processes keep their totals, so that INFO never goes backwards.
 */
export interface SharedState {
  /** Size of the shared memory, which every process has in its address space. */
  readonly sizeBytes: number;
  /** This process' row. */
  readonly slot: number;
  /** Rows in each table. */
  readonly slotCount: number;
  /** Rows with a live process, this one included. */
  liveSlots(): number[];
  /** Rows that ever had a process: only these hold anything, and only their memory is sure to be there. */
  usedSlots(): number[];
  /** pid of the process that owns the row; 0 when none. */
  pidOf(slot: number): number;

  /** Monotonic and gauge counters of a row, indexed by COUNTER (counters.ts). */
  counters(slot: number): Float64Array;
  /** Per command: calls, microseconds, rejected, failed; index = commandId * 4 + which. */
  commandStats(slot: number): Float64Array;
  /** Per command: counts of calls by duration; index = commandId * LATENCY_BUCKETS + bucket (command/latency-buckets.ts). */
  commandLatency(slot: number): Uint32Array;
  /** Latency events: LATENCY_EVENTS.length rows of LATENCY_EVENT_WORDS words. */
  latencyEvents(slot: number): Uint32Array;
  /** The script that a process runs for long: u16 length (little endian), then JSON. SCRIPT_TEXT_BYTES long. */
  scriptText(slot: number): Uint8Array;

  /** Error codes that were answered: a row is 0 free, 1 being named, 2 named; changed with Atomics. */
  readonly errorStates: Int32Array;
  /** Names of the rows, ERROR_NAME_BYTES each: length byte, then the code. */
  readonly errorNames: Uint8Array;
  /** How often each was answered by any process; changed with Atomics. */
  readonly errorCounts: BigInt64Array;

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
  for (const slot of shared.usedSlots()) sum += shared.counters(slot)[index] ?? 0;
  return sum;
}

/** A process whose sign of life is older than this does one thing for long (beats: bin/src/heartbeat.ts). */
const SILENT_MS = 1_500;

/** Whether a live process is busy with one thing for long: it serves its clients only when that is done. */
export function isOccupied(shared: Pick<SharedState, "counters">, slot: number, nowMs: number): boolean {
  const row = shared.counters(slot);
  if (row[COUNTER.occupied] === 1) return true;
  const beatMs = row[COUNTER.heartbeat_ms] ?? 0;
  return beatMs !== 0 && nowMs - beatMs > SILENT_MS;
}

export type { CounterName };
