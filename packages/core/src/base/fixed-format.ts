/** Doubles with a fixed number of digits behind the point, as the geo commands reply them. */

/**
 * C's `%.17f` without the zeros at the end (Redis' LD_STR_HUMAN): exact digits, halfway cases to the even one. For
 * numbers below 10^21.
 */
export function formatFixed17(value: number): string {
  // Exact as it stands: a double below 1 in a thousand has no more digits that matter here.
  const exact = value.toFixed(80);
  const point = exact.indexOf(".");
  const rest = exact.slice(point + 18);
  const isEven = (exact.charCodeAt(point + 17) - 48) % 2 === 0;
  const text = /^50*$/.test(rest) && isEven ? exact.slice(0, point + 18) : value.toFixed(17);
  const short = text.replace(/\.?0+$/, "");
  return short === "-0" ? "0" : short;
}

/** Four digits, halfway cases to the even one as the processor rounds; the number must stay below 2^53 / 10^4. */
export function formatFixed4(value: number): string {
  const scaled = value * 10000;
  const floor = Math.floor(scaled);
  const above = scaled - floor;
  const whole = above > 0.5 || (above === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
  const digits = String(Math.abs(whole)).padStart(5, "0");
  return `${whole < 0 ? "-" : ""}${digits.slice(0, -4)}.${digits.slice(-4)}`;
}
