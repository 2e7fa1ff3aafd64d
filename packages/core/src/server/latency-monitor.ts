/**
 * Latency events: when something took at least `latency-monitor-threshold` milliseconds. Each process writes the samples
 * of its own into its row of shared memory (at most one per event and second, the longest); readers merge the rows, so
 * samples outlive the process that made them.
 */
import type { LatencyMonitor, LatencySample, LatencySeries } from "../command/introspection.ts";
import type { Config } from "../ports/config.ts";
import { LATENCY_EVENT_WORDS, LATENCY_EVENTS, LATENCY_SAMPLES, type LatencyEvent } from "../ports/counters.ts";
import type { SharedState } from "../ports/shared-state.ts";

export class ServerLatencyMonitor implements LatencyMonitor {
  thresholdMs = Number.POSITIVE_INFINITY;
  private readonly shared: SharedState;
  private readonly own: Uint32Array;

  constructor(config: Config, shared: SharedState) {
    this.shared = shared;
    this.own = shared.latencyEvents(shared.slot);
    const apply = (): void => {
      const ms = config.number("latency-monitor-threshold");
      this.thresholdMs = ms > 0 ? ms : Number.POSITIVE_INFINITY;
    };
    apply();
    config.onChange("latency-monitor-threshold", apply);
  }

  note(event: LatencyEvent, ms: number): void {
    const whole = Math.floor(ms);
    if (whole < this.thresholdMs) return;
    const { own } = this;
    const at = LATENCY_EVENTS.indexOf(event) * LATENCY_EVENT_WORDS;
    const now = Math.floor(Date.now() / 1000);
    if (whole > (own[at] as number)) own[at] = whole;
    const index = own[at + 1] as number;
    const last = at + 2 + 2 * ((index + LATENCY_SAMPLES - 1) % LATENCY_SAMPLES);
    if (own[last] === now) {
      if (whole > (own[last + 1] as number)) own[last + 1] = whole;
      return;
    }
    own[at + 2 + 2 * index] = now;
    own[at + 3 + 2 * index] = whole;
    own[at + 1] = (index + 1) % LATENCY_SAMPLES;
  }

  series(event: string): LatencySeries | null {
    const row = (LATENCY_EVENTS as readonly string[]).indexOf(event);
    return row < 0 ? null : this.read(row);
  }

  all(): LatencySeries[] {
    return LATENCY_EVENTS.map((_, row) => this.read(row)).filter((series) => series !== null);
  }

  private read(row: number): LatencySeries | null {
    const longest = new Map<number, number>();
    let highestMs = 0;
    const at = row * LATENCY_EVENT_WORDS;
    for (const slot of this.shared.usedSlots()) {
      const words = this.shared.latencyEvents(slot);
      highestMs = Math.max(highestMs, words[at] as number);
      if (words[at] === 0) continue;
      for (let i = at + 2; i < at + LATENCY_EVENT_WORDS; i += 2) {
        const second = words[i] as number;
        if (second !== 0) longest.set(second, Math.max(longest.get(second) ?? 0, words[i + 1] as number));
      }
    }
    const samples: LatencySample[] = [...longest]
      .sort(([a], [b]) => a - b)
      .slice(-LATENCY_SAMPLES)
      .map(([unixSeconds, ms]) => ({ unixSeconds, ms }));
    return samples.length === 0 ? null : { event: LATENCY_EVENTS[row] as string, samples, highestMs };
  }

  reset(event: string | null): number {
    const series = event === null ? this.all() : [this.series(event)];
    let count = 0;
    for (const one of series) {
      if (one === null) continue;
      count++;
      const at = (LATENCY_EVENTS as readonly string[]).indexOf(one.event) * LATENCY_EVENT_WORDS;
      for (const slot of this.shared.usedSlots()) {
        const words = this.shared.latencyEvents(slot);
        if (words[at] !== 0) words.fill(0, at, at + LATENCY_EVENT_WORDS);
      }
    }
    return count;
  }
}
