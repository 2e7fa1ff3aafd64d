/**
 * Changes one hash within one command: opened with what the lookup returned, then any number of reads and writes of
 * fields, then `finish`, which writes the key's record once (or deletes the key when no field is left).
 *
 * A small hash is changed in a copy of its payload that lies in the store's put buffer behind room for the record's
 * header, so between opening and finishing nothing else may use the put buffer. A large one is changed row by row; it
 * becomes large exactly when Redis makes a hashtable of it, and stays so.
 *
 * Due fields: what an editor touches and finds due it deletes (Redis' lazy expiry); the rest stays, counted, until the
 * active cycle comes.
 */
import { ENCODING_ID, TYPE_ID } from "../codec/format.ts";
import { type Entry, NO_EXPIRY } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { noteExpiredMember } from "../keyspace/member-expirer.ts";
import { type HashLimits, PACKED_BYTES_MAX } from "./collection-limits.ts";
import {
  PACKED_HEADER,
  PackedField,
  packedAddDeadlines,
  packedClear,
  packedCount,
  packedEarliest,
  packedFind,
  packedInsert,
  packedRemove,
  packedSetValue,
  packedSize,
} from "./hash-packed.ts";
import {
  deleteElement,
  Element,
  earliestDeadline,
  findElement,
  firstDueMember,
  isDue,
  ownValue,
  putElement,
} from "./keyed-elements.ts";

/** Room for the longest record header in front of the payload. */
const WORK = 64;

export class HashEditor {
  /** Fields, those due but still there included. */
  size: number;
  /** Whether the hash is changed: nothing is written otherwise. */
  changed: boolean;
  private readonly keyspace: Keyspace;
  private readonly limits: HashLimits;
  private readonly db: number;
  private readonly kb: Buffer;
  private readonly ks: number;
  private readonly ke: number;
  private readonly old: Entry | null;
  private readonly packed: PackedField;
  private readonly element: Element;
  private encoding: number;
  /** 0 while the hash is small. */
  private generation: number;
  /** End of the payload's copy in the put buffer. */
  private end: number;
  /** Deadlines were set or dropped: the earliest is to be looked up again. */
  private deadlinesChanged: boolean;

  /** `old` is what `find` just returned for key `kb[ks..ke)`; null starts an empty hash. */
  constructor(
    keyspace: Keyspace,
    limits: HashLimits,
    db: number,
    kb: Buffer,
    ks: number,
    ke: number,
    old: Entry | null,
  ) {
    const { store } = keyspace;
    this.keyspace = keyspace;
    this.limits = limits;
    this.db = db;
    this.kb = kb;
    this.ks = ks;
    this.ke = ke;
    this.old = old;
    this.packed = new PackedField();
    this.element = new Element(store.valueBuffer);
    this.encoding = old === null ? ENCODING_ID.listpack : old.encoding;
    this.generation = old === null ? 0 : old.generation;
    this.changed = false;
    this.deadlinesChanged = false;
    if (old === null) {
      this.end = packedClear(store.putBuffer, WORK);
      this.size = 0;
    } else if (old.generation === 0) {
      store.valueBuffer.copy(store.putBuffer, WORK, old.payloadStart, old.payloadEnd);
      this.end = WORK + old.payloadEnd - old.payloadStart;
      this.size = packedCount(store.putBuffer, WORK);
    } else {
      this.end = WORK;
      this.size = old.size;
    }
  }

  private get withDeadlines(): boolean {
    return this.encoding === ENCODING_ID.listpackex;
  }

  /** Makes the hash large if Redis would, seeing the fields and values to come: `pairs` of them, the longest `longest`. */
  prepare(pairs: number, longest: number): void {
    if (this.generation === 0 && (pairs > this.limits.maxEntries || longest > this.limits.maxValue)) this.enlarge();
  }

  /** Finds a field, due or not: in `packed` or in `element`. */
  private locate(fb: Buffer, fs: number, fe: number): boolean {
    const { keyspace } = this;
    if (this.generation !== 0) return findElement(keyspace, this.generation, fb, fs, fe, this.element);
    return packedFind(keyspace.store.putBuffer, WORK, this.end, this.withDeadlines, fb, fs, fe, this.packed);
  }

  private get foundExpiry(): number {
    return this.generation !== 0 ? this.element.expireAtMs : this.packed.expireAtMs;
  }

  /** As `locate`, but a due field is deleted and not found. */
  private locateLive(fb: Buffer, fs: number, fe: number): boolean {
    if (!this.locate(fb, fs, fe)) return false;
    if (!isDue(this.keyspace, this.foundExpiry)) return true;
    this.expireFound(fb, fs, fe);
    return false;
  }

  private expireFound(fb: Buffer, fs: number, fe: number): void {
    const { keyspace, db, kb, ks, ke } = this;
    this.removeFound(fb, fs, fe);
    noteExpiredMember(keyspace, TYPE_ID.hash, db, kb, ks, ke, fb, fs, fe);
  }

  has(fb: Buffer, fs: number, fe: number): boolean {
    return this.locateLive(fb, fs, fe);
  }

  /** Own copy of a field's value; null when there is no such field. */
  get(fb: Buffer, fs: number, fe: number): Buffer | null {
    if (!this.locateLive(fb, fs, fe)) return null;
    if (this.generation !== 0) return ownValue(this.keyspace, this.generation, this.element);
    return Buffer.from(this.keyspace.store.putBuffer.subarray(this.packed.valueStart, this.packed.valueEnd));
  }

  /** Deadline of a field: unix ms, NO_EXPIRY, or null when there is no such field. */
  deadline(fb: Buffer, fs: number, fe: number): number | null {
    return this.locateLive(fb, fs, fe) ? this.foundExpiry : null;
  }

  /** Sets a field; its deadline is dropped unless `keepDeadline`. True when the field is new. */
  set(fb: Buffer, fs: number, fe: number, vb: Buffer, vs: number, ve: number, keepDeadline = false): boolean {
    const { limits } = this;
    if (this.generation === 0 && !this.fits(fe - fs, ve - vs)) this.enlarge();
    const found = this.locate(fb, fs, fe);
    const expireAtMs = found && keepDeadline && !isDue(this.keyspace, this.foundExpiry) ? this.foundExpiry : NO_EXPIRY;
    if (found && expireAtMs !== this.foundExpiry) this.deadlinesChanged = true;
    this.changed = true;
    if (this.generation !== 0) {
      putElement(this.keyspace, this.generation, fb, fs, fe, vb, vs, ve, expireAtMs, found ? this.element : null);
    } else this.setPacked(fb, fs, fe, vb, vs, ve, found, expireAtMs);
    if (!found) this.size++;
    if (this.generation === 0 && this.size > limits.maxEntries) this.enlarge();
    return !found;
  }

  private fits(fieldLength: number, valueLength: number): boolean {
    const { maxValue } = this.limits;
    if (fieldLength > maxValue || valueLength > maxValue) return false;
    return this.end - WORK + packedSize(fieldLength, valueLength, true) <= PACKED_BYTES_MAX;
  }

  private setPacked(
    fb: Buffer,
    fs: number,
    fe: number,
    vb: Buffer,
    vs: number,
    ve: number,
    found: boolean,
    expireAtMs: number,
  ): void {
    const b = this.keyspace.store.putBuffer;
    const { packed, withDeadlines } = this;
    if (found && packed.expireAtMs === expireAtMs) this.end = packedSetValue(b, this.end, packed, vb, vs, ve);
    else {
      // A deadline that is dropped moves the field behind those that have one.
      if (found) this.end = packedRemove(b, WORK, this.end, packed);
      this.end = packedInsert(b, WORK, this.end, withDeadlines, fb, fs, fe, vb, vs, ve, expireAtMs);
    }
  }

  /** Deletes a field, due or not; false when there is none. */
  delete(fb: Buffer, fs: number, fe: number): boolean {
    if (!this.locate(fb, fs, fe)) return false;
    this.removeFound(fb, fs, fe);
    return true;
  }

  private removeFound(fb: Buffer, fs: number, fe: number): void {
    if (this.foundExpiry !== NO_EXPIRY) this.deadlinesChanged = true;
    this.changed = true;
    this.size--;
    if (this.generation !== 0) deleteElement(this.keyspace, this.generation, fb, fs, fe, this.element);
    else this.end = packedRemove(this.keyspace.store.putBuffer, WORK, this.end, this.packed);
  }

  /** Prepares a small hash for deadlines, as Redis does before it looks at the fields. */
  allowDeadlines(): void {
    if (this.generation !== 0 || this.withDeadlines) return;
    if (this.end - WORK + this.size * 8 > PACKED_BYTES_MAX) {
      this.enlarge();
      return;
    }
    this.end = packedAddDeadlines(this.keyspace.store.putBuffer, WORK, this.end);
    this.encoding = ENCODING_ID.listpackex;
    this.changed = true;
  }

  /** Sets or (NO_EXPIRY) drops the deadline of a field that exists. `allowDeadlines` must have been called before. */
  setDeadline(fb: Buffer, fs: number, fe: number, expireAtMs: number): void {
    if (!this.locateLive(fb, fs, fe) || this.foundExpiry === expireAtMs) return;
    const value = this.get(fb, fs, fe) as Buffer;
    this.changed = true;
    this.deadlinesChanged = true;
    if (this.generation !== 0) {
      putElement(this.keyspace, this.generation, fb, fs, fe, value, 0, value.length, expireAtMs, this.element);
    } else this.setPacked(fb, fs, fe, value, 0, value.length, true, expireAtMs);
  }

  /**
   * Deletes up to `limit` due fields, telling `expired` of each, if given; returns how many. The earliest go first.
   */
  expireDue(limit: number, expired: ((field: Buffer) => void) | null = null): number {
    let count = 0;
    while (count < limit) {
      const field = this.firstDue();
      if (field === null) break;
      this.expireFound(field, 0, field.length);
      if (expired !== null) expired(field);
      count++;
    }
    return count;
  }

  /** The field with the earliest deadline (own copy), located, if it is due. */
  private firstDue(): Buffer | null {
    const { keyspace, packed } = this;
    if (this.generation !== 0) return firstDueMember(keyspace, this.generation, this.element);
    const b = keyspace.store.putBuffer;
    if (!this.withDeadlines || this.end === WORK + PACKED_HEADER) return null;
    packed.read(b, WORK + PACKED_HEADER, true);
    if (!isDue(keyspace, packed.expireAtMs)) return null;
    return Buffer.from(b.subarray(packed.fieldStart, packed.fieldEnd));
  }

  /** Small to large: every field becomes a row. */
  private enlarge(): void {
    const { keyspace } = this;
    const payload = Buffer.from(keyspace.store.putBuffer.subarray(WORK, this.end));
    const generation = keyspace.databases.newGeneration();
    const field = new PackedField();
    for (let p = PACKED_HEADER; p < payload.length; ) {
      p = field.read(payload, p, this.withDeadlines);
      const { fieldStart, fieldEnd, valueStart, valueEnd, expireAtMs } = field;
      putElement(keyspace, generation, payload, fieldStart, fieldEnd, payload, valueStart, valueEnd, expireAtMs, null);
    }
    this.generation = generation;
    this.encoding = ENCODING_ID.hashtable;
    this.changed = true;
  }

  /** Writes what was changed. True when the key exists afterwards. */
  finish(): boolean {
    const { keyspace, db, kb, ks, ke, old, generation } = this;
    if (!this.changed) return old !== null;
    if (this.size === 0) {
      if (old !== null) keyspace.delete(db, kb, ks, ke);
      if (generation !== 0 && (old === null || old.generation !== generation)) keyspace.discard(generation);
      return false;
    }
    const put = keyspace.store.putBuffer;
    const memberExpireAtMs = this.earliest();
    const expireAtMs = old === null ? NO_EXPIRY : old.expireAtMs;
    // startRecord may store a long key's bytes; it leaves the payload's copy alone.
    const p = keyspace.startRecord(
      kb,
      ks,
      ke,
      old,
      TYPE_ID.hash,
      this.encoding,
      expireAtMs,
      generation,
      generation === 0 ? 0 : this.size,
      memberExpireAtMs,
    );
    let payloadEnd = p;
    if (generation === 0) {
      put.copyWithin(p, WORK, this.end);
      payloadEnd = p + this.end - WORK;
    }
    keyspace.endRecord(db, kb, ks, ke, old, expireAtMs, payloadEnd, generation, memberExpireAtMs);
    return true;
  }

  private earliest(): number {
    if (this.generation === 0) {
      return this.withDeadlines ? packedEarliest(this.keyspace.store.putBuffer, WORK, this.end) : NO_EXPIRY;
    }
    const before = this.old === null ? NO_EXPIRY : this.old.memberExpireAtMs;
    return this.deadlinesChanged ? earliestDeadline(this.keyspace, this.generation) : before;
  }
}
