/** INFO commandstats, errorstats and latencystats. */
import { latencyPercentile } from "../command/latency-buckets.ts";
import type { InfoParts } from "./info-fields.ts";

/** Characters that would break a line of INFO become '_', as in Redis' getSafeInfoString. */
function safeName(name: string): string {
  return name.replace(/[#:\n\r]/g, "_");
}

export function commandStatLines({ registry, statistics }: InfoParts): string {
  const lines: string[] = [];
  for (const command of registry.byId) {
    const { calls, usec, rejected, failed } = statistics.totals(command);
    if (calls === 0 && rejected === 0 && failed === 0) continue;
    const perCall = (calls === 0 ? 0 : usec / calls).toFixed(2);
    lines.push(
      `cmdstat_${safeName(command.fullName)}:calls=${calls},usec=${usec},usec_per_call=${perCall},rejected_calls=${rejected},failed_calls=${failed}\r\n`,
    );
  }
  return lines.join("");
}

export function errorStatLines({ statistics }: InfoParts): string {
  return statistics
    .errors()
    .map(([code, count]) => `errorstat_${safeName(code)}:count=${count}\r\n`)
    .join("");
}

export function latencyStatLines({ config, registry, statistics }: InfoParts): string {
  if (!config.boolean("latency-tracking")) return "";
  const percentiles = config.percentiles();
  const lines: string[] = [];
  for (const command of registry.byId) {
    const cells = statistics.latencies(command);
    if (cells === null) continue;
    const values = percentiles.map((p) => `p${trimmed(p)}=${latencyPercentile(cells, p).toFixed(3)}`);
    lines.push(`latency_percentiles_usec_${safeName(command.fullName)}:${values.join(",")}\r\n`);
  }
  return lines.join("");
}

/** A percentile with at most six decimals, without trailing zeros. */
function trimmed(percentile: number): string {
  return String(Number(percentile.toFixed(6)));
}
