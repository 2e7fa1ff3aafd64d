/**
 * Reading strings as bits: bit 0 is the most significant bit of byte 0. Large values are worked through chunk by chunk.
 * Entries are what a lookup just returned.
 */
import { findBit, popcountBits } from "../base/bits.ts";
import type { Entry } from "../codec/record.ts";
import { CHUNK_BYTES } from "../keyspace/chunks.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { stringLength } from "./string.ts";

const CHUNK_BITS = CHUNK_BYTES * 8;

/** Bit `offset` of a string; 0 behind its end. O(1). */
export function stringBit(keyspace: Keyspace, entry: Entry, offset: number): number {
  const byte = Math.floor(offset / 8);
  if (byte >= stringLength(entry)) return 0;
  let at = entry.payloadStart + byte;
  if (entry.generation !== 0) {
    const index = Math.floor(byte / CHUNK_BYTES);
    const there = keyspace.store.get(keyspace.codec.chunkRow(entry.generation, index));
    at = byte - index * CHUNK_BYTES;
    if (at >= there) return 0;
  }
  return ((keyspace.store.valueBuffer[at] as number) >> (7 - (offset % 8))) & 1;
}

/** The number of set bits among the bits `first..last`, both inclusive and inside the string. O(range). */
export function countStringBits(keyspace: Keyspace, entry: Entry, first: number, last: number): number {
  const { store, codec } = keyspace;
  const value = store.valueBuffer;
  if (entry.generation === 0) {
    const base = entry.payloadStart * 8;
    return popcountBits(value, base + first, base + last);
  }
  let count = 0;
  for (let index = Math.floor(first / CHUNK_BITS); index * CHUNK_BITS <= last; index++) {
    const base = index * CHUNK_BITS;
    const there = store.get(codec.chunkRow(entry.generation, index));
    if (there > 0) count += popcountBits(value, Math.max(0, first - base), Math.min(last - base, there * 8 - 1));
  }
  return count;
}

/** The first bit equal to `bit` among the bits `first..last`, both inclusive and inside the string, or -1. O(range). */
export function findStringBit(keyspace: Keyspace, entry: Entry, first: number, last: number, bit: 0 | 1): number {
  const { store, codec } = keyspace;
  const value = store.valueBuffer;
  if (entry.generation === 0) {
    const base = entry.payloadStart * 8;
    const found = findBit(value, base + first, base + last, bit);
    return found < 0 ? found : found - base;
  }
  for (let index = Math.floor(first / CHUNK_BITS); index * CHUNK_BITS <= last; index++) {
    const base = index * CHUNK_BITS;
    const from = Math.max(0, first - base);
    const to = Math.min(last - base, CHUNK_BITS - 1);
    // Behind what the chunk holds there are zero bytes.
    const there = Math.max(0, store.get(codec.chunkRow(entry.generation, index))) * 8;
    const found = findBit(value, from, Math.min(to, there - 1), bit);
    if (found >= 0) return base + found;
    if (bit === 0 && there <= to) return base + Math.max(from, there);
  }
  return -1;
}
