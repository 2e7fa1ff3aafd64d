/** LATENCY GRAPH: the samples of an event as columns of text, oldest on the left, their age below. */
import type { LatencySeries } from "../../command/introspection.ts";

const COLUMNS = 80;
const ROWS = 4;
/** A column's tip inside its topmost row, from low to high. */
const TIPS = "_o#";

export function latencyGraph({ event, samples, highestMs }: LatencySeries, nowSeconds: number): string {
  const values = samples.map((sample) => sample.ms);
  const high = Math.max(...values);
  const low = Math.min(...values);
  let text = `${event} - high ${high} ms, low ${low} ms (all time high ${highestMs} ms)\n${"-".repeat(COLUMNS)}\n`;
  for (let first = 0; first < samples.length; first += COLUMNS) {
    const part = samples.slice(first, first + COLUMNS);
    const levels = part.map(({ ms }) => levelOf(ms, low, high));
    for (let row = ROWS - 1; row >= 0; row--) {
      text += `${levels.map((level) => cell(level, row)).join("")}\n`;
    }
    text += `\n${verticalLabels(part.map(({ unixSeconds }) => age(nowSeconds - unixSeconds)))}`;
  }
  return text;
}

/** Height of a column in tips: 0 for the lowest sample, the top of the last row for the highest. */
function levelOf(ms: number, low: number, high: number): number {
  const steps = ROWS * TIPS.length - 1;
  return high === low ? 0 : Math.round(((ms - low) / (high - low)) * steps);
}

function cell(level: number, row: number): string {
  const top = Math.floor(level / TIPS.length);
  if (row > top) return " ";
  return row < top ? "|" : (TIPS[level % TIPS.length] ?? " ");
}

function age(seconds: number): string {
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86400)}d`;
}

/** Each label is written downwards below its column. */
function verticalLabels(labels: readonly string[]): string {
  const height = Math.max(...labels.map((label) => label.length));
  let text = "";
  for (let line = 0; line < height; line++) text += `${labels.map((label) => label[line] ?? " ").join("")}\n`;
  return text;
}
