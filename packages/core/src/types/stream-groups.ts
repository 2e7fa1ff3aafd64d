/**
 * Consumer groups of a stream, their consumers and their pending entries lists (PEL), as rows (stream-rows.ts):
 *
 *   group     number u32 | last delivered ID 16 B | entries read 8 B, all ones: not known | pending 8 B | consumers u32 |
 *             next consumer number u32
 *   consumer  number u32 | seen time 8 B | active time 8 B, all ones: never | pending 8 B
 *   pending   consumer number u32 | delivery time 8 B | delivery count 8 B
 *
 * Times are unix ms. What is changed here counts as changes of the keyspace only where the caller says so.
 */
import { readU32, readU64, writeU32, writeU64 } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { Cursor } from "../store/ordered-store.ts";
import { StreamId } from "./stream-id.ts";
import {
  CONSUMER_NAME_AT,
  CONSUMER_PENDING_ID_AT,
  GROUP_NAME_AT,
  PENDING_ID_AT,
  STREAM_TAG,
  type StreamRows,
} from "./stream-rows.ts";
import { readWide, type WideCount, writeWide } from "./wide-count.ts";

/** `entriesRead` of a group that cannot tell; `activeMs` of a consumer that never got an entry. */
export const UNKNOWN = -1;
const U32_MAX = 0xffffffff;
const GROUP_BYTES = 44;
const CONSUMER_BYTES = 28;
const PENDING_BYTES = 20;

export interface Group {
  readonly id: number;
  readonly name: Buffer;
  lastId: StreamId;
  /** How many entries were read, or UNKNOWN. */
  entriesRead: WideCount;
  pending: number;
  consumers: number;
  nextConsumer: number;
}

export interface Consumer {
  readonly id: number;
  readonly name: Buffer;
  seenMs: number;
  activeMs: number;
  pending: number;
}

/** A delivered entry that was not acknowledged. */
export interface Nack {
  /** Number of the consumer. */
  consumer: number;
  deliveryMs: number;
  deliveryCount: WideCount;
}

function readOrUnknown(b: Uint8Array, at: number): WideCount {
  return readU32(b, at) === U32_MAX && readU32(b, at + 4) === U32_MAX ? UNKNOWN : readWide(b, at);
}

function writeOrUnknown(b: Buffer, at: number, n: WideCount): void {
  if (n === UNKNOWN) b.fill(0xff, at, at + 8);
  else writeWide(b, at, n);
}

export class StreamGroups {
  private readonly rows: StreamRows;
  private readonly keyspace: Keyspace;
  /** Names of consumers by `group/consumer`, for listings. */
  private readonly names: Map<string, Buffer> = new Map();

  constructor(rows: StreamRows) {
    this.rows = rows;
    this.keyspace = rows.keyspace;
  }

  // ------------------------------------------------------------------------------------------ groups

  count(): number {
    const { store } = this.keyspace;
    return store.get(this.rows.groups()) < 0 ? 0 : readU32(store.valueBuffer, 4);
  }

  /** Counts one group more or less; returns the number for a new one. */
  private countGroup(by: number): number {
    const { store } = this.keyspace;
    const found = store.get(this.rows.groups()) >= 0;
    const next = found ? readU32(store.valueBuffer, 0) : 1;
    const count = found ? readU32(store.valueBuffer, 4) : 0;
    writeU32(store.putBuffer, 0, next + (by > 0 ? 1 : 0));
    writeU32(store.putBuffer, 4, count + by);
    store.put(this.rows.groups(), 8);
    return next;
  }

  find(name: Buffer): Group | null {
    const { store } = this.keyspace;
    return store.get(this.rows.group(name)) < 0 ? null : this.readGroup(name);
  }

  private readGroup(name: Buffer): Group {
    const v = this.keyspace.store.valueBuffer;
    return {
      id: readU32(v, 0),
      name,
      lastId: StreamId.read(v, 4),
      entriesRead: readOrUnknown(v, 20),
      pending: readU64(v, 28),
      consumers: readU32(v, 36),
      nextConsumer: readU32(v, 40),
    };
  }

  /** Makes a group, whose name must be new. `name` is kept. */
  create(name: Buffer, lastId: StreamId, entriesRead: WideCount): Group {
    const id = this.countGroup(1);
    const group: Group = { id, name, lastId, entriesRead, pending: 0, consumers: 0, nextConsumer: 1 };
    this.save(group);
    if (this.isLong(this.rows.group(name), GROUP_NAME_AT, name)) this.rows.writeName(id, 0, name);
    return group;
  }

  /** Whether a name is not whole in its row of `length` bytes. */
  private isLong(length: number, at: number, name: Buffer): boolean {
    return length - at !== name.length;
  }

  save(group: Group): void {
    const { store } = this.keyspace;
    const put = store.putBuffer;
    writeU32(put, 0, group.id);
    group.lastId.write(put, 4);
    writeOrUnknown(put, 20, group.entriesRead);
    writeU64(put, 28, group.pending);
    writeU32(put, 36, group.consumers);
    writeU32(put, 40, group.nextConsumer);
    store.put(this.rows.group(group.name), GROUP_BYTES);
  }

  /** Removes a group with all that belongs to it. O(pending entries). */
  destroy(group: Group): void {
    const { rows } = this;
    rows.deletePrefix(rows.prefix(STREAM_TAG.pending, group.id));
    rows.deletePrefix(rows.prefix(STREAM_TAG.consumerPending, group.id));
    rows.deletePrefix(rows.prefix(STREAM_TAG.consumer, group.id));
    rows.deletePrefix(rows.prefix(STREAM_TAG.name, group.id));
    this.keyspace.store.delete(rows.group(group.name));
    this.countGroup(-1);
  }

  /** All groups, in the order of their names. */
  all(): Group[] {
    const { rows } = this;
    const groups: Group[] = [];
    this.walk(rows.group(null), STREAM_TAG.group, (cursor) => {
      const name = rows.nameInKey(cursor, GROUP_NAME_AT);
      cursor.readValue();
      const group = this.readGroup(name ?? NO_NAME);
      groups.push(name === null ? { ...group, name: rows.readName(group.id, 0) } : group);
      return true;
    });
    return groups;
  }

  // ------------------------------------------------------------------------------------------ consumers

  findConsumer(group: Group, name: Buffer): Consumer | null {
    const { store } = this.keyspace;
    return store.get(this.rows.consumer(group.id, name)) < 0 ? null : this.readConsumer(name);
  }

  private readConsumer(name: Buffer): Consumer {
    const v = this.keyspace.store.valueBuffer;
    return {
      id: readU32(v, 0),
      name,
      seenMs: readU64(v, 4),
      activeMs: Number(readOrUnknown(v, 12)),
      pending: readU64(v, 20),
    };
  }

  /** Makes a consumer, whose name must be new. `name` is kept; `group` is saved by the caller. */
  createConsumer(group: Group, name: Buffer): Consumer {
    const id = group.nextConsumer++;
    group.consumers++;
    const consumer = { id, name, seenMs: this.keyspace.nowMs, activeMs: UNKNOWN, pending: 0 };
    this.saveConsumer(group, consumer);
    this.rows.writeName(group.id, id, name);
    return consumer;
  }

  saveConsumer(group: Group, consumer: Consumer): void {
    const { store } = this.keyspace;
    const put = store.putBuffer;
    writeU32(put, 0, consumer.id);
    writeU64(put, 4, consumer.seenMs);
    writeOrUnknown(put, 12, consumer.activeMs);
    writeU64(put, 20, consumer.pending);
    store.put(this.rows.consumer(group.id, consumer.name), CONSUMER_BYTES);
  }

  /** Removes a consumer with its pending entries; `group` is saved by the caller. O(pending entries). */
  deleteConsumer(group: Group, consumer: Consumer): void {
    const { rows } = this;
    const { store } = this.keyspace;
    this.eachPending(group, consumer, StreamId.min(), (id) => {
      store.delete(rows.pending(group.id, id));
      return true;
    });
    rows.deletePrefix(rows.prefix(STREAM_TAG.consumerPending, group.id, consumer.id));
    rows.deleteName(group.id, consumer.id);
    store.delete(rows.consumer(group.id, consumer.name));
    group.pending -= consumer.pending;
    group.consumers--;
  }

  /** All consumers of a group, in the order of their names. */
  allConsumers(group: Group): Consumer[] {
    const { rows } = this;
    const consumers: Consumer[] = [];
    this.walk(rows.prefix(STREAM_TAG.consumer, group.id), STREAM_TAG.consumer, (cursor) => {
      if (readU32(cursor.key, CONSUMER_NAME_AT - 4) !== group.id) return false;
      const name = rows.nameInKey(cursor, CONSUMER_NAME_AT);
      cursor.readValue();
      const consumer = this.readConsumer(name ?? NO_NAME);
      consumers.push(name === null ? { ...consumer, name: rows.readName(group.id, consumer.id) } : consumer);
      return true;
    });
    return consumers;
  }

  /** The name of a consumer by its number. */
  consumerName(group: Group, consumer: number): Buffer {
    const key = `${group.id}/${consumer}`;
    let name = this.names.get(key);
    if (name === undefined) {
      name = this.rows.readName(group.id, consumer);
      this.names.set(key, name);
    }
    return name;
  }

  // ------------------------------------------------------------------------------------------ pending entries

  findPending(group: Group, id: StreamId): Nack | null {
    return this.keyspace.store.get(this.rows.pending(group.id, id)) < 0 ? null : this.readNack();
  }

  private readNack(): Nack {
    const v = this.keyspace.store.valueBuffer;
    return { consumer: readU32(v, 0), deliveryMs: readU64(v, 4), deliveryCount: readWide(v, 12) };
  }

  /** Changes a pending entry that stays with its consumer. */
  putPending(group: Group, id: StreamId, nack: Nack): void {
    const { store } = this.keyspace;
    const put = store.putBuffer;
    writeU32(put, 0, nack.consumer);
    writeU64(put, 4, nack.deliveryMs);
    writeWide(put, 12, nack.deliveryCount);
    store.put(this.rows.pending(group.id, id), PENDING_BYTES);
  }

  /**
   * Gives an entry to `consumer`: `old` is the pending entry there is (or null). The counts of `group` and `consumer` are
   * changed here and saved by the caller; those of another consumer who had the entry are saved here.
   */
  assign(group: Group, consumer: Consumer, id: StreamId, old: Nack | null, time: number, count: WideCount): void {
    const { store } = this.keyspace;
    this.putPending(group, id, { consumer: consumer.id, deliveryMs: time, deliveryCount: count });
    if (old === null) group.pending++;
    else if (old.consumer === consumer.id) return;
    else this.takeFrom(group, old.consumer, id);
    store.put(this.rows.consumerPending(group.id, consumer.id, id), 0);
    consumer.pending++;
  }

  /** Removes a pending entry. `consumer` is the one at hand, saved by the caller, like the group; may be null. */
  removePending(group: Group, id: StreamId, nack: Nack, consumer: Consumer | null): void {
    const { store } = this.keyspace;
    store.delete(this.rows.pending(group.id, id));
    group.pending--;
    if (consumer !== null && consumer.id === nack.consumer) {
      store.delete(this.rows.consumerPending(group.id, consumer.id, id));
      consumer.pending--;
    } else this.takeFrom(group, nack.consumer, id);
  }

  private takeFrom(group: Group, consumerId: number, id: StreamId): void {
    this.keyspace.store.delete(this.rows.consumerPending(group.id, consumerId, id));
    const owner = this.findConsumer(group, this.consumerName(group, consumerId));
    if (owner === null) throw new Error("a pending entry has no consumer");
    owner.pending--;
    this.saveConsumer(group, owner);
  }

  /**
   * Calls `visit` with each pending entry from `from` on, of a consumer or (null) of the group, until it returns false.
   * The entries visited may be removed meanwhile.
   */
  eachPending(
    group: Group,
    consumer: Consumer | null,
    from: StreamId,
    visit: (id: StreamId, nack: Nack) => boolean,
  ): void {
    const { rows } = this;
    if (consumer === null) {
      this.walk(rows.pending(group.id, from), STREAM_TAG.pending, (cursor) => {
        if (readU32(cursor.key, PENDING_ID_AT - 4) !== group.id) return false;
        cursor.readValue();
        return visit(StreamId.read(cursor.key, PENDING_ID_AT), this.readNack());
      });
      return;
    }
    this.walk(rows.consumerPending(group.id, consumer.id, from), STREAM_TAG.consumerPending, (cursor) => {
      const { key } = cursor;
      if (readU32(key, CONSUMER_PENDING_ID_AT - 8) !== group.id) return false;
      if (readU32(key, CONSUMER_PENDING_ID_AT - 4) !== consumer.id) return false;
      const id = StreamId.read(key, CONSUMER_PENDING_ID_AT);
      const nack = this.findPending(group, id);
      if (nack === null) throw new Error("a consumer's pending entry is not the group's");
      return visit(id, nack);
    });
  }

  /** The first (or the last) pending ID of a group that has any. */
  edgePending(group: Group, last: boolean): StreamId {
    const { rows } = this;
    const { store } = this.keyspace;
    const cursor = store.openCursor();
    try {
      const found = last
        ? cursor.seekBefore(rows.prefix(STREAM_TAG.pending, group.id + 1))
        : cursor.seek(rows.prefix(STREAM_TAG.pending, group.id));
      if (!found || !rows.isOn(cursor, STREAM_TAG.pending)) throw new Error("a group's pending entries are missing");
      return StreamId.read(cursor.key, PENDING_ID_AT);
    } finally {
      cursor.close();
    }
  }

  /** Walks over the rows with a tag from the key that was just built, until `visit` returns false. */
  private walk(keyLength: number, tag: number, visit: (cursor: Cursor) => boolean): void {
    const { store } = this.keyspace;
    const cursor = store.openCursor();
    try {
      let found = cursor.seek(keyLength);
      while (found && this.rows.isOn(cursor, tag) && visit(cursor)) found = cursor.next();
    } finally {
      cursor.close();
    }
  }
}

const NO_NAME: Buffer = Buffer.alloc(0);
