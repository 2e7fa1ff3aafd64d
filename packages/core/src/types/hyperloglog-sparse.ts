/** The runs of a sparse HyperLogLog (hyperloglog.ts): walking over them, splitting one, merging neighbours. */

const ZERO_MAX = 64;
const VALUE_BIT = 0x80;
const LONG_ZERO_BIT = 0x40;
/** A register above this needs the dense form. */
export const SPARSE_VALUE_MAX = 32;
const VALUE_LENGTH_MAX = 4;
/** How many runs are looked at for merging after a change. */
const MERGE_SCAN = 5;

/** Walks over the runs in `bytes[from..to)`. The second byte of a run cut off by the end counts as zero. */
export class SparseRuns {
  private readonly bytes: Uint8Array;
  private readonly to: number;
  /** The present run. */
  start: number;
  end: number;
  /** Value of its registers; 0 for zeros. */
  value: number;
  /** How many registers it has. */
  length: number;

  constructor(bytes: Uint8Array, from: number, to: number) {
    this.bytes = bytes;
    this.to = to;
    this.start = from;
    this.end = from;
    this.value = 0;
    this.length = 0;
  }

  next(): boolean {
    const { bytes, end } = this;
    if (end >= this.to) return false;
    const byte = bytes[end] as number;
    this.start = end;
    this.end = end + 1;
    if ((byte & VALUE_BIT) !== 0) {
      this.value = runValue(byte);
      this.length = runLength(byte);
      return true;
    }
    this.value = 0;
    this.length = (byte & 0x3f) + 1;
    if ((byte & LONG_ZERO_BIT) !== 0) {
      this.length = (((byte & 0x3f) << 8) | (end + 1 < this.to ? (bytes[end + 1] as number) : 0)) + 1;
      this.end = end + 2;
    }
    return true;
  }
}

function runValue(byte: number): number {
  return ((byte >> 2) & 0x1f) + 1;
}

function runLength(byte: number): number {
  return (byte & 3) + 1;
}

function valueRun(value: number, length: number): number {
  return VALUE_BIT | ((value - 1) << 2) | (length - 1);
}

function pushRun(pieces: number[], value: number, length: number): void {
  if (length === 0) return;
  if (value > 0) pieces.push(valueRun(value, length));
  else if (length > ZERO_MAX) pieces.push(LONG_ZERO_BIT | ((length - 1) >> 8), (length - 1) & 0xff);
  else pieces.push(length - 1);
}

/** The bytes of a run after the register at `offset` in it got another value. */
export function splitRun(value: number, length: number, offset: number, newValue: number): number[] {
  const pieces: number[] = [];
  pushRun(pieces, value, offset);
  pushRun(pieces, newValue, 1);
  pushRun(pieces, value, length - offset - 1);
  return pieces;
}

/** Merges neighbouring runs of the same value from `at` on, as far as Redis looks; returns the new end. */
export function mergeValues(bytes: Buffer, at: number, end: number): number {
  let to = end;
  let p = at;
  for (let left = MERGE_SCAN; p < to && left > 0; left--) {
    const byte = bytes[p] as number;
    if ((byte & VALUE_BIT) === 0) {
      p += (byte & LONG_ZERO_BIT) === 0 ? 1 : 2;
      continue;
    }
    const next = p + 1 < to ? (bytes[p + 1] as number) : 0;
    const length = runLength(byte) + runLength(next);
    if ((next & VALUE_BIT) !== 0 && runValue(byte) === runValue(next) && length <= VALUE_LENGTH_MAX) {
      bytes[p + 1] = valueRun(runValue(byte), length);
      bytes.copyWithin(p, p + 1, to);
      to--;
    } else p++;
  }
  return to;
}
