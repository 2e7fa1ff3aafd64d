/**
 * A node of a stream: consecutive entries packed into one run of bytes. Its first ID is kept outside, by whoever holds
 * the node.
 *
 *   0   live entries u32
 *   4   deleted entries u32         their bytes are gone, but they count for the limits as in Redis, which only marks them
 *   8   listpack bytes u32          what Redis' listpack would take, without its header and the two counters
 *   12  live entries kept as blobs u32
 *   16  ID of the last entry, deleted or not, 16 B
 *   32  varint number of the node's fields, then { varint length, field } each: those of its first entry
 *       entries
 *
 *   entry: flags | varint bytes behind it | ID | body
 *   ID     varint ms and varint sequence above the first ID's ms and zero; 16 B when `wideId`
 *   body   [varint number of fields] then { [varint length, field], varint length, value } each; what is in brackets
 *          only without `sameFields`. With `blob` the body is a varint length, and the real one is in rows of its own
 *
 * The node limits therefore split streams exactly where Redis splits them, and approximate trimming agrees.
 */
import { copyBytes, readVarint, varintSize, writeVarint } from "../codec/packed.ts";
import { readU32, writeU32 } from "../codec/record.ts";
import { LISTPACK_EMPTY, listpackEntryBytes, listpackIntBytes } from "./listpack-size.ts";
import { ID_BYTES, StreamId } from "./stream-id.ts";

export const ENTRY_FLAG = { sameFields: 1, wideId: 2, blob: 4 } as const;
const AT_DELETED = 4;
const AT_LISTPACK = 8;
const AT_BLOBS = 12;
const AT_LAST = 16;
const AT_FIELDS = 32;
/** Above this many bytes of fields and values, an entry's body is a blob. */
const INLINE_BODY_MAX = 16000;
/** A node takes no more entries beyond this size, whatever the directives say, since it is rewritten with each entry. */
const NODE_BYTES_MAX = 65536;
/** Redis' own limit for a listpack and for an entry. */
const LISTPACK_MAX = 2 ** 30;
/** Stands for "no fields that an entry could share": the first entry was a blob. */
const NO_FIELDS = 0x7fffffff;
const TWO32 = 4294967296;

/** Fields and values in turn: items `first` to `first + 2 * pairs - 1` of a list such as a command's arguments. */
export interface EntryFields {
  readonly buffer: Buffer;
  start(i: number): number;
  end(i: number): number;
}

/** `stream-node-max-bytes` and `stream-node-max-entries`. */
export interface NodeLimits {
  readonly maxBytes: number;
  readonly maxEntries: number;
}

/** A node as bytes, `bytes[start..end)`, and its first ID. */
export class StreamNode {
  bytes: Buffer;
  start: number;
  end: number;
  firstId: StreamId;

  constructor(bytes: Buffer, start: number, end: number, firstId: StreamId) {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.firstId = firstId;
  }

  get live(): number {
    return readU32(this.bytes, this.start);
  }

  get deleted(): number {
    return readU32(this.bytes, this.start + AT_DELETED);
  }

  /** Live entries whose body is in rows of its own. */
  get blobs(): number {
    return readU32(this.bytes, this.start + AT_BLOBS);
  }

  /** The last entry's ID, deleted or not. */
  get lastId(): StreamId {
    return StreamId.read(this.bytes, this.start + AT_LAST);
  }

  private add(at: number, n: number): void {
    writeU32(this.bytes, this.start + at, readU32(this.bytes, this.start + at) + n);
  }

  /** Bytes of the node as a listpack of Redis. */
  private get listpackBytes(): number {
    return (
      LISTPACK_EMPTY +
      listpackIntBytes(this.live) +
      listpackIntBytes(this.deleted) +
      readU32(this.bytes, this.start + AT_LISTPACK)
    );
  }

  /** Whether an entry of so many bytes must go to a new node. */
  isFullFor(entryBytes: number, limits: NodeLimits): boolean {
    const { maxBytes, maxEntries } = limits;
    const limit = maxBytes === 0 ? LISTPACK_MAX : Math.min(maxBytes, LISTPACK_MAX);
    if (this.listpackBytes + entryBytes >= limit) return true;
    if (maxEntries > 0 && this.live + this.deleted >= maxEntries) return true;
    return this.end - this.start + entryBytes > NODE_BYTES_MAX;
  }

  /** Position of the first entry. */
  get entriesStart(): number {
    let p = this.start + AT_FIELDS;
    const count = readVarint(this.bytes, p);
    p += varintSize(count);
    if (count !== NO_FIELDS) for (let i = 0; i < count; i++) p = itemEnd(this.bytes, p);
    return p;
  }

  /** Position of the node's fields, and how many there are (NO_FIELDS: none can be shared). */
  get fieldsStart(): number {
    const p = this.start + AT_FIELDS;
    return p + varintSize(readVarint(this.bytes, p));
  }

  get fieldCount(): number {
    return readVarint(this.bytes, this.start + AT_FIELDS);
  }

  /** Takes out the live entry whose bytes are `[from, to)`; it counts as deleted from now on. */
  removeEntry(from: number, to: number, isBlob: boolean): void {
    this.bytes.copyWithin(from, to, this.end);
    this.end -= to - from;
    this.add(0, -1);
    this.add(AT_DELETED, 1);
    if (isBlob) this.add(AT_BLOBS, -1);
  }

  /** Takes out the live entries up to position `to`, `count` of them, `blobs` of which are blobs. */
  removeHead(to: number, count: number, blobs: number): void {
    const from = this.entriesStart;
    this.bytes.copyWithin(from, to, this.end);
    this.end -= to - from;
    this.add(0, -count);
    this.add(AT_DELETED, count);
    this.add(AT_BLOBS, -blobs);
  }

  private hasFields(fields: EntryFields, first: number, pairs: number): boolean {
    if (this.fieldCount !== pairs) return false;
    const b = this.bytes;
    let p = this.fieldsStart;
    for (let i = 0; i < pairs; i++) {
      const start = fields.start(first + 2 * i);
      const length = fields.end(first + 2 * i) - start;
      if (readVarint(b, p) !== length) return false;
      p += varintSize(length);
      for (let k = 0; k < length; k++) if (b[p + k] !== fields.buffer[start + k]) return false;
      p += length;
    }
    return true;
  }

  /**
   * Adds an entry behind the last one; `bytes` must have room for it. Returns the body when it is to be kept as a blob,
   * else null.
   */
  append(id: StreamId, fields: EntryFields, first: number, pairs: number): Buffer | null {
    const b = this.bytes;
    const same = this.hasFields(fields, first, pairs);
    const { firstId } = this;
    const isNear = id.msHigh === firstId.msHigh && id.seqHigh === 0 && id.seqLow <= 0x7fffffff;
    const msAbove = id.msLow - firstId.msLow;
    const wide = !isNear || msAbove > 0x7fffffff;
    const idSize = wide ? ID_BYTES : varintSize(msAbove) + varintSize(id.seqLow);
    const bodySize = entryBodySize(fields, first, pairs, same);
    const isBlob = bodySize > INLINE_BODY_MAX;
    const size = idSize + (isBlob ? varintSize(bodySize) : bodySize);
    let p = this.end;
    b[p++] = (same ? ENTRY_FLAG.sameFields : 0) | (wide ? ENTRY_FLAG.wideId : 0) | (isBlob ? ENTRY_FLAG.blob : 0);
    p = writeVarint(b, p, size);
    if (wide) p = id.write(b, p);
    else p = writeVarint(b, writeVarint(b, p, msAbove), id.seqLow);
    let blob: Buffer | null = null;
    if (isBlob) {
      p = writeVarint(b, p, bodySize);
      blob = Buffer.allocUnsafe(bodySize);
      writeBody(blob, 0, fields, first, pairs, same);
      this.add(AT_BLOBS, 1);
    } else p = writeBody(b, p, fields, first, pairs, same);
    this.end = p;
    id.write(b, this.start + AT_LAST);
    this.add(0, 1);
    this.add(AT_LISTPACK, entryListpackBytes(id, firstId, fields, first, pairs, same));
    return blob;
  }
}

/** End of a `varint length, bytes` item. */
export function itemEnd(b: Uint8Array, p: number): number {
  const length = readVarint(b, p);
  return p + varintSize(length) + length;
}

/** Sum of the lengths of fields and values. */
export function entryBytes(fields: EntryFields, first: number, pairs: number): number {
  let bytes = 0;
  for (let i = first; i < first + 2 * pairs; i++) bytes += fields.end(i) - fields.start(i);
  return bytes;
}

/** Bytes that `append` to a node, or a new node with the entry, takes at most. */
export function roomForEntry(fields: EntryFields, first: number, pairs: number): number {
  const bytes = Math.min(entryBytes(fields, first, pairs) + 10 * pairs, INLINE_BODY_MAX);
  return AT_FIELDS + 2 * bytes + ID_BYTES + 32;
}

/** Writes an empty node at `bytes[at..]` for a first entry with the given fields. */
export function createNode(
  bytes: Buffer,
  at: number,
  firstId: StreamId,
  fields: EntryFields,
  first: number,
  pairs: number,
): StreamNode {
  bytes.fill(0, at, at + AT_FIELDS);
  let p = at + AT_FIELDS;
  let listpack = listpackIntBytes(pairs) + listpackIntBytes(0);
  let fieldBytes = 0;
  for (let i = 0; i < pairs; i++) {
    const start = fields.start(first + 2 * i);
    const end = fields.end(first + 2 * i);
    listpack += listpackEntryBytes(fields.buffer, start, end);
    fieldBytes += varintSize(end - start) + end - start;
  }
  if (fieldBytes > INLINE_BODY_MAX) p = writeVarint(bytes, p, NO_FIELDS);
  else {
    p = writeVarint(bytes, p, pairs);
    for (let i = 0; i < pairs; i++) p = writeItem(bytes, p, fields, first + 2 * i);
  }
  writeU32(bytes, at + AT_LISTPACK, listpack);
  return new StreamNode(bytes, at, p, firstId);
}

function writeItem(b: Buffer, at: number, fields: EntryFields, i: number): number {
  const start = fields.start(i);
  const end = fields.end(i);
  return copyBytes(fields.buffer, start, end, b, writeVarint(b, at, end - start));
}

function entryBodySize(fields: EntryFields, first: number, pairs: number, same: boolean): number {
  let size = same ? 0 : varintSize(pairs);
  for (let i = same ? 1 : 0; i < 2 * pairs; i += same ? 2 : 1) {
    const length = fields.end(first + i) - fields.start(first + i);
    size += varintSize(length) + length;
  }
  return size;
}

function writeBody(b: Buffer, at: number, fields: EntryFields, first: number, pairs: number, same: boolean): number {
  let p = same ? at : writeVarint(b, at, pairs);
  for (let i = same ? 1 : 0; i < 2 * pairs; i += same ? 2 : 1) p = writeItem(b, p, fields, first + i);
  return p;
}

/** The difference of two unsigned 64-bit halves as Redis stores it: a signed 64-bit number. */
function signedDifference(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  const low = aLow - bLow;
  const high = (aHigh - bHigh - (low < 0 ? 1 : 0)) | 0;
  return high * TWO32 + (low >>> 0);
}

/** Bytes that an entry takes in Redis' listpack. */
function entryListpackBytes(
  id: StreamId,
  firstId: StreamId,
  fields: EntryFields,
  first: number,
  pairs: number,
  same: boolean,
): number {
  let bytes = listpackIntBytes(same ? 1 : 0);
  bytes += listpackIntBytes(signedDifference(id.msHigh, id.msLow, firstId.msHigh, firstId.msLow));
  bytes += listpackIntBytes(signedDifference(id.seqHigh, id.seqLow, firstId.seqHigh, firstId.seqLow));
  if (!same) bytes += listpackIntBytes(pairs);
  for (let i = same ? 1 : 0; i < 2 * pairs; i += same ? 2 : 1) {
    bytes += listpackEntryBytes(fields.buffer, fields.start(first + i), fields.end(first + i));
  }
  return bytes + listpackIntBytes(same ? pairs + 3 : 2 * pairs + 4);
}

/** Steps over the entries of a node, forward; the body is read by EntryReader. */
export class NodeWalker {
  readonly id: StreamId;
  private node: StreamNode;
  /** Bytes of the present entry, body included. */
  from: number;
  to: number;
  flags: number;
  bodyStart: number;

  constructor(node: StreamNode) {
    this.id = StreamId.min();
    this.node = node;
    this.from = 0;
    this.to = node.entriesStart;
    this.flags = 0;
    this.bodyStart = 0;
  }

  next(): boolean {
    if (this.to >= this.node.end) return false;
    this.readAt(this.to);
    return true;
  }

  get isBlob(): boolean {
    return (this.flags & ENTRY_FLAG.blob) !== 0;
  }

  /** Makes the entry at a position the present one. */
  readAt(at: number): void {
    const { node, id } = this;
    const b = node.bytes;
    this.from = at;
    this.flags = b[at] as number;
    const size = readVarint(b, at + 1);
    let p = at + 1 + varintSize(size);
    this.to = p + size;
    if ((this.flags & ENTRY_FLAG.wideId) !== 0) {
      id.set(readU32(b, p), readU32(b, p + 4), readU32(b, p + 8), readU32(b, p + 12));
      p += ID_BYTES;
    } else {
      const ms = readVarint(b, p);
      p += varintSize(ms);
      const seq = readVarint(b, p);
      p += varintSize(seq);
      id.set(node.firstId.msHigh, node.firstId.msLow + ms, 0, seq);
    }
    this.bodyStart = p;
  }
}
