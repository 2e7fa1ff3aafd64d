/**
 * Changes one set within one command, as HashEditor does with hashes: opened with what the lookup returned, changed, and
 * written once by `finish` (which deletes the key when no member is left).
 *
 * Encodings as in Redis 7.2: intset (sorted integers), listpack (in order of insertion), hashtable (a row per member);
 * from the first to the others when a member or the number of members wants it, never back.
 */

import { MAX_INT64_CHARS } from "../base/numbers.ts";
import { ENCODING_ID, TYPE_ID } from "../codec/format.ts";
import { SHORT_KEY_MAX } from "../codec/key-codec.ts";
import { type Entry, NO_EXPIRY } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { noteExpiredMember } from "../keyspace/member-expirer.ts";
import { PACKED_BYTES_MAX, type SetLimits } from "./collection-limits.ts";
import { IntValue, intsetAt, intsetClear, intsetInsert, intsetRemove, intsetSearch, intsetSize } from "./intset.ts";
import {
  deleteElement,
  Element,
  earliestDeadline,
  findElement,
  firstDueMember,
  insertElement,
  isDue,
  putElement,
} from "./keyed-elements.ts";
import { walkPacked } from "./set.ts";
import {
  packedSetAppend,
  packedSetClear,
  packedSetEntryBytes,
  packedSetFind,
  packedSetRemove,
  packedSetSize,
} from "./set-packed.ts";

/** Room for the longest record header in front of the payload. */
const WORK = 64;
const NO_VALUE = Buffer.alloc(0);

/** The encoding that a new set starts with, seeing its first member and how many are to come. */
export function initialSetEncoding(limits: SetLimits, mb: Buffer, ms: number, me: number, sizeHint: number): number {
  if (sizeHint <= limits.maxIntset && new IntValue().parse(mb, ms, me)) return ENCODING_ID.intset;
  return sizeHint <= limits.maxEntries ? ENCODING_ID.listpack : ENCODING_ID.hashtable;
}

export class SetEditor {
  /** Members, those due but still there included. */
  size: number;
  changed: boolean;
  private readonly keyspace: Keyspace;
  private readonly limits: SetLimits;
  private readonly db: number;
  private readonly kb: Buffer;
  private readonly ks: number;
  private readonly ke: number;
  private readonly old: Entry | null;
  private readonly element: Element;
  private readonly value: IntValue;
  private encoding: number;
  /** 0 while the set is small. */
  private generation: number;
  private end: number;
  private deadlinesChanged: boolean;
  /** Where the small set's member that `locate` found is: place in the intset, position in the listpack. */
  private found: number;

  /** `old` is what `find` just returned for key `kb[ks..ke)`; null starts an empty set with `encoding`. */
  constructor(
    keyspace: Keyspace,
    limits: SetLimits,
    db: number,
    kb: Buffer,
    ks: number,
    ke: number,
    old: Entry | null,
    encoding: number = ENCODING_ID.intset,
  ) {
    const { store } = keyspace;
    this.keyspace = keyspace;
    this.limits = limits;
    this.db = db;
    this.kb = kb;
    this.ks = ks;
    this.ke = ke;
    this.old = old;
    this.element = new Element(store.valueBuffer);
    this.value = new IntValue();
    this.encoding = old === null ? encoding : old.encoding;
    this.generation = old === null ? 0 : old.generation;
    this.end = WORK;
    this.size = 0;
    this.changed = false;
    this.deadlinesChanged = false;
    this.found = -1;
    if (old === null) this.clear();
    else if (old.generation !== 0) this.size = old.size;
    else {
      store.valueBuffer.copy(store.putBuffer, WORK, old.payloadStart, old.payloadEnd);
      this.end = WORK + old.payloadEnd - old.payloadStart;
      this.size =
        old.encoding === ENCODING_ID.intset
          ? intsetSize(store.putBuffer, WORK, this.end)
          : packedSetSize(store.putBuffer, WORK);
    }
  }

  private clear(): void {
    const b = this.keyspace.store.putBuffer;
    if (this.encoding === ENCODING_ID.hashtable) this.generation = this.keyspace.databases.newGeneration();
    else this.end = this.encoding === ENCODING_ID.intset ? intsetClear(b, WORK) : packedSetClear(b, WORK);
  }

  /** Makes the set large if Redis would, seeing that about `sizeHint` members are to be added. */
  prepare(sizeHint: number): void {
    const { limits } = this;
    const most = this.encoding === ENCODING_ID.intset ? limits.maxIntset : limits.maxEntries;
    if (this.generation === 0 && sizeHint > most) this.enlarge();
  }

  /** Whether some member has, or was just given, a deadline. */
  private get mayHaveDue(): boolean {
    return this.deadlinesChanged || (this.old !== null && this.old.memberExpireAtMs !== NO_EXPIRY);
  }

  private locate(mb: Buffer, ms: number, me: number): boolean {
    const { keyspace } = this;
    if (this.generation !== 0) return findElement(keyspace, this.generation, mb, ms, me, this.element);
    const b = keyspace.store.putBuffer;
    this.element.expireAtMs = NO_EXPIRY;
    if (this.encoding === ENCODING_ID.listpack) this.found = packedSetFind(b, WORK, this.end, mb, ms, me);
    else {
      if (!this.value.parse(mb, ms, me)) return false;
      this.found = intsetSearch(b, WORK, this.end, this.value);
    }
    return this.found >= 0;
  }

  /** As `locate`, but a due member is deleted and not found. */
  private locateLive(mb: Buffer, ms: number, me: number): boolean {
    if (!this.locate(mb, ms, me)) return false;
    if (!isDue(this.keyspace, this.element.expireAtMs)) return true;
    this.expireFound(mb, ms, me);
    return false;
  }

  private expireFound(mb: Buffer, ms: number, me: number): void {
    const { keyspace, db, kb, ks, ke } = this;
    this.removeFound(mb, ms, me);
    noteExpiredMember(keyspace, TYPE_ID.set, db, kb, ks, ke, mb, ms, me);
  }

  has(mb: Buffer, ms: number, me: number): boolean {
    return this.locateLive(mb, ms, me);
  }

  /** Adds a member; false when it was there. */
  add(mb: Buffer, ms: number, me: number): boolean {
    // Who has no deadline is not due, so it need not be looked at.
    if (this.generation !== 0 && !this.mayHaveDue && me - ms <= SHORT_KEY_MAX) {
      if (!insertElement(this.keyspace, this.generation, mb, ms, me)) return false;
      this.changed = true;
      this.size++;
      return true;
    }
    if (this.locateLive(mb, ms, me)) return false;
    this.changed = true;
    if (this.generation === 0 && !this.addSmall(mb, ms, me)) this.enlarge();
    if (this.generation !== 0) putElement(this.keyspace, this.generation, mb, ms, me, NO_VALUE, 0, 0, NO_EXPIRY, null);
    this.size++;
    if (this.generation === 0 && this.encoding === ENCODING_ID.intset && this.size > this.limits.maxIntset) {
      this.enlarge();
    }
    return true;
  }

  /** Adds a new member to a small set (an intset becomes a listpack if that is enough); false when it must be large. */
  private addSmall(mb: Buffer, ms: number, me: number): boolean {
    const { limits, size } = this;
    const b = this.keyspace.store.putBuffer;
    const length = me - ms;
    if (this.encoding === ENCODING_ID.intset) {
      if (this.value.parse(mb, ms, me)) {
        if (this.end - WORK + 8 * (size + 2) > PACKED_BYTES_MAX) return false;
        this.end = intsetInsert(b, WORK, this.end, -1 - this.found, this.value);
        return true;
      }
      if (size >= limits.maxEntries || this.longestInteger() > limits.maxValue) return false;
    }
    if (size >= limits.maxEntries || length > limits.maxValue) return false;
    const most = this.encoding === ENCODING_ID.intset ? size * (1 + MAX_INT64_CHARS) : this.end - WORK;
    if (most + packedSetEntryBytes(length) > PACKED_BYTES_MAX) return false;
    if (this.encoding === ENCODING_ID.intset) this.toListpack();
    this.end = packedSetAppend(b, WORK, this.end, mb, ms, me);
    return true;
  }

  /** Characters of the longest integer, which is the first or the last. */
  private longestInteger(): number {
    if (this.size === 0) return 0;
    const b = this.keyspace.store.putBuffer;
    const text = Buffer.allocUnsafe(MAX_INT64_CHARS);
    intsetAt(b, WORK, 0, this.value);
    const first = this.value.writeText(text, 0);
    intsetAt(b, WORK, this.size - 1, this.value);
    return Math.max(first, this.value.writeText(text, 0));
  }

  private toListpack(): void {
    const b = this.keyspace.store.putBuffer;
    const payload = Buffer.from(b.subarray(WORK, this.end));
    this.end = packedSetClear(b, WORK);
    walkPacked(payload, 0, payload.length, this.encoding, (mb, ms, me) => {
      this.end = packedSetAppend(b, WORK, this.end, mb, ms, me);
    });
    this.encoding = ENCODING_ID.listpack;
  }

  private enlarge(): void {
    const { keyspace } = this;
    const payload = Buffer.from(keyspace.store.putBuffer.subarray(WORK, this.end));
    const generation = keyspace.databases.newGeneration();
    walkPacked(payload, 0, payload.length, this.encoding, (mb, ms, me) => {
      putElement(keyspace, generation, mb, ms, me, NO_VALUE, 0, 0, NO_EXPIRY, null);
    });
    this.generation = generation;
    this.encoding = ENCODING_ID.hashtable;
    this.changed = true;
  }

  /** Removes a member; false when it was not there. */
  remove(mb: Buffer, ms: number, me: number): boolean {
    if (!this.locateLive(mb, ms, me)) return false;
    this.removeFound(mb, ms, me);
    return true;
  }

  private removeFound(mb: Buffer, ms: number, me: number): void {
    const b = this.keyspace.store.putBuffer;
    this.changed = true;
    this.size--;
    if (this.generation !== 0) {
      if (this.element.expireAtMs !== NO_EXPIRY) this.deadlinesChanged = true;
      deleteElement(this.keyspace, this.generation, mb, ms, me, this.element);
    } else if (this.encoding === ENCODING_ID.intset) this.end = intsetRemove(b, WORK, this.end, this.found);
    else this.end = packedSetRemove(b, WORK, this.end, this.found);
  }

  /**
   * Sets or (NO_EXPIRY) drops the deadline of a member; false when there is no such member. A set whose members have
   * deadlines is a large one.
   */
  setDeadline(mb: Buffer, ms: number, me: number, expireAtMs: number): boolean {
    if (!this.locateLive(mb, ms, me)) return false;
    if (this.element.expireAtMs === expireAtMs) return true;
    if (this.generation === 0) {
      this.enlarge();
      this.locate(mb, ms, me);
    }
    putElement(this.keyspace, this.generation, mb, ms, me, NO_VALUE, 0, 0, expireAtMs, this.element);
    this.changed = true;
    this.deadlinesChanged = true;
    return true;
  }

  /** Deletes up to `limit` due members, the earliest first; returns how many. */
  expireDue(limit: number): number {
    let count = 0;
    for (; count < limit && this.generation !== 0; count++) {
      const member = firstDueMember(this.keyspace, this.generation, this.element);
      if (member === null) break;
      this.expireFound(member, 0, member.length);
    }
    return count;
  }

  /** Writes what was changed. True when the key exists afterwards. */
  finish(): boolean {
    const { keyspace, db, kb, ks, ke, old, generation } = this;
    if (!this.changed) {
      if (old === null && generation !== 0) keyspace.discard(generation);
      return old !== null;
    }
    if (this.size === 0) {
      if (old !== null) keyspace.delete(db, kb, ks, ke);
      if (generation !== 0 && (old === null || old.generation !== generation)) keyspace.discard(generation);
      return false;
    }
    const put = keyspace.store.putBuffer;
    const expireAtMs = old === null ? NO_EXPIRY : old.expireAtMs;
    const memberExpireAtMs = this.earliest();
    const size = generation === 0 ? 0 : this.size;
    const { encoding } = this;
    const type = TYPE_ID.set;
    const p = keyspace.startRecord(kb, ks, ke, old, type, encoding, expireAtMs, generation, size, memberExpireAtMs);
    let payloadEnd = p;
    if (generation === 0) {
      put.copyWithin(p, WORK, this.end);
      payloadEnd = p + this.end - WORK;
    }
    keyspace.endRecord(db, kb, ks, ke, old, expireAtMs, payloadEnd, generation, memberExpireAtMs);
    return true;
  }

  private earliest(): number {
    if (this.generation === 0) return NO_EXPIRY;
    if (this.deadlinesChanged) return earliestDeadline(this.keyspace, this.generation);
    return this.old === null ? NO_EXPIRY : this.old.memberExpireAtMs;
  }
}
