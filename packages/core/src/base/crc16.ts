/** CRC-16 (CCITT polynomial 0x1021, start 0: "XMODEM") and the hash slot of a key derived from it. */

const table = new Uint16Array(256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  table[byte] = crc;
}

export const HASH_SLOTS = 16384;

export function crc16(buf: Uint8Array, start: number, end: number): number {
  let crc = 0;
  for (let at = start; at < end; at++) {
    crc = ((crc << 8) & 0xffff) ^ (table[(crc >>> 8) ^ (buf[at] as number)] as number);
  }
  return crc;
}

/**
 * The slot (0 to 16383) of the key `buf[start..end)`. Only the hash tag counts when there is one: what lies between the
 * first `{` and the first `}` behind it, unless that is nothing.
 */
export function keyHashSlot(buf: Uint8Array, start: number, end: number): number {
  let open = start;
  while (open < end && buf[open] !== 0x7b) open++;
  let close = open + 1;
  while (close < end && buf[close] !== 0x7d) close++;
  if (close >= end || close === open + 1) return crc16(buf, start, end) & (HASH_SLOTS - 1);
  return crc16(buf, open + 1, close) & (HASH_SLOTS - 1);
}
