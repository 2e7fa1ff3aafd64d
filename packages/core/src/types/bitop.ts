/** BITOP: what the operations make of their sources, in pieces, and how the result is stored. */
import { shiftBits, shiftedLength } from "../base/bit-shift.ts";
import { type BitOp, combineBits, findBit, invertBits } from "../base/bits.ts";
import type { Entry } from "../codec/record.ts";
import { CHUNK_BYTES } from "../keyspace/chunks.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { type HeldString, INLINE_STRING_MAX, NO_EXPIRY, RAW, setChunked, setString } from "./string.ts";

/** A string that can be made piece by piece. */
export interface BitResult {
  readonly length: number;
  /**
   * Writes the bytes `[from, to)`, at most CHUNK_BYTES of them, to the start of `out`. False when they are known to be all
   * zero: a sparse source costs little then.
   */
  produce(from: number, to: number, out: Buffer): boolean;
}

/** AND, OR and XOR of several strings, NOT of one; shorter ones count as padded with zero bytes. */
export class CombinedStrings implements BitResult {
  readonly length: number;
  private readonly operation: BitOp | "not";
  private readonly sources: readonly HeldString[];
  private readonly scratch: Buffer;

  constructor(operation: BitOp | "not", sources: readonly HeldString[]) {
    this.operation = operation;
    this.sources = sources;
    let length = 0;
    for (const source of sources) length = Math.max(length, source.length);
    this.length = length;
    this.scratch = Buffer.allocUnsafe(Math.min(length, CHUNK_BYTES));
  }

  produce(from: number, to: number, out: Buffer): boolean {
    const size = to - from;
    const { operation, sources, scratch } = this;
    let isHeld = (sources[0] as HeldString).read(from, to, out, 0);
    if (operation === "not") {
      invertBits(out, 0, out, 0, size);
      return true;
    }
    for (let i = 1; i < sources.length; i++) {
      if (operation === "and" && !isHeld) return false;
      const isThere = (sources[i] as HeldString).read(from, to, scratch, 0);
      if (isThere || operation === "and") combineBits(operation, out, 0, scratch, 0, size);
      isHeld = operation === "and" ? isThere : isHeld || isThere;
    }
    return isHeld;
  }
}

/** KeyDB's LSHIFT (`shift` > 0) and RSHIFT (`shift` < 0) of one string. */
export class ShiftedString implements BitResult {
  readonly length: number;
  private readonly source: HeldString;
  private readonly shift: number;
  private readonly scratch: Buffer;

  constructor(source: HeldString, shift: number) {
    this.source = source;
    this.shift = shift;
    this.length = shiftedLength(source.length, shift);
    this.scratch = Buffer.allocUnsafe(Math.min(source.length, CHUNK_BYTES + 1));
  }

  produce(from: number, to: number, out: Buffer): boolean {
    // The source bytes that reach into this piece: one more below, whose upper bits come over.
    const moved = Math.floor(this.shift / 8);
    const first = Math.max(0, from - moved - 1);
    const end = Math.max(first, Math.min(this.source.length, to - moved));
    const isHeld = this.source.read(first, end, this.scratch, 0);
    shiftBits(out, 0, this.scratch.subarray(0, end - first), this.shift, from - first, to - first);
    return isHeld;
  }
}

/**
 * Sets the key to a result that is not empty, without expiry. `old` is what `find` returned for the key, which may be a
 * source as well. Chunks of zero bytes are left out. O(length).
 */
export function storeBitResult(
  keyspace: Keyspace,
  db: number,
  kb: Buffer,
  ks: number,
  ke: number,
  old: Entry | null,
  result: BitResult,
): void {
  const { length } = result;
  const out = Buffer.allocUnsafe(Math.min(length, CHUNK_BYTES));
  if (length <= INLINE_STRING_MAX) {
    result.produce(0, length, out);
    setString(keyspace, db, kb, ks, ke, old, out, 0, length, NO_EXPIRY, RAW);
    return;
  }
  const { store, codec } = keyspace;
  const generation = keyspace.databases.newGeneration();
  for (let from = 0, index = 0; from < length; from += CHUNK_BYTES, index++) {
    const to = Math.min(from + CHUNK_BYTES, length);
    if (!result.produce(from, to, out) || findBit(out, 0, (to - from) * 8 - 1, 1) < 0) continue;
    store.putFrom(codec.chunkRow(generation, index), out, 0, to - from);
  }
  setChunked(keyspace, db, kb, ks, ke, old, RAW, NO_EXPIRY, generation, length);
}
