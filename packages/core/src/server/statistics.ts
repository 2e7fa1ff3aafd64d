/**
 * Counters of all processes read together. Each process writes only its own row of shared memory; rows of ended
 * processes keep their totals. A reset therefore asks every process to clear its own row, and clears those of the dead.
 */

import type { Command } from "../command/define-command.ts";
import type { CommandTotals, Statistics } from "../command/introspection.ts";
import { addLatencies } from "../command/latency-buckets.ts";
import type { Bus } from "../ports/bus.ts";
import {
  COUNTER,
  COUNTER_NAMES,
  GAUGE_COUNT,
  KEPT_COUNTERS,
  LATENCY_BUCKETS,
  SHARED_WORD64,
} from "../ports/counters.ts";
import type { SharedState } from "../ports/shared-state.ts";
import type { ErrorStats } from "./error-stats.ts";

const RESET_TOPIC = "stats-reset";
const RESET_TIMEOUT_MS = 2000;

export class ServerStatistics implements Statistics {
  private readonly shared: SharedState;
  private readonly bus: Bus;
  private readonly errorStats: ErrorStats;
  /** Called after this process' row was cleared. */
  onReset: (() => void) | null = null;

  constructor(shared: SharedState, bus: Bus, errorStats: ErrorStats) {
    this.shared = shared;
    this.bus = bus;
    this.errorStats = errorStats;
    bus.on(RESET_TOPIC, () => {
      this.clearOwn();
      return null;
    });
  }

  totals(command: Command): CommandTotals {
    const at = command.id * 4;
    let calls = 0;
    let usec = 0;
    let rejected = 0;
    let failed = 0;
    for (const slot of this.shared.usedSlots()) {
      const stats = this.shared.commandStats(slot);
      calls += stats[at] as number;
      usec += stats[at + 1] as number;
      rejected += stats[at + 2] as number;
      failed += stats[at + 3] as number;
    }
    return { calls, usec: Math.floor(usec), rejected, failed };
  }

  latencies(command: Command): Float64Array | null {
    const cells = new Float64Array(LATENCY_BUCKETS);
    for (const slot of this.shared.usedSlots()) {
      if (this.shared.commandStats(slot)[command.id * 4] === 0) continue;
      addLatencies(cells, this.shared.commandLatency(slot), command.id);
    }
    return cells.some((count) => count > 0) ? cells : null;
  }

  errors(): Array<readonly [code: string, count: number]> {
    return this.errorStats.list();
  }

  async reset(): Promise<void> {
    await this.bus.requestAll(RESET_TOPIC, null, RESET_TIMEOUT_MS);
    const live = new Set(this.shared.liveSlots());
    for (const slot of this.shared.usedSlots()) if (!live.has(slot)) this.clear(slot);
    this.clearOwn();
    Atomics.store(this.shared.words64, SHARED_WORD64.memory_over_total_ms, 0n);
    Atomics.store(this.shared.words64, SHARED_WORD64.stat_reset_ms, BigInt(Date.now()));
    this.errorStats.reset();
  }

  private clearOwn(): void {
    this.clear(this.shared.slot);
    this.onReset?.();
  }

  private clear(slot: number): void {
    const counters = this.shared.counters(slot);
    const kept = KEPT_COUNTERS.map((name) => counters[COUNTER[name]] as number);
    counters.fill(0, GAUGE_COUNT, COUNTER_NAMES.length);
    KEPT_COUNTERS.forEach((name, i) => {
      counters[COUNTER[name]] = kept[i] as number;
    });
    this.shared.commandStats(slot).fill(0);
    this.shared.commandLatency(slot).fill(0);
  }
}
