/**
 * Lists. Elements are the items of a positional counted tree.
 *
 *   inline     payload: varint number of elements | facts | the tree, all in its root
 *   elements   payload: facts | the root of the tree, whose other nodes lie under the record's generation
 *   facts      varint listpack bytes | of a quicklist its nodes (list-nodes.ts)
 *
 * A list is inline until it outgrows INLINE_LIST_MAX; it does not go back. The encoding (listpack or quicklist) follows
 * Redis' rules alone, from the bytes that the elements would take in a listpack of Redis and the nodes that a quicklist
 * of Redis would have; both are kept.
 */
import { ENCODING_ID, TYPE_ID } from "../codec/format.ts";
import { type Entry, NO_EXPIRY } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { CountedTree } from "./counted-tree.ts";
import { readVarint, varintEnd, writeVarint } from "./counted-tree-node.ts";
import { exceedsLimits, type ListLimits, ListNodes } from "./list-nodes.ts";
import { LISTPACK_EMPTY, listpackEntryBytes } from "./listpack-size.ts";

export { type ListLimits, listLimits } from "./list-nodes.ts";

/** Type id of lists, for lookups. */
export const LIST = TYPE_ID.list;
const LISTPACK = ENCODING_ID.listpack;
const QUICKLIST = ENCODING_ID.quicklist;
/** Largest payload of an inline list, bytes. */
export const INLINE_LIST_MAX = 16000;
/** From so many elements on, those that stay are moved if they are fewer than those that go. */
const MANY_ELEMENTS = 500;
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
  /** Of a quicklist. */
  private nodes: ListNodes | null;

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
    this.nodes = null;
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
    p = varintEnd(value, p);
    if (this.encoding === QUICKLIST) ({ nodes: this.nodes, end: p } = ListNodes.read(value, p));
    this.tree.load(entry.generation, length, value, p, entry.payloadEnd);
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
    const size = listpackEntryBytes(bytes, start, end);
    this.listpackBytes += size;
    if (this.nodes !== null) this.nodes.push(atHead, end - start, size);
  }

  /** Inserts an element before or after the one at `index`. */
  insert(index: number, isAfter: boolean, bytes: Uint8Array, start: number, end: number): void {
    const size = listpackEntryBytes(bytes, start, end);
    this.nodes?.insert(index, isAfter, end - start, size, this.entryBytes);
    this.makeRoom(end - start);
    this.tree.insertAt(isAfter ? index + 1 : index, bytes, start, end);
    this.listpackBytes += size;
  }

  /** Gives the element at `index` other bytes. */
  set(index: number, bytes: Uint8Array, start: number, end: number): void {
    this.makeRoom(end - start);
    this.tree.seek(index);
    this.read();
    const more = listpackEntryBytes(bytes, start, end) - this.presentBytes();
    this.listpackBytes += more;
    this.nodes?.resize(index, more);
    this.tree.replace(bytes, start, end);
  }

  /** Removes the present element; the one behind it becomes the present one. False when that was the last. */
  remove(): boolean {
    this.read();
    const bytes = this.presentBytes();
    this.listpackBytes -= bytes;
    if (this.nodes !== null) this.nodes.cut(this.tree.index, 1, () => bytes);
    return this.tree.remove();
  }

  /** Removes all but `count` elements from `from` on. O(log n + those removed or those kept, whichever are fewer). */
  keepRange(from: number, count: number): void {
    const { tree, length } = this;
    if (tree.generation !== 0 && length - count > Math.max(count, MANY_ELEMENTS)) {
      this.nodes?.cut(from + count, length - from - count, this.entryBytes);
      this.nodes?.cut(0, from, this.entryBytes);
      this.moveToElements(from, count);
      return;
    }
    this.removeRange(from + count, length - from - count);
    this.removeRange(0, from);
  }

  /** Removes `count` elements from `from` on. O(log n + count). */
  removeRange(from: number, count: number): void {
    if (count <= 0) return;
    this.nodes?.cut(from, count, this.entryBytes);
    this.tree.removeRange(from, count, () => {
      this.read();
      this.listpackBytes -= this.presentBytes();
    });
  }

  private presentBytes(): number {
    return listpackEntryBytes(this.buffer, this.start, this.end);
  }

  /** Bytes that elements take in a listpack; moves the present element. */
  private readonly entryBytes = (from: number, count: number): number => {
    let bytes = 0;
    this.seek(from);
    for (let left = count; left > 0; left--) {
      this.read();
      bytes += this.presentBytes();
      this.next();
    }
    return bytes;
  };

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
    if (this.encoding === QUICKLIST) return;
    if (exceedsLimits(limits, this.listpackBytes + bytes, this.length + count)) this.makeQuicklist(limits);
  }

  /** Makes a listpack a quicklist, whose nodes have these limits from now on. */
  makeQuicklist(limits: ListLimits): void {
    this.encoding = QUICKLIST;
    this.nodes = ListNodes.of(limits, this.length, this.listpackBytes);
  }

  /** After elements were removed: a quicklist of one node, at most half the limit, becomes a listpack again. */
  convertShrunk(limits: ListLimits): void {
    this.makeListpackWithin(limits.maxBytes / 2, Math.floor(limits.maxEntries / 2));
  }

  /** After a list was built as a quicklist: one node within the limit becomes a listpack. */
  convertBuilt(limits: ListLimits): void {
    this.makeListpackWithin(limits.maxBytes, limits.maxEntries);
  }

  private makeListpackWithin(maxBytes: number, maxEntries: number): void {
    if (this.nodes === null || !this.nodes.isSingle) return;
    if (this.listpackBytes > maxBytes || this.length > maxEntries) return;
    this.encoding = LISTPACK;
    this.nodes = null;
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
    if (this.nodes !== null) p = this.nodes.write(put, p);
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
