/** C's `%.<precision>g`. */

/** Decimal digits and exponent of a finite number, rounded to `precision` digits, ties to even as C does. */
function round(value: number, precision: number): { digits: string; exponent: number } {
  const [mantissa = "", exponent = ""] = value.toExponential(precision - 1).split("e");
  const digits = mantissa.replace(".", "");
  // JavaScript rounds an exact tie away from zero.
  const exact =
    value
      .toExponential(Math.min(100, precision + 40))
      .split("e")[0]
      ?.replace(".", "") ?? "";
  const isTie = exact[precision] === "5" && /^0*$/.test(exact.slice(precision + 1));
  if (isTie && exact.slice(0, precision) !== digits && Number(exact[precision - 1]) % 2 === 0) {
    return { digits: exact.slice(0, precision), exponent: Number(value.toExponential(100).split("e")[1]) };
  }
  return { digits, exponent: Number(exponent) };
}

export function formatGeneral(value: number, precision: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 10 ** precision) return Object.is(value, -0) ? "-0" : String(value);
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const sign = value < 0 ? "-" : "";
  const { digits, exponent } = round(Math.abs(value), precision);
  const significant = digits.replace(/0+$/, "") || "0";
  if (exponent < -4 || exponent >= precision) {
    const fraction = significant.length > 1 ? `.${significant.slice(1)}` : "";
    const magnitude = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${significant[0]}${fraction}e${exponent < 0 ? "-" : "+"}${magnitude}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${significant}`;
  const whole = significant.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const fraction = significant.slice(exponent + 1);
  return `${sign}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
