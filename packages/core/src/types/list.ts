/**
 * Lists. Elements are the items of a positional counted tree.
 *
 *   inline     payload: varint number of elements | varint listpack bytes | the tree, all in its root
 *   elements   payload: varint listpack bytes | the root of the tree, whose other nodes lie under the record's generation
 *
 * A list is inline until it outgrows INLINE_LIST_MAX; it does not go back. The encoding (listpack or quicklist) follows
 * Redis' rules alone, from the bytes that the elements would take in a listpack of Redis; that sum is kept.
 */
import { ENCODING_ID, TYPE_ID } from "../codec/format.ts";
import { type Entry, NO_EXPIRY } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { CountedTree } from "./counted-tree.ts";
import { readVarint, varintEnd, writeVarint } from "./counted-tree-node.ts";
import { LISTPACK_EMPTY, listpackEntryBytes } from "./listpack-size.ts";

/** Type id of lists, for lookups. */
export const LIST = TYPE_ID.list;
const LISTPACK = ENCODING_ID.listpack;
const QUICKLIST = ENCODING_ID.quicklist;
/** Largest payload of an inline list, bytes. */
export const INLINE_LIST_MAX = 16000;
/** From so many elements on, those that stay are moved if they are fewer than those that go. */
const MANY_ELEMENTS = 500;
/** quicklist's size classes of list-max-listpack-size -1 to -5, bytes. */
const SIZE_CLASSES = [4096, 8192, 16384, 32768, 65536];
/** Size limit of a listpack when list-max-listpack-size counts elements (SIZE_SAFETY_LIMIT). */
const SAFETY_BYTES = 8192;

/** What `list-max-listpack-size` allows a listpack. */
export interface ListLimits {
  readonly maxBytes: number;
  readonly maxEntries: number;
}

/** Reads the directive's value as Redis' quicklistNodeLimit does. */
export function listLimits(maxListpackSize: number): ListLimits {
  if (maxListpackSize >= 0) return { maxBytes: Number.POSITIVE_INFINITY, maxEntries: Math.max(1, maxListpackSize) };
  const size = SIZE_CLASSES[Math.min(SIZE_CLASSES.length, -maxListpackSize) - 1] as number;
  return { maxBytes: size, maxEntries: Number.POSITIVE_INFINITY };
}

/** Number of elements. The entry is what `find` just returned. O(1). */
export function listLength(keyspace: Keyspace, entry: Entry): number {
  return entry.generation !== 0 ? entry.size : readVarint(keyspace.store.valueBuffer, entry.payloadStart);
}

/** A list while a command works on it. Call `release` when done. */
export class List {
  readonly keyspace: Keyspace;
  /** What was found; null for a list that is new. */
  readonly entry: Entry | null;
  encoding: number;
  /** The present element after `read`, borrowed until the next call. */
  buffer: Buffer;
  start: number;
  end: number;
  tree: CountedTree;
  private listpackBytes: number;

  /** `entry` is what `find` just returned; null starts a new list. */
  constructor(keyspace: Keyspace, entry: Entry | null) {
    const { store, codec } = keyspace;
    this.keyspace = keyspace;
    this.entry = entry;
    this.encoding = entry === null ? LISTPACK : entry.encoding;
    this.buffer = EMPTY;
    this.start = 0;
    this.end = 0;
    this.listpackBytes = LISTPACK_EMPTY;
    this.tree = new CountedTree(store, codec, false);
    if (entry === null) {
      this.tree.create(0);
      return;
    }
    const value = store.valueBuffer;
    let p = entry.payloadStart;
    let length = entry.size;
    if (entry.generation === 0) {
      length = readVarint(value, p);
      p = varintEnd(value, p);
    }
    this.listpackBytes = readVarint(value, p);
    this.tree.load(entry.generation, length, value, varintEnd(value, p), entry.payloadEnd);
  }

  get length(): number {
    return this.tree.length;
  }

  release(): void {
    this.tree.release();
  }

  // ------------------------------------------------------------------------------------------ reading

  /** Makes the element at an index (>= 0) the present one; false when there is none. */
  seek(index: number): boolean {
    return this.tree.seek(index);
  }

  next(): boolean {
    return this.tree.next();
  }

  prev(): boolean {
    return this.tree.prev();
  }

  /** Index of the present element. */
  get index(): number {
    return this.tree.index;
  }

  /** Reads the present element into `buffer[start..end)`. */
  read(): void {
    const { tree } = this;
    tree.readItem();
    this.buffer = tree.itemBuffer;
    this.start = tree.itemStart;
    this.end = tree.itemEnd;
  }

  /** Whether the present element equals `bytes[start..end)`. */
  equals(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.tree.itemLength !== end - start) return false;
    this.read();
    const { buffer } = this;
    for (let i = this.start, k = start; k < end; i++, k++) if (buffer[i] !== bytes[k]) return false;
    return true;
  }

  // ------------------------------------------------------------------------------------------ changing

  /** Adds an element at the head or the tail. */
  push(atHead: boolean, bytes: Uint8Array, start: number, end: number): void {
    this.makeRoom(end - start);
    if (atHead) this.tree.insertAt(0, bytes, start, end);
    else this.tree.append(bytes, start, end);
    this.listpackBytes += listpackEntryBytes(bytes, start, end);
  }

  /** Inserts an element before the one at `index`. */
  insert(index: number, bytes: Uint8Array, start: number, end: number): void {
    this.makeRoom(end - start);
    this.tree.insertAt(index, bytes, start, end);
    this.listpackBytes += listpackEntryBytes(bytes, start, end);
  }

  /** Gives the element at `index` other bytes. */
  set(index: number, bytes: Uint8Array, start: number, end: number): void {
    this.makeRoom(end - start);
    this.tree.seek(index);
    this.read();
    this.listpackBytes += listpackEntryBytes(bytes, start, end) - this.presentBytes();
    this.tree.replace(bytes, start, end);
  }

  /** Removes the present element; the one behind it becomes the present one. False when that was the last. */
  remove(): boolean {
    this.read();
    this.listpackBytes -= this.presentBytes();
    return this.tree.remove();
  }

  /** Removes all but `count` elements from `from` on. O(log n + those removed or those kept, whichever are fewer). */
  keepRange(from: number, count: number): void {
    const { tree, length } = this;
    if (tree.generation !== 0 && length - count > Math.max(count, MANY_ELEMENTS)) {
      this.moveToElements(from, count);
      return;
    }
    this.removeRange(from + count, length - from - count);
    this.removeRange(0, from);
  }

  /** Removes `count` elements from `from` on. O(log n + count). */
  removeRange(from: number, count: number): void {
    if (count <= 0) return;
    this.tree.removeRange(from, count, () => {
      this.read();
      this.listpackBytes -= this.presentBytes();
    });
  }

  private presentBytes(): number {
    return listpackEntryBytes(this.buffer, this.start, this.end);
  }

  /** Before an element of `length` bytes is added: an inline list that would become too large moves into rows. */
  private makeRoom(length: number): void {
    const { tree } = this;
    if (tree.generation === 0 && tree.rootSize + length + 8 > INLINE_LIST_MAX) this.moveToElements(0, tree.length);
  }

  /** Moves `count` elements from `from` on into rows of a new generation. What they leave is discarded by `save`. */
  private moveToElements(from: number, count: number): void {
    const { keyspace, tree: old } = this;
    const tree = new CountedTree(keyspace.store, keyspace.codec, false);
    tree.create(keyspace.databases.newGeneration());
    this.listpackBytes = LISTPACK_EMPTY;
    old.seek(from);
    for (let left = count; left > 0; left--) {
      old.readItem();
      const { itemBuffer, itemStart, itemEnd } = old;
      tree.append(itemBuffer, itemStart, itemEnd);
      this.listpackBytes += listpackEntryBytes(itemBuffer, itemStart, itemEnd);
      old.next();
    }
    this.tree = tree;
    old.release();
  }

  /**
   * Before `count` elements of `bytes` bytes in all are added: a listpack that would pass the limit becomes a quicklist
   * (Redis' listTypeTryConversionAppend, which adds the plain sizes).
   */
  convertGrowing(limits: ListLimits, count: number, bytes: number): void {
    const size = this.listpackBytes + bytes;
    const isCounted = limits.maxBytes === Number.POSITIVE_INFINITY;
    const isOver = isCounted ? size > SAFETY_BYTES || this.length + count > limits.maxEntries : size > limits.maxBytes;
    if (isOver) this.encoding = QUICKLIST;
  }

  /** After elements were removed: a quicklist of at most half the limit becomes a listpack again. */
  convertShrunk(limits: ListLimits): void {
    if (this.encoding !== QUICKLIST) return;
    if (this.listpackBytes <= limits.maxBytes / 2 && this.length <= Math.floor(limits.maxEntries / 2)) {
      this.encoding = LISTPACK;
    }
  }

  /** Writes the list to key `kb[ks..ke)`, which had `entry`, or removes the key when the list is empty. */
  save(db: number, kb: Buffer, ks: number, ke: number): void {
    const expireAtMs = this.entry === null ? NO_EXPIRY : this.entry.expireAtMs;
    this.saveAs(db, kb, ks, ke, this.entry, expireAtMs);
  }

  /** As `save`, for a key that had `old`, whatever it was. */
  saveAs(db: number, kb: Buffer, ks: number, ke: number, old: Entry | null, expireAtMs: number): void {
    const { keyspace, tree, length } = this;
    const { generation } = tree;
    if (length === 0) {
      if (generation !== 0 && (old === null || old.generation !== generation)) keyspace.discard(generation);
      if (old !== null) keyspace.remove(db, kb, ks, ke, old);
      return;
    }
    tree.flush();
    let p = keyspace.startRecord(kb, ks, ke, old, LIST, this.encoding, expireAtMs, generation, length);
    const put = keyspace.store.putBuffer;
    if (generation === 0) p = writeVarint(put, p, length);
    p = writeVarint(put, p, this.listpackBytes);
    p = tree.writeRoot(put, p);
    keyspace.endRecord(db, kb, ks, ke, old, expireAtMs, p, generation);
  }
}

const EMPTY: Buffer = Buffer.alloc(0);

/** Calls `visit` with each element of a list, in order. The entry is what `find` just returned. */
export function eachElement(
  keyspace: Keyspace,
  entry: Entry,
  visit: (buffer: Buffer, start: number, end: number) => void,
): void {
  const list = new List(keyspace, entry);
  for (let found = list.seek(0); found; found = list.next()) {
    list.read();
    visit(list.buffer, list.start, list.end);
  }
  list.release();
}
