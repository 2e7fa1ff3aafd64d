/**
 * Streams. The key's record holds what is known of the whole and the last node, so that XADD is one get and one put; full
 * nodes and everything of consumer groups are rows (stream-rows.ts) under the record's generation.
 *
 *   payload: length 8 B | last ID | first ID | highest deleted ID (16 B each) | entries added 8 B | nodes in rows 8 B |
 *            first ID of the last node | the last node (stream-node.ts), absent when the stream has no node
 *
 * A change of a consumer group alone does not rewrite the record: as in Redis, WATCH does not notice it.
 */
import { ENCODING_ID, TYPE_ID } from "../codec/format.ts";
import { type Entry, NO_EXPIRY, readU64, writeU64 } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { StreamCursor } from "./stream-cursor.ts";
import { ID_BYTES, StreamId } from "./stream-id.ts";
import {
  createNode,
  type EntryFields,
  entryBytes,
  type NodeLimits,
  NodeWalker,
  roomForEntry,
  StreamNode,
} from "./stream-node.ts";
import { NODE_ID_AT, ownCopy, STREAM_TAG, StreamRows } from "./stream-rows.ts";
import { readWide, type WideCount, wideAdd, writeWide } from "./wide-count.ts";

/** Type id of streams, for lookups. */
export const STREAM = TYPE_ID.stream;
const AT_LAST = 8;
const AT_FIRST = 24;
const AT_MAX_DELETED = 40;
const AT_ADDED = 56;
const AT_NODES = 64;
const AT_TAIL_ID = 72;
const AT_TAIL = 88;
/** Fields and values of an entry may take so many bytes in all. */
export const ENTRY_BYTES_MAX = 2 ** 30;

/** Number of entries. The entry is what `find` just returned. O(1). */
export function streamLength(keyspace: Keyspace, entry: Entry): number {
  return readU64(keyspace.store.valueBuffer, entry.payloadStart);
}

/** The highest ID ever used. The entry is what `find` just returned. O(1). */
export function streamLastId(keyspace: Keyspace, entry: Entry): StreamId {
  return StreamId.read(keyspace.store.valueBuffer, entry.payloadStart + AT_LAST);
}

/** A stream while a command works on it: its own copy of the record's payload. */
export class Stream {
  readonly keyspace: Keyspace;
  /** What was found; null for a stream that is new. */
  readonly entry: Entry | null;
  readonly rows: StreamRows;
  length: number;
  lastId: StreamId;
  /** Of the first entry there is; 0-0 when there is none. */
  firstId: StreamId;
  maxDeletedId: StreamId;
  entriesAdded: WideCount;
  /** Nodes in rows. */
  sealedNodes: number;
  /** The last node; null when there is none. */
  tail: StreamNode | null;

  /** `entry` is what `find` just returned; null starts a new stream (in a write txn). */
  constructor(keyspace: Keyspace, entry: Entry | null) {
    this.keyspace = keyspace;
    this.entry = entry;
    if (entry === null) {
      this.rows = new StreamRows(keyspace, keyspace.databases.newGeneration());
      this.length = 0;
      this.lastId = StreamId.min();
      this.firstId = StreamId.min();
      this.maxDeletedId = StreamId.min();
      this.entriesAdded = 0;
      this.sealedNodes = 0;
      this.tail = null;
      return;
    }
    const p = keyspace.copyPayload(entry);
    this.rows = new StreamRows(keyspace, entry.generation);
    this.length = readU64(p, 0);
    this.lastId = StreamId.read(p, AT_LAST);
    this.firstId = StreamId.read(p, AT_FIRST);
    this.maxDeletedId = StreamId.read(p, AT_MAX_DELETED);
    this.entriesAdded = readWide(p, AT_ADDED);
    this.sealedNodes = readU64(p, AT_NODES);
    this.tail = p.length > AT_TAIL ? new StreamNode(p, AT_TAIL, p.length, StreamId.read(p, AT_TAIL_ID)) : null;
  }

  /** Nodes in all. */
  get nodes(): number {
    return this.sealedNodes + (this.tail === null ? 0 : 1);
  }

  /** ID of the last entry there is; null in an empty stream. */
  lastEntryId(): StreamId | null {
    const { tail } = this;
    if (tail !== null && tail.live > 0 && tail.deleted === 0) return tail.lastId;
    return this.edgeId(true);
  }

  /** ID of the first or the last entry there is; null in an empty stream. */
  private edgeId(last: boolean): StreamId | null {
    const cursor = new StreamCursor(this);
    try {
      cursor.range(StreamId.min(), StreamId.max(), last);
      return cursor.next() ? cursor.id.copy() : null;
    } finally {
      cursor.close();
    }
  }

  // ------------------------------------------------------------------------------------------ adding

  /** Adds an entry whose ID is above `lastId`. The fields are items `first` to `first + 2 * pairs - 1`. */
  append(id: StreamId, fields: EntryFields, first: number, pairs: number, limits: NodeLimits): void {
    const { tail } = this;
    const room = roomForEntry(fields, first, pairs);
    let node: StreamNode;
    if (tail === null || tail.isFullFor(entryBytes(fields, first, pairs), limits)) {
      if (tail !== null) this.seal(tail);
      node = createNode(Buffer.allocUnsafe(room), 0, id, fields, first, pairs);
    } else {
      const bytes = Buffer.allocUnsafe(tail.end - tail.start + room);
      tail.bytes.copy(bytes, 0, tail.start, tail.end);
      node = new StreamNode(bytes, 0, tail.end - tail.start, tail.firstId);
    }
    const blob = node.append(id, fields, first, pairs);
    if (blob !== null) this.rows.writeBlob(id, blob);
    this.tail = node;
    this.length++;
    this.entriesAdded = wideAdd(this.entriesAdded, 1);
    this.lastId = id;
    if (this.length === 1) this.firstId = id;
  }

  /** Moves the last node into a row. */
  private seal(node: StreamNode): void {
    this.putNode(node);
    this.sealedNodes++;
  }

  private putNode(node: StreamNode): void {
    this.keyspace.store.putFrom(this.rows.node(node.firstId), node.bytes, node.start, node.end);
  }

  // ------------------------------------------------------------------------------------------ removing

  /** Deletes an entry; false when there is none with the ID. */
  delete(id: StreamId): boolean {
    const node = this.nodeOf(id);
    if (node === null) return false;
    const walker = new NodeWalker(node);
    while (walker.next()) {
      const order = walker.id.compare(id);
      if (order < 0) continue;
      if (order > 0) return false;
      if (walker.isBlob) this.rows.deleteBlob(id);
      node.removeEntry(walker.from, walker.to, walker.isBlob);
      this.length--;
      this.afterChange(node, node.live === 0);
      return true;
    }
    return false;
  }

  /** The node that may hold an entry, in a buffer of its own. */
  private nodeOf(id: StreamId): StreamNode | null {
    const { tail, rows } = this;
    if (tail !== null && tail.firstId.compare(id) <= 0) return tail;
    if (this.sealedNodes === 0) return null;
    return this.sealedBefore(rows.node(id.next()));
  }

  /** The last node in a row before the key that was just built. */
  private sealedBefore(keyLength: number): StreamNode | null {
    const { keyspace, rows } = this;
    const cursor = keyspace.store.openCursor();
    try {
      if (!cursor.seekBefore(keyLength) || !rows.isOn(cursor, STREAM_TAG.node)) return null;
      const firstId = StreamId.read(cursor.key, NODE_ID_AT);
      const n = cursor.readValue();
      return new StreamNode(ownCopy(keyspace.store.valueBuffer, n), 0, n, firstId);
    } finally {
      cursor.close();
    }
  }

  /** A node got other bytes, or is to go. */
  private afterChange(node: StreamNode, isGone: boolean): void {
    if (node !== this.tail) {
      if (!isGone) this.putNode(node);
      else {
        this.keyspace.store.delete(this.rows.node(node.firstId));
        this.sealedNodes--;
      }
    } else if (isGone) this.dropTail(node);
  }

  /** The last node goes: the one before becomes the last, and leaves its row. */
  private dropTail(node: StreamNode): void {
    this.tail = this.sealedNodes === 0 ? null : this.sealedBefore(this.rows.node(node.firstId));
    if (this.tail === null) return;
    this.keyspace.store.delete(this.rows.node(this.tail.firstId));
    this.sealedNodes--;
  }

  /** After entries were deleted: the first ID is looked up again. */
  findFirst(): void {
    this.firstId = (this.length === 0 ? null : this.edgeId(false)) ?? StreamId.min();
  }

  /**
   * Removes entries from the start, Redis' streamTrim: by length when `minId` is null, else those below it. Approximate
   * trimming removes whole nodes only, and stops before it has removed more than `limit` (0: no limit). Returns how many
   * were removed. O(nodes removed).
   */
  trim(maxLength: number, minId: StreamId | null, approximate: boolean, limit: number): number {
    let removed = 0;
    while (this.nodes > 0 && (minId !== null || this.length > maxLength)) {
      const node = this.firstNode();
      const { live } = node;
      if (limit > 0 && removed + live > limit) break;
      const whole = minId === null ? this.length - live >= maxLength : node.lastId.compare(minId) < 0;
      if (whole) {
        this.removeBlobs(node);
        this.length -= live;
        removed += live;
        this.afterChange(node, true);
        continue;
      }
      if (!approximate) removed += this.trimNode(node, maxLength, minId);
      break;
    }
    if (removed > 0) this.findFirst();
    return removed;
  }

  private firstNode(): StreamNode {
    const { keyspace, rows, tail } = this;
    if (this.sealedNodes === 0) return tail as StreamNode;
    const cursor = keyspace.store.openCursor();
    try {
      if (!cursor.seek(rows.node(StreamId.min())) || !rows.isOn(cursor, STREAM_TAG.node)) {
        throw new Error("a stream's nodes are missing");
      }
      const firstId = StreamId.read(cursor.key, NODE_ID_AT);
      const n = cursor.readValue();
      return new StreamNode(ownCopy(keyspace.store.valueBuffer, n), 0, n, firstId);
    } finally {
      cursor.close();
    }
  }

  private removeBlobs(node: StreamNode): void {
    if (node.blobs === 0) return;
    const walker = new NodeWalker(node);
    while (walker.next()) if (walker.isBlob) this.rows.deleteBlob(walker.id);
  }

  /** Trims within the first node, which may be left with no live entry, as in Redis. */
  private trimNode(node: StreamNode, maxLength: number, minId: StreamId | null): number {
    const walker = new NodeWalker(node);
    let count = 0;
    let blobs = 0;
    let to = walker.to;
    while (walker.next()) {
      if (minId === null ? this.length - count <= maxLength : walker.id.compare(minId) >= 0) break;
      if (walker.isBlob) {
        this.rows.deleteBlob(walker.id);
        blobs++;
      }
      count++;
      to = walker.to;
    }
    if (count === 0) return 0;
    node.removeHead(to, count, blobs);
    this.length -= count;
    this.afterChange(node, false);
    return count;
  }

  // ------------------------------------------------------------------------------------------ saving

  /** Writes the record of key `kb[ks..ke)`, which had `entry`. An empty stream stays. */
  save(db: number, kb: Buffer, ks: number, ke: number): void {
    const { keyspace, entry, tail } = this;
    const { generation } = this.rows;
    const expireAtMs = entry === null ? NO_EXPIRY : entry.expireAtMs;
    const size = this.nodes;
    const p = keyspace.startRecord(kb, ks, ke, entry, STREAM, ENCODING_ID.stream, expireAtMs, generation, size);
    const put = keyspace.store.putBuffer;
    writeU64(put, p, this.length);
    this.lastId.write(put, p + AT_LAST);
    this.firstId.write(put, p + AT_FIRST);
    this.maxDeletedId.write(put, p + AT_MAX_DELETED);
    writeWide(put, p + AT_ADDED, this.entriesAdded);
    writeU64(put, p + AT_NODES, this.sealedNodes);
    let end = p + AT_TAIL;
    if (tail === null) put.fill(0, p + AT_TAIL_ID, p + AT_TAIL_ID + ID_BYTES);
    else {
      tail.firstId.write(put, p + AT_TAIL_ID);
      tail.bytes.copy(put, end, tail.start, tail.end);
      end += tail.end - tail.start;
    }
    keyspace.endRecord(db, kb, ks, ke, entry, expireAtMs, end, generation);
  }
}
