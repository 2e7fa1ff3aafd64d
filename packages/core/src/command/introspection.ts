/**
 * What the server knows about itself, as commands see it: statistics summed over all processes, the slow log, latency
 * events, INFO. Implemented by server/.
 */
import type { LatencyEvent } from "../ports/counters.ts";
import type { Command } from "./define-command.ts";

export interface SlowlogEntry {
  /** Unique over all processes, growing with time. */
  readonly id: number;
  readonly unixSeconds: number;
  readonly usec: number;
  /** Trimmed and redacted. */
  readonly args: readonly Buffer[];
  readonly address: string;
  readonly clientName: string;
}

export interface Slowlog {
  /** This process' entries that are still kept, newest first. */
  own(): SlowlogEntry[];
  /** Entries of the other processes, at most `limit` of each, for `merge`. Null when there are none to ask. */
  askPeers(limit: number): Promise<unknown[]> | null;
  /** The newest `limit` entries of all: this process' and what `askPeers` brought. */
  merge(answers: unknown, limit: number): SlowlogEntry[];
  /** Empties the log of every process at once. */
  reset(): void;
}

export interface LatencySample {
  readonly unixSeconds: number;
  readonly ms: number;
}

export interface LatencySeries {
  readonly event: string;
  /** Oldest first, never empty. */
  readonly samples: readonly LatencySample[];
  /** Since start or RESET. */
  readonly highestMs: number;
}

export interface LatencyMonitor {
  /** `latency-monitor-threshold` in ms; Infinity when off. */
  readonly thresholdMs: number;
  /** Notes that an event took so long, if that is worth it. */
  note(event: LatencyEvent, ms: number): void;
  /** Samples of all processes; null when there are none. */
  series(event: string): LatencySeries | null;
  all(): LatencySeries[];
  /** Forgets an event, or all (null), in every process; returns how many had samples. */
  reset(event: string | null): number;
}

export interface CommandTotals {
  readonly calls: number;
  readonly usec: number;
  readonly rejected: number;
  readonly failed: number;
}

export interface Statistics {
  totals(command: Command): CommandTotals;
  /** Histogram cells (latency-buckets.ts); null for a command that never ran. */
  latencies(command: Command): Float64Array | null;
  /** Error codes answered so far, by name. */
  errors(): Array<readonly [code: string, count: number]>;
  /** Sets the counters of every process to zero (CONFIG RESETSTAT). */
  reset(): Promise<void>;
}

/** Bytes, over all processes. */
export interface MemoryFacts {
  readonly used: number;
  readonly peak: number;
  readonly startup: number;
  /** The store's data. */
  readonly dataset: number;
  /** What of it counts against `maxmemory`. */
  readonly counted: number;
  readonly overhead: number;
  readonly heapUsed: number;
  readonly heapTotal: number;
  readonly resident: number;
  readonly clientsNormal: number;
}

export interface Introspection {
  readonly slowlog: Slowlog;
  readonly latency: LatencyMonitor;
  readonly statistics: Statistics;
  memory(): MemoryFacts;
  /** The text of INFO for the section names that the client gave (any case); runs on the present snapshot. */
  info(sections: readonly string[]): string;
}
