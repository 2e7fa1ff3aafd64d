/**
 * Walks over the entries of a stream in a range of IDs, in either direction, and reads their fields. O(log nodes) to
 * start, wherever the range is. Other store calls may come between the steps.
 */
import { readVarint, varintSize } from "../codec/packed.ts";
import type { Cursor } from "../store/ordered-store.ts";
import type { Stream } from "./stream.ts";
import { StreamId } from "./stream-id.ts";
import { ENTRY_FLAG, itemEnd, NodeWalker, StreamNode } from "./stream-node.ts";
import { NODE_ID_AT, ownCopy, STREAM_TAG } from "./stream-rows.ts";

const NO_BYTES: Buffer = Buffer.alloc(0);

export class StreamCursor {
  /** The present entry's ID; changes with the next step. */
  id: StreamId;
  private readonly stream: Stream;
  /** Opened when a node in a row is needed. */
  private cursor: Cursor | null;
  private walker: NodeWalker | null;
  private node: StreamNode | null;
  private from: StreamId;
  private to: StreamId;
  private isReverse: boolean;
  /** Going backwards: where the entries of the node start, and the index of the present one. */
  private readonly starts: number[];
  private index: number;
  // The present entry's fields.
  private body: Buffer;
  private at: number;
  private sharedAt: number;
  /** The field and the value that `nextField` read; good until the next step of the cursor. */
  fieldBytes: Buffer;
  fieldStart: number;
  fieldEnd: number;
  valueBytes: Buffer;
  valueStart: number;
  valueEnd: number;

  constructor(stream: Stream) {
    this.id = StreamId.min();
    this.stream = stream;
    this.cursor = null;
    this.walker = null;
    this.node = null;
    this.from = this.id;
    this.to = this.id;
    this.isReverse = false;
    this.starts = [];
    this.index = 0;
    this.body = NO_BYTES;
    this.at = 0;
    this.sharedAt = -1;
    this.fieldBytes = NO_BYTES;
    this.fieldStart = 0;
    this.fieldEnd = 0;
    this.valueBytes = NO_BYTES;
    this.valueStart = 0;
    this.valueEnd = 0;
  }

  close(): void {
    this.cursor?.close();
    this.cursor = null;
  }

  /** First ID of the node that holds the present entry. */
  get nodeId(): StreamId {
    if (this.node === null) throw new Error("the cursor is on no entry");
    return this.node.firstId;
  }

  /** Starts over with the entries from `from` to `to`, the last one first when `isReverse`. */
  range(from: StreamId, to: StreamId, isReverse: boolean): void {
    this.from = from;
    this.to = to;
    this.isReverse = isReverse;
    this.enter(this.firstNode(isReverse ? to : from));
  }

  /** Whether there is an entry with the ID; it becomes the present one. */
  find(id: StreamId): boolean {
    this.range(id, id, false);
    return this.next();
  }

  /** Goes to the next entry of the range; false when there is none. */
  next(): boolean {
    return this.isReverse ? this.nextBackward() : this.nextForward();
  }

  private nextForward(): boolean {
    while (this.walker !== null) {
      while (this.walker.next()) {
        if (this.walker.id.compare(this.from) < 0) continue;
        return this.walker.id.compare(this.to) <= 0;
      }
      this.enter(this.followingNode());
    }
    return false;
  }

  private nextBackward(): boolean {
    while (this.walker !== null) {
      while (this.index > 0) {
        this.index--;
        this.walker.readAt(this.starts[this.index] as number);
        if (this.walker.id.compare(this.to) > 0) continue;
        return this.walker.id.compare(this.from) >= 0;
      }
      this.enter(this.precedingNode());
    }
    return false;
  }

  private enter(node: StreamNode | null): void {
    this.node = node;
    this.walker = null;
    if (node === null) return;
    const walker = new NodeWalker(node);
    this.walker = walker;
    this.id = walker.id;
    if (!this.isReverse) return;
    this.starts.length = 0;
    while (walker.next()) this.starts.push(walker.from);
    this.index = this.starts.length;
  }

  // ------------------------------------------------------------------------------------------ nodes

  /** The node that holds `id`, or would; going forward the first node when all are behind it. */
  private firstNode(id: StreamId): StreamNode | null {
    const { stream } = this;
    const { tail, rows } = stream;
    if (tail !== null && tail.firstId.compare(id) <= 0) return tail;
    if (stream.sealedNodes === 0) return this.isReverse ? null : tail;
    // Here `id` is below the last node's first ID, so it has a next one.
    const cursor = this.open();
    if (cursor.seekBefore(rows.node(id.next())) && rows.isOn(cursor, STREAM_TAG.node)) return this.read(cursor);
    if (this.isReverse) return null;
    return cursor.seek(rows.node(id)) && rows.isOn(cursor, STREAM_TAG.node) ? this.read(cursor) : tail;
  }

  private followingNode(): StreamNode | null {
    const { node, cursor } = this;
    const { tail, rows } = this.stream;
    if (node === tail || cursor === null) return null;
    return cursor.next() && rows.isOn(cursor, STREAM_TAG.node) ? this.read(cursor) : tail;
  }

  private precedingNode(): StreamNode | null {
    const { stream, node } = this;
    const { rows } = stream;
    if (node === null || stream.sealedNodes === 0) return null;
    if (node === stream.tail) {
      const cursor = this.open();
      return cursor.seekBefore(rows.node(node.firstId)) && rows.isOn(cursor, STREAM_TAG.node)
        ? this.read(cursor)
        : null;
    }
    const { cursor } = this;
    return cursor?.prev() && rows.isOn(cursor, STREAM_TAG.node) ? this.read(cursor) : null;
  }

  private open(): Cursor {
    const { keyspace } = this.stream;
    if (this.cursor === null) {
      keyspace.forgetRow();
      this.cursor = keyspace.store.openCursor();
    }
    return this.cursor;
  }

  private read(cursor: Cursor): StreamNode {
    const firstId = StreamId.read(cursor.key, NODE_ID_AT);
    const n = cursor.readValue();
    return new StreamNode(ownCopy(this.stream.keyspace.store.valueBuffer, n), 0, n, firstId);
  }

  // ------------------------------------------------------------------------------------------ fields

  /** Starts reading the present entry's fields; returns how many there are. */
  readFields(): number {
    const { node, walker } = this;
    if (node === null || walker === null) throw new Error("the cursor is on no entry");
    this.body = node.bytes;
    this.at = walker.bodyStart;
    if (walker.isBlob) {
      this.body = this.stream.rows.readBlob(walker.id, readVarint(node.bytes, walker.bodyStart));
      this.at = 0;
    }
    if ((walker.flags & ENTRY_FLAG.sameFields) !== 0) {
      this.sharedAt = node.fieldsStart;
      return node.fieldCount;
    }
    this.sharedAt = -1;
    const count = readVarint(this.body, this.at);
    this.at += varintSize(count);
    return count;
  }

  /** Reads the next field and its value. */
  nextField(): void {
    if (this.sharedAt >= 0) {
      const { bytes } = this.node as StreamNode;
      this.fieldBytes = bytes;
      this.fieldStart = this.sharedAt + varintSize(readVarint(bytes, this.sharedAt));
      this.fieldEnd = itemEnd(bytes, this.sharedAt);
      this.sharedAt = this.fieldEnd;
    } else {
      this.fieldBytes = this.body;
      this.fieldStart = this.at + varintSize(readVarint(this.body, this.at));
      this.fieldEnd = itemEnd(this.body, this.at);
      this.at = this.fieldEnd;
    }
    this.valueBytes = this.body;
    this.valueStart = this.at + varintSize(readVarint(this.body, this.at));
    this.valueEnd = itemEnd(this.body, this.at);
    this.at = this.valueEnd;
  }
}
