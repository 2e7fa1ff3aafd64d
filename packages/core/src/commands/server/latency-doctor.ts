/** LATENCY DOCTOR: what the latency events tell, in plain words, with advice per kind of event. */
import type { LatencySeries } from "../../command/introspection.ts";
import type { LatencyEvent } from "../../ports/counters.ts";

const ADVICE: Partial<Record<LatencyEvent, string>> = {
  command:
    "Slow commands: look at SLOWLOG GET. Commands that walk over many elements (KEYS, large ranges, set operations) can be replaced by their SCAN forms or made smaller.",
  "fast-command":
    "Even commands of constant cost were slow: the machine or the process was busy with something else. Look at CPU use, swapping, and other programs on the same cores.",
  "expire-cycle": "Many keys become due at the same moment: spread their expiry by adding some random seconds.",
  "eviction-cycle": "Data is evicted to stay below maxmemory: raise maxmemory, or write less at a time.",
  "reclaim-cycle": "Large values are freed in the background: delete them in smaller parts if it disturbs.",
  "lock-wait":
    "A process waited for the write lock while another one was writing: keep transactions and scripts that write short, and pipelines of writes small.",
  "storage-commit": "Commits to the store were slow: look at disk and memory pressure (dirty pages, swapping).",
};

export function latencyReport(all: readonly LatencySeries[], isMonitoring: boolean): string {
  if (!isMonitoring && all.length === 0) {
    return "Latency monitoring is off, so there is nothing to tell. Turn it on with CONFIG SET latency-monitor-threshold <milliseconds>.\n";
  }
  if (all.length === 0) return "No event took longer than latency-monitor-threshold: nothing to worry about.\n";
  const lines = all.map((series, i) => `${i + 1}. ${describe(series)}`);
  const advice = all.map(({ event }) => ADVICE[event as LatencyEvent]).filter((text) => text !== undefined);
  return `Events that took longer than latency-monitor-threshold:\n\n${lines.join("\n")}\n\n${advice.map((text) => `- ${text}\n`).join("")}`;
}

function describe({ event, samples, highestMs }: LatencySeries): string {
  const values = samples.map((sample) => sample.ms);
  const mean = values.reduce((sum, ms) => sum + ms, 0) / values.length;
  const deviation = values.reduce((sum, ms) => sum + Math.abs(ms - mean), 0) / values.length;
  const first = samples[0]?.unixSeconds ?? 0;
  const last = samples.at(-1)?.unixSeconds ?? 0;
  const period = values.length > 1 ? ` One every ${((last - first) / (values.length - 1)).toFixed(1)} seconds.` : "";
  return `${event}: ${values.length} samples, ${mean.toFixed(0)} ms on average (mean deviation ${deviation.toFixed(0)} ms), ${Math.max(...values)} ms at most (ever: ${highestMs} ms).${period}`;
}
