/** Strings that hold numbers: INCRBY and INCRBYFLOAT. */
import { INCREMENT_OVERFLOW, NAN_OR_INFINITY, NOT_A_FLOAT, NOT_AN_INTEGER } from "../base/errors.ts";
import { addLongDouble, formatLongDouble, parseLongDouble, sumShortDecimals } from "../base/long-double.ts";
import { INT64_MAX, INT64_MIN, parseInt64, parseSafeInt, writeBigint, writeInt } from "../base/numbers.ts";
import { ENCODING_ID, TYPE_ID } from "../codec/format.ts";
import { type Entry, NO_EXPIRY } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { textEncoding } from "./string.ts";

const ZERO = Buffer.from("0");

/**
 * Adds to the integer that a key holds; a missing key counts as 0. `old` is what `find` just returned. Returns the sum, a
 * number when that is exact. Throws NOT_AN_INTEGER and INCREMENT_OVERFLOW before anything is written.
 */
export function stringIncrBy(
  keyspace: Keyspace,
  db: number,
  kb: Buffer,
  ks: number,
  ke: number,
  old: Entry | null,
  increment: number | bigint,
): number | bigint {
  const sum = addInteger(keyspace, old, increment);
  const expireAtMs = old === null ? NO_EXPIRY : old.expireAtMs;
  const p = keyspace.startRecord(kb, ks, ke, old, TYPE_ID.string, ENCODING_ID.int, expireAtMs);
  const put = keyspace.store.putBuffer;
  const end = typeof sum === "number" ? writeInt(put, p, sum) : writeBigint(put, p, sum);
  keyspace.endRecord(db, kb, ks, ke, old, expireAtMs, end);
  return sum;
}

function addInteger(keyspace: Keyspace, old: Entry | null, increment: number | bigint): number | bigint {
  if (old === null) return increment;
  if (old.generation !== 0) throw NOT_AN_INTEGER;
  const value = keyspace.store.valueBuffer;
  if (typeof increment === "number") {
    // No bigint as long as both and the sum are safe integers. NaN is never one.
    const sum = parseSafeInt(value, old.payloadStart, old.payloadEnd) + increment;
    if (Number.isSafeInteger(sum)) return sum;
  }
  const base = parseInt64(value, old.payloadStart, old.payloadEnd);
  if (base === null) throw NOT_AN_INTEGER;
  const sum = base + BigInt(increment);
  if (sum > INT64_MAX || sum < INT64_MIN) throw INCREMENT_OVERFLOW;
  return sum;
}

/**
 * Adds the number in `ib[is..ie)` to the one that a key holds, as Redis does with 80-bit floats. `old` is what `find`
 * just returned. Returns the sum's text. Throws NOT_A_FLOAT and NAN_OR_INFINITY before anything is written.
 */
export function stringIncrByFloat(
  keyspace: Keyspace,
  db: number,
  kb: Buffer,
  ks: number,
  ke: number,
  old: Entry | null,
  ib: Buffer,
  is: number,
  ie: number,
): string {
  if (old !== null && old.generation !== 0) throw NOT_A_FLOAT;
  const text =
    old === null
      ? sumFloats(ZERO, 0, 1, ib, is, ie)
      : sumFloats(keyspace.store.valueBuffer, old.payloadStart, old.payloadEnd, ib, is, ie);
  const expireAtMs = old === null ? NO_EXPIRY : old.expireAtMs;
  const p = keyspace.startRecord(kb, ks, ke, old, TYPE_ID.string, textEncoding(text.length), expireAtMs);
  const end = p + keyspace.store.putBuffer.latin1Write(text, p);
  keyspace.endRecord(db, kb, ks, ke, old, expireAtMs, end);
  return text;
}

function sumFloats(a: Buffer, aStart: number, aEnd: number, b: Buffer, bStart: number, bEnd: number): string {
  const short = sumShortDecimals(a, aStart, aEnd, b, bStart, bEnd);
  if (short !== null) return short;
  const x = parseLongDouble(a, aStart, aEnd);
  const y = parseLongDouble(b, bStart, bEnd);
  if (x === null || y === null) throw NOT_A_FLOAT;
  const sum = addLongDouble(x, y);
  if (sum.kind !== "finite") throw NAN_OR_INFINITY;
  return formatLongDouble(sum);
}
