/**
 * BITFIELD: integers of 1 to 64 bits (unsigned: 63) at any bit offset of a byte buffer, most significant bit first.
 * Values are numbers while they are safe integers and bigints beyond, in both directions.
 */

export type BitfieldOverflow = "wrap" | "sat" | "fail";

export type BitfieldType = { readonly signed: boolean; readonly bits: number };

/** A 64-bit integer: a number when it is a safe integer, else a bigint. */
export type Int64 = number | bigint;

/** What SET and INCRBY did. `reply` is null when `fail` refused an overflow; `changed` tells if the value differs. */
export type BitfieldResult = { reply: Int64 | null; changed: boolean };

/** Up to this width all intermediate sums are exact as numbers, also with an increment of 2^52. */
const NUMBER_BITS = 52;
const NUMBER_LIMIT = 2 ** 52;

/** `i1` to `i64` or `u1` to `u63` in `buf[start..end)`, or null. */
export function parseBitfieldType(buf: Uint8Array, start: number, end: number): BitfieldType | null {
  const kind = buf[start];
  const signed = kind === 0x69;
  if ((!signed && kind !== 0x75) || end - start < 2 || end - start > 3 || buf[start + 1] === 0x30) return null;
  let bits = 0;
  for (let at = start + 1; at < end; at++) {
    const digit = (buf[at] as number) - 0x30;
    if (digit < 0 || digit > 9) return null;
    bits = bits * 10 + digit;
  }
  return bits > (signed ? 64 : 63) ? null : { signed, bits };
}

/** Reads a field; bits at and behind `length` bytes are 0. */
export function bitfieldGet(buf: Uint8Array, length: number, offset: number, type: BitfieldType): Int64 {
  const { bits, signed } = type;
  if (bits > NUMBER_BITS) {
    const high = getBits(buf, length, offset, bits - 32);
    const value = (BigInt(high) << 32n) | BigInt(getBits(buf, length, offset + bits - 32, 32));
    return narrow(signed ? BigInt.asIntN(bits, value) : value);
  }
  const value = getBits(buf, length, offset, bits);
  return signed && value >= 2 ** (bits - 1) ? value - 2 ** bits : value;
}

/** Replies the old value. The buffer must reach to the last bit of the field. */
export function bitfieldSet(
  buf: Uint8Array,
  offset: number,
  type: BitfieldType,
  value: Int64,
  overflow: BitfieldOverflow,
): BitfieldResult {
  const old = bitfieldGet(buf, buf.length, offset, type);
  const fitted = fit(value, type, overflow, setsAbove(value, type));
  if (fitted === null) return { reply: null, changed: false };
  putField(buf, offset, type.bits, fitted);
  return { reply: old, changed: old !== fitted };
}

/** Replies the new value. The buffer must reach to the last bit of the field. */
export function bitfieldIncrBy(
  buf: Uint8Array,
  offset: number,
  type: BitfieldType,
  increment: Int64,
  overflow: BitfieldOverflow,
): BitfieldResult {
  const old = bitfieldGet(buf, buf.length, offset, type);
  const exact =
    typeof old === "number" &&
    typeof increment === "number" &&
    Math.abs(old) <= NUMBER_LIMIT &&
    Math.abs(increment) <= NUMBER_LIMIT;
  const sum = exact ? (old as number) + (increment as number) : narrow(BigInt(old) + BigInt(increment));
  const fitted = fit(sum, type, overflow, sum > maxOf(type));
  if (fitted === null) return { reply: null, changed: false };
  putField(buf, offset, type.bits, fitted);
  return { reply: fitted, changed: old !== fitted };
}

function narrow(value: bigint): Int64 {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}

function maxOf({ signed, bits }: BitfieldType): Int64 {
  const width = signed ? bits - 1 : bits;
  return width <= NUMBER_BITS ? 2 ** width - 1 : (1n << BigInt(width)) - 1n;
}

function minOf({ signed, bits }: BitfieldType): Int64 {
  if (!signed) return 0;
  return bits <= NUMBER_BITS ? -(2 ** (bits - 1)) : -(1n << BigInt(bits - 1));
}

/**
 * On which side SET's value is out of range, true for above. Redis takes the value of an unsigned field as a uint64, so
 * all negative ones are above; and for a signed field the distance to the maximum is an int64 that wraps, so values far
 * below the minimum count as above too. Only `sat` shows it.
 */
function setsAbove(value: Int64, type: BitfieldType): boolean {
  if (!type.signed) return value < 0 || value > maxOf(type);
  return value > maxOf(type) || (type.bits < 64 && BigInt(maxOf(type)) - BigInt(value) > 0x7fff_ffff_ffff_ffffn);
}

/** The value to store, or null when it does not fit and must fail. `above`: an overflow is at the upper end. */
function fit(value: Int64, type: BitfieldType, overflow: BitfieldOverflow, above: boolean): Int64 | null {
  if (value <= maxOf(type) && value >= minOf(type)) return value;
  if (overflow === "fail") return null;
  if (overflow === "sat") return canonical(above ? maxOf(type) : minOf(type));
  const wide = BigInt(value);
  return narrow(type.signed ? BigInt.asIntN(type.bits, wide) : BigInt.asUintN(type.bits, wide));
}

function canonical(value: Int64): Int64 {
  return typeof value === "bigint" ? narrow(value) : value;
}

/** Up to 52 bits as a number. */
function getBits(buf: Uint8Array, length: number, offset: number, bits: number): number {
  let value = 0;
  let at = Math.floor(offset / 8);
  let skip = offset % 8;
  for (let left = bits; left > 0; at++) {
    const take = Math.min(8 - skip, left);
    const byte = at < length ? (buf[at] as number) : 0;
    value = value * (1 << take) + ((byte >> (8 - skip - take)) & ((1 << take) - 1));
    left -= take;
    skip = 0;
  }
  return value;
}

function putField(buf: Uint8Array, offset: number, bits: number, value: Int64): void {
  if (bits <= NUMBER_BITS) {
    const n = Number(value);
    putBits(buf, offset, bits, n < 0 ? n + 2 ** bits : n);
    return;
  }
  const wide = BigInt.asUintN(bits, BigInt(value));
  putBits(buf, offset, bits - 32, Number(wide >> 32n));
  putBits(buf, offset + bits - 32, 32, Number(wide & 0xffff_ffffn));
}

/** Writes up to 52 bits of a non-negative number, from the last byte backwards. */
function putBits(buf: Uint8Array, offset: number, bits: number, value: number): void {
  let rest = value;
  let end = offset + bits;
  for (let left = bits; left > 0; ) {
    const at = Math.floor((end - 1) / 8);
    const low = (at + 1) * 8 - end;
    const take = Math.min(8 - low, left);
    const size = 1 << take;
    const upper = Math.floor(rest / size);
    const part = rest - upper * size;
    const mask = (size - 1) << low;
    buf[at] = ((buf[at] as number) & ~mask) | (part << low);
    rest = upper;
    end -= take;
    left -= take;
  }
}
