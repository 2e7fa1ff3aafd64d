/** Sizes the way INFO prints them in its `_human` fields. */

const UNITS = ["K", "M", "G", "T", "P"] as const;

/**
 * `512B`, `1.00K`, `2.50M`: two decimals, ties to even as printf rounds (`toFixed` would round them up), up to
 * petabytes; beyond, plain bytes again.
 */
export function bytesToHuman(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`;
  let size = 1024;
  for (const unit of UNITS) {
    if (bytes < size * 1024) return twoDecimals(bytes, size) + unit;
    size *= 1024;
  }
  return `${BigInt(bytes)}B`;
}

/** `value / unit` for integers, rounded to hundredths. */
function twoDecimals(value: number, unit: number): string {
  const scaled = BigInt(value) * 100n;
  const divisor = BigInt(unit);
  let hundredths = scaled / divisor;
  const twice = (scaled % divisor) * 2n;
  if (twice > divisor || (twice === divisor && hundredths % 2n === 1n)) hundredths++;
  return `${hundredths / 100n}.${String(hundredths % 100n).padStart(2, "0")}`;
}
