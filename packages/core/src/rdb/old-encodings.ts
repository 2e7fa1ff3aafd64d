/** Encodings of small collections that Redis wrote before version 7: ziplists and zipmaps. Read only. */
import type { ByteList } from "./byte-list.ts";
import { DamagedPayload } from "./rdb-reader.ts";

const ZIPLIST_HEADER = 10;
const END = 0xff;
/** In front of a length that does not fit one byte. */
const WIDE = 0xfe;

/** Reads little-endian numbers and checks that they are there. */
class Steps {
  private readonly b: Buffer;
  private readonly end: number;
  at: number;

  constructor(b: Buffer, start: number, end: number) {
    this.b = b;
    this.at = start;
    this.end = end;
  }

  skip(length: number): number {
    const { at } = this;
    this.at += length;
    if (!(this.at <= this.end)) throw new DamagedPayload();
    return at;
  }

  byte(): number {
    return this.b[this.skip(1)] as number;
  }

  u32(): number {
    return this.b.readUInt32LE(this.skip(4));
  }
}

/**
 * Appends the entries of the ziplist `b[start..end)` to `into` as texts; returns how many there are. Layout: u32 bytes in
 * all, u32 offset of the last entry, u16 entries (65535: more), entries, 0xff; an entry starts with the length of the
 * one before.
 */
export function readZiplist(b: Buffer, start: number, end: number, into: ByteList): number {
  if (end - start < ZIPLIST_HEADER + 1 || b.readUInt32LE(start) !== end - start || b[end - 1] !== END) {
    throw new DamagedPayload();
  }
  const before = into.count;
  const steps = new Steps(b, start + ZIPLIST_HEADER, end - 1);
  let previous = 0;
  while (steps.at < end - 1) {
    const from = steps.at;
    const first = steps.byte();
    if ((first === WIDE ? steps.u32() : first) !== previous) throw new DamagedPayload();
    readZiplistEntry(b, steps, into);
    previous = steps.at - from;
  }
  const count = into.count - before;
  const told = b.readUInt16LE(start + 8);
  if (told !== 65535 && told !== count) throw new DamagedPayload();
  return count;
}

function readZiplistEntry(b: Buffer, steps: Steps, into: ByteList): void {
  const head = steps.byte();
  const text = (length: number): void => {
    const from = steps.skip(length);
    into.add(b, from, steps.at);
  };
  if (head < 0x40) text(head);
  else if (head < 0x80) text(((head & 63) << 8) | steps.byte());
  else if (head === 0x80) text(b.readUInt32BE(steps.skip(4)));
  else if (head === 0xc0) into.addInteger(b.readInt16LE(steps.skip(2)));
  else if (head === 0xd0) into.addInteger(b.readInt32LE(steps.skip(4)));
  else if (head === 0xe0) into.addInteger(b.readBigInt64LE(steps.skip(8)));
  else if (head === 0xf0) into.addInteger(b.readIntLE(steps.skip(3), 3));
  else if (head === 0xfe) into.addInteger(b.readInt8(steps.skip(1)));
  else if (head >= 0xf1 && head <= 0xfd) into.addInteger((head & 15) - 1);
  else throw new DamagedPayload();
}

/** Appends fields and values of the zipmap `b[start..end)` in turn. Layout: entries, { length field length free value }, 0xff. */
export function readZipmap(b: Buffer, start: number, end: number, into: ByteList): void {
  const steps = new Steps(b, start, end);
  steps.skip(1);
  for (;;) {
    const first = steps.byte();
    if (first === END) break;
    const length = first === WIDE ? steps.u32() : first;
    const field = steps.skip(length);
    into.add(b, field, steps.at);
    const next = steps.byte();
    if (next === END) throw new DamagedPayload();
    const valueLength = next === WIDE ? steps.u32() : next;
    const free = steps.byte();
    const value = steps.skip(valueLength);
    into.add(b, value, steps.at);
    steps.skip(free);
  }
  if (steps.at !== end) throw new DamagedPayload();
}
