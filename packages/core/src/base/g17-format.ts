/**
 * Doubles as C's `%.17g` prints them: 17 significant digits, halfway cases to the even digit, no trailing zeros. Redis
 * uses it where it prints a double as a long double (ZSCAN).
 */
const DIGITS = 17;

/** `x` with 17 significant digits in scientific notation, correctly rounded. */
function roundedDigits(x: number): string {
  const text = x.toExponential(DIGITS - 1);
  // JavaScript rounds halfway cases up. Exact digits tell whether this was one: more than 17, and a lone 5 behind them.
  const exact = x.toExponential(60);
  const point = exact.indexOf("e");
  const rest = exact.slice(DIGITS + 1, point);
  if (!/^50*$/.test(rest)) return text;
  const last = (exact.charCodeAt(DIGITS) - 48) % 2;
  return last === 0 ? exact.slice(0, DIGITS + 1) + exact.slice(point) : text;
}

function withoutZeros(digits: string): string {
  return digits.includes(".") ? digits.replace(/\.?0*$/, "") : digits;
}

export function formatG17(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const sign = value < 0 ? "-" : "";
  const [mantissa = "", power = ""] = roundedDigits(Math.abs(value)).split("e");
  const exponent = Number(power);
  const digits = mantissa.replace(".", "");
  if (exponent < -4 || exponent >= DIGITS) {
    const size = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${withoutZeros(mantissa)}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  if (exponent < 0) return `${sign}0.${withoutZeros(`.${"0".repeat(-exponent - 1)}${digits}`).slice(1)}`;
  return sign + withoutZeros(`${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`);
}
