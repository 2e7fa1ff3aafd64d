/**
 * CRC-64 with the Jones polynomial, reflected, start 0 and no final xor: the checksum of RDB files and DUMP payloads.
 * Eight bytes a step over eight tables ("slicing by 8"), the 64-bit state in two 32-bit halves.
 */

/** The Jones polynomial 0xad93d23594c935a9, bits reversed. */
const REFLECTED_HIGH = 0x95ac9329;
const REFLECTED_LOW = 0xac4bc9b5;

/** tableX[k * 256 + b]: what byte b contributes once k more zero bytes have followed it. */
const tableHigh = new Int32Array(8 * 256);
const tableLow = new Int32Array(8 * 256);

for (let byte = 0; byte < 256; byte++) {
  let high = 0;
  let low = byte;
  for (let bit = 0; bit < 8; bit++) {
    const odd = low & 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (odd === 1) {
      high ^= REFLECTED_HIGH;
      low ^= REFLECTED_LOW;
    }
  }
  tableHigh[byte] = high;
  tableLow[byte] = low;
}
for (let i = 256; i < 8 * 256; i++) {
  const high = tableHigh[i - 256] as number;
  const low = tableLow[i - 256] as number;
  tableHigh[i] = (high >>> 8) ^ (tableHigh[low & 0xff] as number);
  tableLow[i] = (low >>> 8) ^ (high << 24) ^ (tableLow[low & 0xff] as number);
}

/** The checksum of bytes given piece by piece. */
export class Crc64 {
  #high: number;
  #low: number;

  /** `initial` goes on from the checksum of earlier bytes. */
  constructor(initial = 0n) {
    this.#high = Number((initial >> 32n) & 0xffff_ffffn) | 0;
    this.#low = Number(initial & 0xffff_ffffn) | 0;
  }

  update(buf: Uint8Array, start: number, end: number): void {
    const th = tableHigh;
    const tl = tableLow;
    let high = this.#high;
    let low = this.#low;
    let at = start;
    for (; at + 8 <= end; at += 8) {
      low ^=
        (buf[at] as number) |
        ((buf[at + 1] as number) << 8) |
        ((buf[at + 2] as number) << 16) |
        ((buf[at + 3] as number) << 24);
      high ^=
        (buf[at + 4] as number) |
        ((buf[at + 5] as number) << 8) |
        ((buf[at + 6] as number) << 16) |
        ((buf[at + 7] as number) << 24);
      const a = 1792 + (low & 0xff);
      const b = 1536 + ((low >>> 8) & 0xff);
      const c = 1280 + ((low >>> 16) & 0xff);
      const d = 1024 + (low >>> 24);
      const e = 768 + (high & 0xff);
      const f = 512 + ((high >>> 8) & 0xff);
      const g = 256 + ((high >>> 16) & 0xff);
      const h = high >>> 24;
      high =
        (th[a] as number) ^
        (th[b] as number) ^
        (th[c] as number) ^
        (th[d] as number) ^
        (th[e] as number) ^
        (th[f] as number) ^
        (th[g] as number) ^
        (th[h] as number);
      low =
        (tl[a] as number) ^
        (tl[b] as number) ^
        (tl[c] as number) ^
        (tl[d] as number) ^
        (tl[e] as number) ^
        (tl[f] as number) ^
        (tl[g] as number) ^
        (tl[h] as number);
    }
    for (; at < end; at++) {
      const index = (low ^ (buf[at] as number)) & 0xff;
      low = (low >>> 8) ^ (high << 24) ^ (tl[index] as number);
      high = (high >>> 8) ^ (th[index] as number);
    }
    this.#high = high;
    this.#low = low;
  }

  get value(): bigint {
    return (BigInt(this.#high >>> 0) << 32n) | BigInt(this.#low >>> 0);
  }

  /** Writes the checksum as 8 bytes, little-endian, as RDB files and DUMP payloads end. */
  write(buf: Uint8Array, pos: number): void {
    for (let i = 0; i < 4; i++) {
      buf[pos + i] = this.#low >>> (8 * i);
      buf[pos + 4 + i] = this.#high >>> (8 * i);
    }
  }
}

/** The checksum of `buf[start..end)`, going on from `initial`. */
export function crc64(buf: Uint8Array, start = 0, end = buf.length, initial = 0n): bigint {
  const crc = new Crc64(initial);
  crc.update(buf, start, end);
  return crc.value;
}
