/**
 * Numbers as Redis reads them from configuration: string2ll, strtoll, memtoull and their printed forms. Values are
 * bigint because limits go up to 2^64 - 1 and must be printed back exactly.
 */

export const INT_MAX = 2147483647n;
export const INT_MIN = -2147483648n;
export const UINT_MAX = 4294967295n;
export const LONG_MAX = 9223372036854775807n;
export const LONG_MIN = -9223372036854775808n;
export const ULONG_MAX = 18446744073709551615n;

/** A 64-bit signed integer without any decoration (no plus sign, blanks or leading zeros); null when it is not one. */
export function parseStrictInteger(text: string): bigint | null {
  if (!/^(0|-?[1-9][0-9]{0,18})$/.test(text)) return null;
  const value = BigInt(text);
  return value > LONG_MAX || value < LONG_MIN ? null : value;
}

/**
 * strtoll of a whole text: blanks and a sign may lead, out of range saturates, an empty text is 0; null when anything
 * else follows.
 */
export function parseLooseInteger(text: string, base: 8 | 10): bigint | null {
  if (text === "") return 0n;
  const match = /^[ \t\n\v\f\r]*([+-]?)([0-9]+)$/.exec(text);
  const digits = match?.[2];
  if (digits === undefined || (base === 8 && /[89]/.test(digits))) return null;
  const magnitude = BigInt(base === 8 ? `0o${digits}` : digits);
  const value = match?.[1] === "-" ? -magnitude : magnitude;
  return value > LONG_MAX ? LONG_MAX : value < LONG_MIN ? LONG_MIN : value;
}

const UNITS: Readonly<Record<string, bigint>> = {
  "": 1n,
  b: 1n,
  k: 1000n,
  kb: 1024n,
  m: 1000n ** 2n,
  mb: 1024n ** 2n,
  g: 1000n ** 3n,
  gb: 1024n ** 3n,
};

/**
 * An amount of memory such as 64mb, as an unsigned 64-bit count of bytes; null when it is not one. Like memtoull it
 * takes a unit without digits as 0, saturates the digits and wraps the product.
 */
export function parseMemory(text: string): bigint | null {
  const match = /^([0-9]*)([A-Za-z]*)$/.exec(text);
  const digits = match?.[1];
  const unit = UNITS[match?.[2]?.toLowerCase() ?? "?"];
  if (digits === undefined || unit === undefined || digits.length >= 128) return null;
  const count = digits === "" ? 0n : BigInt(digits);
  return BigInt.asUintN(64, (count > ULONG_MAX ? ULONG_MAX : count) * unit);
}

/** Bytes in the largest unit that divides them, for configuration files. */
export function formatMemory(bytes: bigint): string {
  if (bytes !== 0n) {
    for (const unit of ["gb", "mb", "kb"]) {
      const size = UNITS[unit] as bigint;
      if (bytes % size === 0n) return `${bytes / size}${unit}`;
    }
  }
  return `${bytes}`;
}
