/**
 * Keys and their records: lookup with expiry, insert, overwrite, delete, expiry, in the present snapshot or write txn.
 * The only door of types and commands to a key's record. One object per process.
 *
 * Expiry: a due key does not exist. Readers hide it; a lookup inside a write txn deletes it, as Redis'
 * expireIfNeeded does. Elements of a large value are never deleted here: their generation goes to the trash in the same
 * txn, and the reclaimer (reclaim.ts) removes them in small steps.
 *
 * Borrowing: an Entry's payload lies in the store's value buffer and is valid until the next store call.
 */
import { WRONGTYPE } from "../base/errors.ts";
import { deadlineTable, TRASH_KIND, TYPE_ID } from "../codec/format.ts";
import type { KeyCodec } from "../codec/key-codec.ts";
import { KEY_TAIL, SHORT_KEY_MAX } from "../codec/key-codec.ts";
import {
  type Entry,
  exactExpiry,
  NO_EXPIRY,
  readRecord,
  readU32,
  recordType,
  writeRecordEncoding,
  writeRecordHeader,
} from "../codec/record.ts";
import { COUNTER, SHARED_WORD } from "../ports/counters.ts";
import type { SharedState } from "../ports/shared-state.ts";
import type { OrderedStore } from "../store/ordered-store.ts";
import { readChunks, writeChunks } from "./chunks.ts";
import type { Databases } from "./databases.ts";
import { KeyChanges } from "./key-changes.ts";
import type { KeyspaceListener } from "./keyspace-listener.ts";
import type { DueMember, MemberExpirer } from "./member-expirer.ts";
import { ReadyKeys } from "./ready-keys.ts";
import { VersionClock } from "./version-clock.ts";

/** Why a key is removed: only expiry is not a change that WATCH of an absent key may see. */
export type RemoveReason = "delete" | "expire" | "evict";

/** Due keys that reads may leave for deletion in one turn; more are left to the next read or the active cycle. */
const DUE_MAX = 1024;

/** Due members of one key that a read may have deleted at once; more are left to the active cycle. */
export const SEEN_MEMBERS_MAX = 64;

export class Keyspace {
  readonly store: OrderedStore;
  readonly databases: Databases;
  readonly codec: KeyCodec;
  readonly versions: VersionClock;
  /** Time of the present command, unix ms; set by the pipeline. */
  nowMs: number;
  listener: KeyspaceListener | null;
  /** Called when a read met the first due key since they were last deleted. */
  onDue: (() => void) | null;
  /** Rows of the keys table that reads found due: see noteDue. */
  readonly due: Buffer[];
  /** Members that reads found due: see dropDueMember. */
  readonly dueMembers: DueMember[];
  /** Set by the server. */
  memberExpirer: MemberExpirer | null;
  readonly readyKeys: ReadyKeys;
  readonly changes: KeyChanges;
  /** `readyKeys` inside a write txn while a client of any process is blocked; else null. */
  ready: ReadyKeys | null;
  /** Called when a write txn was committed, or dropped (perhaps twice then). */
  onTxnEnd: ((isCommitted: boolean) => void) | null;
  /** Changes made by this process; grows with every change of a record or element by a command. */
  dirty: number;
  private dirtyBefore: number;
  private readonly words: Int32Array;
  private readonly touches: Int32Array;
  private readonly counters: Float64Array;
  // The user key whose row key is in the store's key buffer, to build it once per command. `rowLength` 0: none.
  private rowLength: number;
  private rowBuffer: Buffer | null;
  private rowStart: number;
  private rowEnd: number;
  private rowEpoch: number;
  // The rest (codec/record.ts) of the far expiry that the next record may have.
  private farExpiry: number;
  private farRest: number;

  constructor(store: OrderedStore, codec: KeyCodec, databases: Databases, shared: SharedState) {
    this.store = store;
    this.codec = codec;
    this.databases = databases;
    this.versions = new VersionClock(shared.versionClock);
    this.words = shared.words;
    this.touches = shared.touches;
    this.counters = shared.counters(shared.slot);
    this.nowMs = Date.now();
    this.listener = null;
    this.onDue = null;
    this.due = [];
    this.dueMembers = [];
    this.memberExpirer = null;
    this.readyKeys = new ReadyKeys();
    this.changes = new KeyChanges();
    this.ready = null;
    this.onTxnEnd = null;
    this.dirty = 0;
    this.dirtyBefore = 0;
    this.rowLength = 0;
    this.rowBuffer = null;
    this.rowStart = 0;
    this.rowEnd = 0;
    this.rowEpoch = 0;
    this.farExpiry = 0;
    this.farRest = 0;
  }

  /** Must be called when the bytes behind a remembered key may have changed (at the start of each command). */
  forgetRow(): void {
    this.rowBuffer = null;
  }

  /** Builds the row key of a user key unless it is in the key buffer already. */
  private row(epoch: number, buf: Buffer, start: number, end: number): number {
    if (this.rowBuffer === buf && this.rowStart === start && this.rowEnd === end && this.rowEpoch === epoch) {
      if (this.store.keyBuffer[0] === 1) return this.rowLength;
    }
    const n = this.codec.keyRow(epoch, buf, start, end);
    this.rowLength = n;
    this.rowBuffer = buf;
    this.rowStart = start;
    this.rowEnd = end;
    this.rowEpoch = epoch;
    return n;
  }

  epochOf(db: number): number {
    return this.databases.epochs[db] as number;
  }

  /** Raw length of the record of a key in `store.valueBuffer`, due or not; -1 when there is none. The fast path of GET. */
  readRecordBytes(db: number, buf: Buffer, start: number, end: number): number {
    return this.store.get(this.row(this.epochOf(db), buf, start, end));
  }

  /**
   * The record of key `buf[start..end)`, or null when there is none or it is due. Inside a write txn a due key is
   * deleted. Does not count hits and misses: see lookup.ts.
   */
  find(db: number, buf: Buffer, start: number, end: number): Entry | null {
    const n = this.store.get(this.row(this.epochOf(db), buf, start, end));
    if (n < 0) return null;
    const entry = readRecord(this.store.valueBuffer, n);
    if (entry.expireAtMs !== NO_EXPIRY && entry.expireAtMs < this.nowMs) {
      if (this.store.inWriteTxn) this.expire(db, buf, start, end, entry);
      else this.noteDue(this.store.keyBuffer, this.rowLength);
      return null;
    }
    return entry;
  }

  /**
   * A read met a due key, whose row of the keys table is `row[0..length)`: it is deleted right after this turn, as Redis
   * deletes it at once (active-expire.ts, expireSeenKeys).
   */
  noteDue(row: Buffer, length: number): void {
    if (this.due.length >= DUE_MAX) return;
    this.due.push(Buffer.from(row.subarray(0, length)));
    if (this.due.length === 1 && this.onDue !== null) this.onDue();
  }

  /**
   * A read met a due member of key `buf[start..end)` (null: perhaps several). It is deleted, at once inside a write txn,
   * else right after this turn. `member` is kept.
   */
  dropDueMember(db: number, buf: Buffer, start: number, end: number, member: Buffer | null): void {
    const { memberExpirer, dueMembers } = this;
    if (this.store.inWriteTxn) {
      const key = Buffer.from(buf.subarray(start, end));
      if (member !== null) memberExpirer?.expireMember(db, key, member);
      else memberExpirer?.expireMembers(db, key, SEEN_MEMBERS_MAX);
    } else if (dueMembers.length < DUE_MAX) {
      dueMembers.push({ db, key: Buffer.from(buf.subarray(start, end)), member });
      if (dueMembers.length === 1 && this.onDue !== null) this.onDue();
    }
  }

  /** Counts a member that was deleted because it was due. */
  countExpiredMember(): void {
    this.counters[COUNTER.expired_subkeys] = (this.counters[COUNTER.expired_subkeys] as number) + 1;
  }

  private expire(db: number, buf: Buffer, start: number, end: number, entry: Entry): void {
    this.remove(db, buf, start, end, entry, "expire");
    this.counters[COUNTER.expired_keys] = (this.counters[COUNTER.expired_keys] as number) + 1;
    if (this.listener !== null) this.listener.expired(db, buf, start, end);
  }

  /**
   * Deletes the key whose row of the keys table is `row`, if there is one and it is due. Works without the key's name,
   * which for a long key is dear: it is read only for the listener.
   */
  expireRow(row: Buffer): boolean {
    const { store } = this;
    const epoch = readU32(row, 1);
    const db = this.databases.databaseOf(epoch);
    this.rowBuffer = null;
    row.copy(store.keyBuffer);
    const n = db < 0 ? -1 : store.get(row.length);
    if (n < 0) return false;
    const entry = readRecord(store.valueBuffer, n);
    if (entry.expireAtMs === NO_EXPIRY || entry.expireAtMs >= this.nowMs) return false;
    const isAwaited = this.ready !== null && entry.type === TYPE_ID.stream;
    const isTold = isAwaited || this.changes.isWanted || this.listener?.wantsExpired === true;
    const name = isTold ? this.nameOf(row, entry) : null;
    row.copy(store.keyBuffer);
    this.removeRow(row.length, epoch, entry);
    if (entry.generation !== 0) this.discard(entry.generation);
    this.counters[COUNTER.expired_keys] = (this.counters[COUNTER.expired_keys] as number) + 1;
    if (name === null) return true;
    if (isAwaited) this.ready?.note(db, name, 0, name.length);
    if (this.changes.isWanted) this.changes.note(name, 0, name.length, true);
    this.listener?.expired(db, name, 0, name.length);
    return true;
  }

  /** The user key of a row of the keys table. For a long key one read per chunk. */
  nameOf(row: Buffer, entry: Entry): Buffer {
    return entry.keyGeneration === 0 ? row.subarray(KEY_TAIL) : this.readLongKey(entry);
  }

  /** Deletes a key that `find` returned. O(1): elements go to the trash. */
  remove(db: number, buf: Buffer, start: number, end: number, entry: Entry, reason: RemoveReason = "delete"): void {
    this.removeRecord(db, buf, start, end, entry, reason);
    if (entry.generation !== 0) this.discard(entry.generation);
  }

  /** Deletes the record, its expires row and its name; what it points to stays. */
  private removeRecord(db: number, buf: Buffer, start: number, end: number, entry: Entry, reason: RemoveReason): void {
    const epoch = this.epochOf(db);
    const length = this.row(epoch, buf, start, end);
    if (this.ready !== null && entry.type === TYPE_ID.stream) this.ready.note(db, buf, start, end);
    if (this.changes.isWanted) this.changes.note(buf, start, end, reason !== "delete");
    if (reason !== "expire") Atomics.add(this.touches, this.touchSlot(db), 1);
    // What the server deletes by itself is no change, as in Redis.
    if (reason === "delete") this.dirty++;
    this.removeRow(length, epoch, entry);
  }

  /** As `removeRecord`, for the keys row of `length` bytes in the key buffer. */
  private removeRow(length: number, epoch: number, entry: Entry): void {
    const { store, databases } = this;
    this.rowBuffer = null;
    store.delete(length);
    const { type, memberExpireAtMs } = entry;
    if (memberExpireAtMs !== NO_EXPIRY) this.moveMemberExpiresRow(length, type, memberExpireAtMs, NO_EXPIRY);
    if (entry.expireAtMs !== NO_EXPIRY) {
      store.delete(this.codec.toExpiresRow(length, entry.expireAtMs));
      databases.countExpiry(epoch, entry.expireAtMs, -1);
    }
    databases.countKey(epoch, -1);
    if (entry.keyGeneration !== 0) this.discard(entry.keyGeneration);
  }

  /** Deletes a key by name; false when it did not exist (or was due). */
  delete(db: number, buf: Buffer, start: number, end: number): boolean {
    const entry = this.find(db, buf, start, end);
    if (entry === null) return false;
    this.remove(db, buf, start, end, entry);
    return true;
  }

  /** Leaves a generation's elements to the reclaimer. */
  discard(generation: number): void {
    this.store.put(this.codec.trashRow(TRASH_KIND.generation, generation), 0);
    this.rowBuffer = null;
  }

  /**
   * Starts the record of a key: writes the header into `store.putBuffer` and returns where the payload goes; the
   * caller writes it there and calls `endRecord` with the payload's end and the same key. `old` is what `find` returned
   * for the key; its elements are left alone when the new record has the same generation, else discarded.
   */
  startRecord(
    buf: Buffer,
    start: number,
    end: number,
    old: Entry | null,
    type: number,
    encoding: number,
    expireAtMs: number,
    generation = 0,
    size = 0,
    memberExpireAtMs = NO_EXPIRY,
  ): number {
    let keyGeneration = 0;
    const keyLength = end - start;
    if (keyLength > SHORT_KEY_MAX) {
      keyGeneration = old !== null ? old.keyGeneration : this.storeLongKey(buf, start, end);
    }
    this.versions.next();
    return writeRecordHeader(
      this.store.putBuffer,
      type,
      encoding,
      this.versions.high,
      this.versions.low,
      expireAtMs,
      generation,
      size,
      keyGeneration,
      keyLength,
      expireAtMs > Number.MAX_SAFE_INTEGER ? this.restOf(expireAtMs, old) : 0,
      memberExpireAtMs,
    );
  }

  /**
   * A deadline in unix ms as the number that `startRecord`, `setExpiry` and the like take. Call it right before the
   * write: what a number cannot hold of a deadline beyond 2^53 is remembered until then.
   */
  expiryOf(deadline: number | bigint): number {
    if (typeof deadline === "number") return deadline;
    if (deadline <= Number.MAX_SAFE_INTEGER) return Number(deadline);
    this.farRest = Number(deadline & 1023n);
    this.farExpiry = Number(deadline - BigInt(this.farRest));
    return this.farExpiry;
  }

  private restOf(expireAtMs: number, old: Entry | null): number {
    if (expireAtMs === this.farExpiry) {
      this.farExpiry = 0;
      return this.farRest;
    }
    return old !== null && old.expireAtMs === expireAtMs ? old.expiryRest : 0;
  }

  /** Hash of a key, for the access clock. */
  hashOf(buf: Buffer, start: number, end: number): number {
    this.rowBuffer = null;
    this.codec.keyRow(0, buf, start, end);
    return this.codec.hashLow;
  }

  /** Writes the record started by `startRecord`; `payloadEnd` counts in `store.putBuffer`. */
  endRecord(
    db: number,
    buf: Buffer,
    start: number,
    end: number,
    old: Entry | null,
    expireAtMs: number,
    payloadEnd: number,
    generation = 0,
    memberExpireAtMs = NO_EXPIRY,
  ): void {
    const epoch = this.epochOf(db);
    if (this.ready !== null) this.ready.noteRecord(this.store.putBuffer, old, expireAtMs, db, buf, start, end);
    if (this.changes.isWanted) this.changes.note(buf, start, end);
    const length = this.row(epoch, buf, start, end);
    this.store.put(length, payloadEnd);
    this.dirty++;
    const oldExpiry = old === null ? NO_EXPIRY : old.expireAtMs;
    const oldMemberExpiry = old === null ? NO_EXPIRY : old.memberExpireAtMs;
    if (oldMemberExpiry !== memberExpireAtMs) {
      // Keys of different types never both have such a time: who replaces a value by one that has deletes it first.
      const type = memberExpireAtMs === NO_EXPIRY && old !== null ? old.type : recordType(this.store.putBuffer);
      this.moveMemberExpiresRow(length, type, oldMemberExpiry, memberExpireAtMs);
    }
    if (oldExpiry !== expireAtMs) this.moveExpiresRow(length, epoch, oldExpiry, expireAtMs);
    if (old === null) {
      this.databases.countKey(epoch, 1);
      Atomics.add(this.touches, this.touchSlot(db), 1);
      if (this.listener?.wantsCreated) this.listener.created(db, buf, start, end);
    }
    if (old !== null && old.generation !== 0 && old.generation !== generation) this.discard(old.generation);
  }

  /** Changes the expires row of the key whose keys row of `length` bytes is in the key buffer, and leaves that there. */
  private moveExpiresRow(length: number, epoch: number, from: number, to: number): void {
    const { store, codec, databases } = this;
    const expiresLength = codec.toExpiresRow(length, from === NO_EXPIRY ? to : from);
    if (from !== NO_EXPIRY) store.delete(expiresLength);
    if (to !== NO_EXPIRY) {
      codec.setRowExpiry(to);
      store.put(expiresLength, 0);
    }
    codec.toKeyRow(expiresLength);
    if (from !== NO_EXPIRY) databases.countExpiry(epoch, from, -1);
    if (to !== NO_EXPIRY) databases.countExpiry(epoch, to, 1);
  }

  /** As `moveExpiresRow`, for the earliest deadline of the key's members. Only the key's own rows are touched. */
  private moveMemberExpiresRow(length: number, type: number, from: number, to: number): void {
    const { store, codec } = this;
    const expiresLength = codec.toExpiresRow(length, from === NO_EXPIRY ? to : from, deadlineTable(type));
    if (from !== NO_EXPIRY) store.delete(expiresLength);
    if (to !== NO_EXPIRY) {
      codec.setRowExpiry(to);
      store.put(expiresLength, 0);
    }
    codec.toKeyRow(expiresLength);
  }

  /** Sets, changes or (NO_EXPIRY) drops the expiry of a key that `find` just returned; its payload stays. */
  setExpiry(db: number, buf: Buffer, start: number, end: number, entry: Entry, expireAtMs: number): void {
    this.rewrite(db, buf, start, end, entry, expireAtMs, entry.generation, entry.size, entry.encoding);
  }

  /**
   * Writes the header of a key that `find` just returned anew (fresh version stamp), keeping its inline payload. For
   * changes of elements under a generation: new size, or only the stamp.
   */
  rewrite(
    db: number,
    buf: Buffer,
    start: number,
    end: number,
    entry: Entry,
    expireAtMs: number,
    generation: number,
    size: number,
    encoding: number,
    memberExpireAtMs = entry.memberExpireAtMs,
  ): void {
    const length = entry.payloadEnd - entry.payloadStart;
    const { type } = entry;
    const p = this.startRecord(buf, start, end, entry, type, encoding, expireAtMs, generation, size, memberExpireAtMs);
    this.store.valueBuffer.copy(this.store.putBuffer, p, entry.payloadStart, entry.payloadEnd);
    this.endRecord(db, buf, start, end, entry, expireAtMs, p + length, generation, memberExpireAtMs);
  }

  /**
   * Notes another encoding of a key that `find` just returned. Its value and version stamp stay: WATCH must not notice
   * that a command only changed how a value is held.
   */
  setEncoding(db: number, buf: Buffer, start: number, end: number, entry: Entry, encoding: number): void {
    const store = this.store;
    store.valueBuffer.copy(store.putBuffer, 0, 0, entry.payloadEnd);
    writeRecordEncoding(store.putBuffer, encoding);
    store.put(this.row(this.epochOf(db), buf, start, end), entry.payloadEnd);
  }

  /**
   * Moves a key that `find` just returned to another name and/or database, where nothing may exist (delete it first,
   * then find again). Elements stay where they are: O(1) whatever the size.
   */
  move(
    db: number,
    buf: Buffer,
    start: number,
    end: number,
    entry: Entry,
    toDb: number,
    toBuf: Buffer,
    toStart: number,
    toEnd: number,
  ): void {
    const payload = this.copyPayload(entry);
    this.removeRecord(db, buf, start, end, entry, "delete");
    this.expiryOf(exactExpiry(entry));
    const p = this.startRecord(
      toBuf,
      toStart,
      toEnd,
      null,
      entry.type,
      entry.encoding,
      entry.expireAtMs,
      entry.generation,
      entry.size,
      entry.memberExpireAtMs,
    );
    payload.copy(this.store.putBuffer, p);
    this.endRecord(
      toDb,
      toBuf,
      toStart,
      toEnd,
      null,
      entry.expireAtMs,
      p + payload.length,
      entry.generation,
      entry.memberExpireAtMs,
    );
  }

  /** Own copy of the inline payload of an entry that is still borrowed. */
  copyPayload(entry: Entry): Buffer {
    const copy = Buffer.allocUnsafe(entry.payloadEnd - entry.payloadStart);
    this.store.valueBuffer.copy(copy, 0, entry.payloadStart, entry.payloadEnd);
    return copy;
  }

  private storeLongKey(buf: Buffer, start: number, end: number): number {
    const generation = this.databases.newGeneration();
    writeChunks(this.store, this.codec, generation, buf, start, end);
    this.rowBuffer = null;
    return generation;
  }

  /** The whole name of a long key (`entry.keyGeneration` not 0). */
  readLongKey(entry: Entry): Buffer {
    return readChunks(this.store, this.codec, entry.keyGeneration, entry.keyLength);
  }

  /** Keys of a database, those due but not yet removed included, as DBSIZE counts. O(1). */
  size(db: number): number {
    const size = this.databases.countsOf(this.epochOf(db)).keys;
    this.rowBuffer = null;
    return size;
  }

  /** Empties a database in O(1); the reclaimer removes the rows. Returns the number of keys it had. */
  flush(db: number): number {
    // Also of an empty one, as in Redis: clients may hold that a key is not there.
    if (this.changes.isWanted) this.changes.onFlush();
    const keys = this.size(db);
    if (keys === 0) return 0;
    const old = this.databases.renew(db);
    this.store.put(this.codec.trashRow(TRASH_KIND.epoch, old), 0);
    this.rowBuffer = null;
    this.dirty += keys;
    if (this.ready !== null) this.ready.noteDatabase(db);
    return keys;
  }

  swap(a: number, b: number): void {
    this.databases.swap(a, b);
    this.rowBuffer = null;
    this.dirty++;
    for (const db of [a, b]) this.ready?.noteDatabase(db);
  }

  /** Opens the write txn; false when the lock was not got in time. */
  begin(timeoutMs: number): boolean {
    if (!this.store.begin(timeoutMs)) return false;
    this.rowBuffer = null;
    this.dirtyBefore = this.dirty;
    this.databases.load();
    this.versions.begin(this.nowMs);
    this.ready = Atomics.load(this.words, SHARED_WORD.interest_blocked) === 0 ? null : this.readyKeys;
    this.changes.onBegun();
    return true;
  }

  commit(durable: boolean): void {
    this.databases.flush();
    this.versions.end();
    this.rowBuffer = null;
    this.ready = null;
    try {
      this.store.commit(durable);
    } catch (error) {
      if (this.onTxnEnd !== null) this.onTxnEnd(false);
      throw error;
    }
    if (this.onTxnEnd !== null) this.onTxnEnd(true);
    this.counters[COUNTER.dirty] = (this.counters[COUNTER.dirty] as number) + (this.dirty - this.dirtyBefore);
  }

  abort(): void {
    this.versions.end();
    this.rowBuffer = null;
    this.ready = null;
    this.readyKeys.clear();
    if (this.onTxnEnd !== null) this.onTxnEnd(false);
    try {
      this.store.abort();
    } finally {
      this.databases.abort();
    }
  }

  /** Takes a fresh snapshot for reads. */
  renewSnapshot(): void {
    this.store.renewSnapshot();
    this.rowBuffer = null;
    this.databases.load();
  }

  /** Creations and deletions counted for the hash slot of a key: WATCH compares it when the key is absent. */
  touchesOf(db: number, buf: Buffer, start: number, end: number): number {
    this.rowBuffer = null;
    this.row(this.epochOf(db), buf, start, end);
    return Atomics.load(this.touches, this.touchSlot(db));
  }

  /** Slot of the key whose row was built last. By database, not epoch: FLUSHDB of an absent key is no touch. */
  private touchSlot(db: number): number {
    return (this.codec.hashLow ^ Math.imul(db, 0x9e3779b1)) & (this.touches.length - 1);
  }
}

/** Throws WRONGTYPE unless the entry is absent or of the type. */
export function checkType(entry: Entry | null, type: number): void {
  if (entry !== null && entry.type !== type) throw WRONGTYPE;
}
