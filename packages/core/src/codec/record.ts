/**
 * The record of a key, the value in the `keys` table:
 *
 *   0      format version (1)
 *   1      type id (low 4 bits) | flags: 0x10 has expiry, 0x20 has elements, 0x40 long key, 0x80 members expire
 *   2      encoding id
 *   3..10  version stamp: unix ms << 20 | counter
 *   [8 B expiry, unix ms]                     when 0x10; exact up to 2^63-1
 *   [8 B generation, 8 B size]                when 0x20: the payload lives in `elements` under that generation
 *   [8 B generation, u32 length]              when 0x40: the key tail in the row's key is a prefix and a digest; the
 *                                             whole key is cut into chunks in `elements` under that generation
 *   [8 B earliest deadline of a member]       when 0x80; of a KEYDB.CRON job its next run
 *   payload                                   up to the end
 *
 * 64-bit numbers are two big-endian 32-bit halves; generations and sizes stay below 2^53. Expiries beyond 2^53 (the
 * year 287396) are handled as a multiple of 1024, which a number holds exactly, and a rest that only replies need.
 */
import { FORMAT_VERSION } from "./format.ts";

export const RECORD_FLAG = { expiry: 0x10, elements: 0x20, longKey: 0x40, memberExpiry: 0x80 } as const;
/** `expireAtMs` of a key without expiry. */
export const NO_EXPIRY = -1;
const TWO32 = 4294967296;

/** What a record's header says. The payload is borrowed from the store's value buffer until the next store call. */
export class Entry {
  readonly type: number;
  readonly encoding: number;
  readonly versionHigh: number;
  readonly versionLow: number;
  /** Unix ms, or NO_EXPIRY. Beyond 2^53 without its rest. */
  expireAtMs: number;
  /** What is to be added to an expiry beyond 2^53; else 0. */
  readonly expiryRest: number;
  /** 0 when the payload is inline. */
  readonly generation: number;
  /** Elements under the generation (for a chunked string: bytes); 0 when inline. */
  readonly size: number;
  /** The payload is `store.valueBuffer[payloadStart..payloadEnd)`. */
  readonly payloadStart: number;
  readonly payloadEnd: number;
  /** Where the bytes of a long key are; 0 for a key that fits the row's key. */
  readonly keyGeneration: number;
  readonly keyLength: number;
  /** Earliest deadline of a member (or field), unix ms; NO_EXPIRY when no member has one. */
  readonly memberExpireAtMs: number;

  constructor(
    type: number,
    encoding: number,
    versionHigh: number,
    versionLow: number,
    expireAtMs: number,
    expiryRest: number,
    generation: number,
    size: number,
    payloadStart: number,
    payloadEnd: number,
    keyGeneration: number,
    keyLength: number,
    memberExpireAtMs: number,
  ) {
    this.type = type;
    this.encoding = encoding;
    this.versionHigh = versionHigh;
    this.versionLow = versionLow;
    this.expireAtMs = expireAtMs;
    this.expiryRest = expiryRest;
    this.generation = generation;
    this.size = size;
    this.payloadStart = payloadStart;
    this.payloadEnd = payloadEnd;
    this.keyGeneration = keyGeneration;
    this.keyLength = keyLength;
    this.memberExpireAtMs = memberExpireAtMs;
  }
}

export function readU32(b: Uint8Array, at: number): number {
  return (
    (((b[at] as number) << 24) |
      ((b[at + 1] as number) << 16) |
      ((b[at + 2] as number) << 8) |
      (b[at + 3] as number)) >>>
    0
  );
}

export function writeU32(b: Uint8Array, at: number, n: number): void {
  b[at] = n >>> 24;
  b[at + 1] = n >>> 16;
  b[at + 2] = n >>> 8;
  b[at + 3] = n;
}

/** A 64-bit big-endian number below 2^53 (above it, low digits are lost). */
export function readU64(b: Uint8Array, at: number): number {
  return readU32(b, at) * TWO32 + readU32(b, at + 4);
}

export function writeU64(b: Uint8Array, at: number, n: number): void {
  const high = Math.floor(n / TWO32);
  writeU32(b, at, high);
  writeU32(b, at + 4, n - high * TWO32);
}

/** From here on (upper half of 2^53) an expiry has a rest: its lowest ten bits. */
const FAR_HIGH = 0x200000;
const REST = 1023;

function readExpiry(b: Uint8Array, at: number): number {
  const high = readU32(b, at);
  const low = readU32(b, at + 4);
  return high * TWO32 + (high < FAR_HIGH ? low : (low & ~REST) >>> 0);
}

/** Type id of the record in `b`. */
export function recordType(b: Uint8Array): number {
  return (b[1] as number) & 15;
}

/** Expiry of the record in `b`, or NO_EXPIRY. */
export function recordExpiry(b: Uint8Array): number {
  return ((b[1] as number) & RECORD_FLAG.expiry) === 0 ? NO_EXPIRY : readExpiry(b, 11);
}

/** The expiry of an entry that has one, to the millisecond; a bigint beyond 2^53. */
export function exactExpiry(entry: Entry): number | bigint {
  const { expireAtMs } = entry;
  return expireAtMs <= Number.MAX_SAFE_INTEGER ? expireAtMs : BigInt(expireAtMs) + BigInt(entry.expiryRest);
}

/** Where the payload of the record in `b` starts. */
export function recordPayloadStart(b: Uint8Array): number {
  const flags = b[1] as number;
  let p = 11;
  if ((flags & RECORD_FLAG.expiry) !== 0) p += 8;
  if ((flags & RECORD_FLAG.elements) !== 0) p += 16;
  if ((flags & RECORD_FLAG.longKey) !== 0) p += 12;
  if ((flags & RECORD_FLAG.memberExpiry) !== 0) p += 8;
  return p;
}

/** Reads the header of the record `b[0..length)`. Throws on a format this version does not know. */
export function readRecord(b: Uint8Array, length: number): Entry {
  if (b[0] !== FORMAT_VERSION) throw new Error(`record format ${b[0]} is unknown to this version`);
  const flags = b[1] as number;
  let p = 11;
  let expireAtMs = NO_EXPIRY;
  let expiryRest = 0;
  let generation = 0;
  let size = 0;
  if ((flags & RECORD_FLAG.expiry) !== 0) {
    expireAtMs = readExpiry(b, p);
    if (expireAtMs > Number.MAX_SAFE_INTEGER) expiryRest = readU32(b, p + 4) & REST;
    p += 8;
  }
  if ((flags & RECORD_FLAG.elements) !== 0) {
    generation = readU64(b, p);
    size = readU64(b, p + 8);
    p += 16;
  }
  let keyGeneration = 0;
  let keyLength = 0;
  if ((flags & RECORD_FLAG.longKey) !== 0) {
    keyGeneration = readU64(b, p);
    keyLength = readU32(b, p + 8);
    p += 12;
  }
  let memberExpireAtMs = NO_EXPIRY;
  if ((flags & RECORD_FLAG.memberExpiry) !== 0) {
    memberExpireAtMs = readU64(b, p);
    p += 8;
  }
  return new Entry(
    flags & 15,
    b[2] as number,
    readU32(b, 3),
    readU32(b, 7),
    expireAtMs,
    expiryRest,
    generation,
    size,
    p,
    length,
    keyGeneration,
    keyLength,
    memberExpireAtMs,
  );
}

/** Writes a header into `b` and returns where the payload goes. `keyGeneration` is 0 for a key that is not long. */
export function writeRecordHeader(
  b: Buffer,
  type: number,
  encoding: number,
  versionHigh: number,
  versionLow: number,
  expireAtMs: number,
  generation: number,
  size: number,
  keyGeneration: number,
  keyLength: number,
  expiryRest: number,
  memberExpireAtMs: number,
): number {
  let flags = type;
  let p = 11;
  b[0] = FORMAT_VERSION;
  b[2] = encoding;
  writeU32(b, 3, versionHigh);
  writeU32(b, 7, versionLow);
  if (expireAtMs !== NO_EXPIRY) {
    flags |= RECORD_FLAG.expiry;
    writeU64(b, p, expireAtMs);
    if (expiryRest !== 0) writeU32(b, p + 4, readU32(b, p + 4) + expiryRest);
    p += 8;
  }
  if (generation !== 0) {
    flags |= RECORD_FLAG.elements;
    writeU64(b, p, generation);
    writeU64(b, p + 8, size);
    p += 16;
  }
  if (keyGeneration !== 0) {
    flags |= RECORD_FLAG.longKey;
    writeU64(b, p, keyGeneration);
    writeU32(b, p + 8, keyLength);
    p += 12;
  }
  if (memberExpireAtMs !== NO_EXPIRY) {
    flags |= RECORD_FLAG.memberExpiry;
    writeU64(b, p, memberExpireAtMs);
    p += 8;
  }
  b[1] = flags;
  return p;
}

/** Changes the encoding in the header of the record in `b`. */
export function writeRecordEncoding(b: Uint8Array, encoding: number): void {
  b[2] = encoding;
}
