/**
 * Builds row keys in the store's key buffer. A user key is placed by a seeded 48-bit hash, so that SCAN's cursor is a
 * plain integer that any process understands and RANDOMKEY is one seek. A key longer than SHORT_KEY_MAX does not fit a
 * row's key: its tail is a prefix and a SHA-256 digest, made longer than SHORT_KEY_MAX so that the two kinds cannot be
 * taken for one another; the hash is then the tail's.
 */
import { createHash } from "node:crypto";
import { Hasher } from "../base/hash.ts";
import { TABLE } from "./format.ts";
import { readU32, writeU32, writeU64 } from "./record.ts";

/** Longest user key held whole in a row's key. */
export const SHORT_KEY_MAX = 1900;
/** Length of a long key's tail. */
export const LONG_TAIL = SHORT_KEY_MAX + 1;
const LONG_PREFIX = LONG_TAIL - 32;
/** `table | epoch | hash`: where the key tail starts in a row of the keys table. */
export const KEY_TAIL = 11;
/** Where the key tail starts in a row of the expires table. */
export const EXPIRES_TAIL = 19;
/** One past the largest hash. */
export const HASH_SPACE = 2 ** 48;

export class KeyCodec {
  private readonly target: Buffer;
  private readonly hasher: Hasher;
  /** Hash of the key built last: upper 16 and lower 32 bits. */
  hashHigh: number;
  hashLow: number;

  /** `target` is the store's key buffer, `seed` 16 random bytes kept with the data. */
  constructor(target: Buffer, seed: Uint8Array) {
    this.target = target;
    this.hasher = new Hasher(seed);
    this.hashHigh = 0;
    this.hashLow = 0;
  }

  /** Row key of user key `buf[start..end)` in the keys table; returns its length. */
  keyRow(epoch: number, buf: Buffer, start: number, end: number): number {
    const target = this.target;
    target[0] = TABLE.keys;
    writeU32(target, 1, epoch);
    return this.tail(KEY_TAIL, buf, start, end);
  }

  private tail(at: number, buf: Buffer, start: number, end: number): number {
    const target = this.target;
    const length = end - start;
    if (length > SHORT_KEY_MAX) {
      buf.copy(target, at, start, start + LONG_PREFIX);
      createHash("sha256")
        .update(buf.subarray(start, end))
        .digest()
        .copy(target, at + LONG_PREFIX);
      this.placeHash(at, target, at, at + LONG_TAIL);
      return at + LONG_TAIL;
    }
    this.placeHash(at, buf, start, end);
    if (length > 48) {
      buf.copy(target, at, start, end);
    } else {
      for (let i = start, p = at; i < end; i++, p++) target[p] = buf[i] as number;
    }
    return at + length;
  }

  /** Length of the tail that a key of `length` bytes has in a row. */
  tailLength(length: number): number {
    return Math.min(length, LONG_TAIL);
  }

  private placeHash(at: number, buf: Buffer, start: number, end: number): void {
    const target = this.target;
    this.hasher.hash(buf, start, end);
    this.hashHigh = this.hasher.hi & 0xffff;
    this.hashLow = this.hasher.lo;
    target[at - 6] = this.hashHigh >>> 8;
    target[at - 5] = this.hashHigh;
    writeU32(target, at - 4, this.hashLow);
  }

  /**
   * Turns the keys row of `length` bytes in the key buffer into the same key's row of the expires table (or of that of
   * member expiries); returns its length.
   */
  toExpiresRow(length: number, expireAtMs: number, table: number = TABLE.expires): number {
    const target = this.target;
    const shift = EXPIRES_TAIL - KEY_TAIL;
    if (length > 64) target.copyWithin(1 + shift, 1, length);
    else for (let i = length - 1; i > 0; i--) target[i + shift] = target[i] as number;
    target[0] = table;
    writeU64(target, 1, expireAtMs);
    return length + shift;
  }

  /** Changes the expiry in the expires row that is in the key buffer. */
  setRowExpiry(expireAtMs: number): void {
    writeU64(this.target, 1, expireAtMs);
  }

  /** The way back from `toExpiresRow`: `length` is the expires row's; returns the keys row's. */
  toKeyRow(length: number): number {
    const target = this.target;
    const shift = EXPIRES_TAIL - KEY_TAIL;
    if (length > 64) target.copyWithin(1, 1 + shift, length);
    else for (let i = 1 + shift; i < length; i++) target[i - shift] = target[i] as number;
    target[0] = TABLE.keys;
    return length - shift;
  }

  /** First possible row key of an epoch at a hash; returns its length. */
  scanStart(epoch: number, hash: number): number {
    const target = this.target;
    target[0] = TABLE.keys;
    writeU32(target, 1, epoch);
    const high = Math.floor(hash / 4294967296);
    target[5] = high >>> 8;
    target[6] = high;
    writeU32(target, 7, hash - high * 4294967296);
    return KEY_TAIL;
  }

  /** Prefix of all rows of a generation in the elements table; subkeys start at ELEMENT_SUBKEY. */
  elementRow(generation: number): number {
    this.target[0] = TABLE.elements;
    writeU64(this.target, 1, generation);
    return ELEMENT_SUBKEY;
  }

  /**
   * Row of member `buf[start..end)` of a generation: `2 | generation | hash 6 B | member`. The hash's top bit is 0; other
   * rows of the same generation start their subkey with a byte from 0x80 on. A member longer than SHORT_KEY_MAX stands
   * as a prefix and a digest. Returns the row's length.
   */
  memberRow(generation: number, buf: Buffer, start: number, end: number): number {
    const target = this.target;
    target[0] = TABLE.elements;
    writeU64(target, 1, generation);
    const length = this.tail(MEMBER_TAIL, buf, start, end);
    target[ELEMENT_SUBKEY] = (target[ELEMENT_SUBKEY] as number) & 0x7f;
    return length;
  }

  /** First possible member row of a generation at a hash; returns its length. */
  memberScanStart(generation: number, hash: number): number {
    const target = this.target;
    target[0] = TABLE.elements;
    writeU64(target, 1, generation);
    const high = Math.floor(hash / 4294967296);
    target[ELEMENT_SUBKEY] = high >>> 8;
    target[ELEMENT_SUBKEY + 1] = high;
    writeU32(target, ELEMENT_SUBKEY + 2, hash - high * 4294967296);
    return MEMBER_TAIL;
  }

  /** Row of element `index` (u32) of a generation; chunks of strings and of long keys. */
  chunkRow(generation: number, index: number): number {
    this.elementRow(generation);
    writeU32(this.target, ELEMENT_SUBKEY, index);
    return ELEMENT_SUBKEY + 4;
  }

  trashRow(kind: number, id: number): number {
    this.target[0] = TABLE.trash;
    this.target[1] = kind;
    writeU64(this.target, 2, id);
    return 10;
  }

  metaRow(name: string): number {
    this.target[0] = TABLE.meta;
    return 1 + this.target.latin1Write(name, 1);
  }
}

/** Where the subkey starts in a row of the elements table. */
export const ELEMENT_SUBKEY = 9;
/** Where the member starts in a member's row. */
export const MEMBER_TAIL = ELEMENT_SUBKEY + 6;
/** One past the largest hash of a member. */
export const MEMBER_HASH_SPACE = 2 ** 47;

/** The 47-bit hash in a member's row. */
export function memberHash(row: Uint8Array): number {
  return ((row[9] as number) * 256 + (row[10] as number)) * 4294967296 + readU32(row, 11);
}

/** The 48-bit hash in a row key of the keys table. */
export function rowHash(row: Uint8Array): number {
  return ((row[5] as number) * 256 + (row[6] as number)) * 4294967296 + readU32(row, 7);
}
