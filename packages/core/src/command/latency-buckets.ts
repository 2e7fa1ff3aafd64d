/**
 * How long commands take, in cells: eight per doubling from 256 ns to just over a second, so that a percentile read from
 * them is at most 12 % off. Durations beyond count as the longest, as in Redis.
 */
import { LATENCY_BUCKETS } from "../ports/counters.ts";

/** Exponent of the first divided octave: everything shorter is cell 0. */
const FIRST_OCTAVE = 8;
const LONGEST_NS = 2 ** 30 - 1;

/** The cell of a duration. */
export function latencyBucket(usec: number): number {
  const ns = usec >= 1_000_000 ? LONGEST_NS : (usec * 1000) | 0;
  if (ns < 256) return 0;
  const octave = 31 - Math.clz32(ns);
  return (octave - FIRST_OCTAVE) * 8 + ((ns >>> (octave - 3)) & 7) + 1;
}

/** The longest duration that falls into a cell, nanoseconds. */
export function latencyBucketTop(bucket: number): number {
  if (bucket === 0) return 255;
  const octave = FIRST_OCTAVE + ((bucket - 1) >> 3);
  return 2 ** octave * (1 + (((bucket - 1) & 7) + 1) / 8) - 1;
}

/** Adds one command's cells of a process' table to `sum`. */
export function addLatencies(sum: Float64Array, table: Uint32Array, commandId: number): void {
  const first = commandId * LATENCY_BUCKETS;
  for (let i = 0; i < LATENCY_BUCKETS; i++) sum[i] = (sum[i] as number) + (table[first + i] as number);
}

/** Duration that `percentile` percent of the calls did not pass, microseconds; 0 without calls. */
export function latencyPercentile(cells: Float64Array, percentile: number): number {
  let total = 0;
  for (const count of cells) total += count;
  const wanted = Math.max(1, Math.ceil((Math.min(percentile, 100) / 100) * total));
  let seen = 0;
  for (let i = 0; i < cells.length; i++) {
    seen += cells[i] as number;
    if (seen >= wanted && total > 0) return latencyBucketTop(i) / 1000;
  }
  return 0;
}

/** Cumulative counts at 1.024 us and each doubling of it: LATENCY HISTOGRAM's steps, as [microseconds, calls] pairs. */
export function latencySteps(cells: Float64Array): Array<readonly [usec: number, calls: number]> {
  const steps: Array<readonly [number, number]> = [];
  let seen = 0;
  let shown = 0;
  let i = 0;
  for (let octave = FIRST_OCTAVE + 1; i < cells.length; octave++) {
    for (const end = (octave - FIRST_OCTAVE + 1) * 8 + 1; i < end; i++) seen += cells[i] as number;
    if (seen === shown) continue;
    steps.push([stepLabel(octave + 1), seen]);
    shown = seen;
  }
  return steps;
}

/** Redis labels a step with the largest value that its histogram cannot tell from the power of two (two digits). */
function stepLabel(exponent: number): number {
  const ns = 2 ** exponent;
  return Math.floor((ns + ns / 128 - 1) / 1000);
}
