/**
 * Items in an order, with positions: a B+tree that counts, as records under one generation. It is what large lists and
 * sorted sets are made of; an inline collection is the same thing with everything in its root.
 *
 * An item is a byte string with one mark bit that means what its owner likes. Two faces, one of which a tree has for
 * life:
 *   positional   insertAt, append, replace
 *   keyed        items are in memcmp order, each at most once: insertKey, removeKey, lowerBound
 * and for both: seek, next, prev, remove, removeRange.
 *
 * Every operation is O(log n) store calls; one near the last reads and writes next to nothing (counted-tree-path.ts).
 * The owner keeps `length` and the bytes of `writeRoot` in the record of the key, in the same txn as `flush`:
 *
 *   tree.load(entry.generation, entry.size, store.valueBuffer, start, entry.payloadEnd);
 *   ... tree.insertAt(...) ...
 *   tree.flush();
 *   const p = keyspace.startRecord(..., tree.generation, tree.length);
 *   keyspace.endRecord(..., tree.writeRoot(store.putBuffer, p), tree.generation);
 *   tree.release();
 *
 * The present item is borrowed until the next call on the tree; calls on the store in between do it no harm.
 */
import {
  compareBytes,
  entryEnd,
  ITEM_INLINE_MAX,
  isLongItem,
  itemEnd,
  LONG_INLINE_BYTES,
  LONG_PREFIX_BYTES,
  readU48,
  readVarint,
  type TreeNode,
  varintEnd,
  varintLength,
  writeU48,
  writeVarint,
} from "./counted-tree-node.ts";
import { TreePath } from "./counted-tree-path.ts";

/** Told of each item that `removeRange` removes, before it goes: the item is the tree's present one. */
export type ItemVisitor = (tree: CountedTree) => void;

export class CountedTree extends TreePath {
  /** The present item, after `readItem`: `itemBuffer[itemStart..itemEnd)`. */
  itemBuffer: Buffer = EMPTY;
  itemStart = 0;
  itemEnd = 0;
  /** Id of the rows of the item that was inserted or read last; 0 when it lies in its node. */
  longId = 0;
  /** Offsets of the items before the present one in its leaf, while going backwards. */
  private readonly offsets: number[] = [];
  private offsetCount = -1;
  /** The path leads to the last item. */
  private isAtTail = false;

  // ------------------------------------------------------------------------------------------ positions

  /** Makes the item at `index` the present one; false when there is none (behind the end). */
  seek(index: number): boolean {
    this.index = index;
    this.isAtTail = false;
    if (index >= this.length) {
      this.index = this.length;
      return false;
    }
    let rest = index;
    for (let level = 0; level < this.height; level++) {
      rest = chooseByIndex(this.levels[level] as TreeNode, rest);
      this.holdChosen(level + 1);
    }
    this.presentInLeaf(rest);
    return true;
  }

  /** Makes the `rest`-th item of the leaf the present one. */
  private presentInLeaf(rest: number): void {
    const { leaf } = this;
    let p = 0;
    for (let i = 0; i < rest; i++) p = itemEnd(leaf.buffer, p);
    this.present(leaf, p);
  }

  private present(leaf: TreeNode, at: number): void {
    leaf.at = at;
    leaf.end = itemEnd(leaf.buffer, at);
    this.offsetCount = -1;
  }

  /** Moves on to the next item; false behind the last. */
  next(): boolean {
    this.index++;
    if (this.index >= this.length) {
      this.index = this.length;
      return false;
    }
    const { leaf } = this;
    this.offsetCount = -1;
    if (leaf.end < leaf.length) {
      leaf.at = leaf.end;
      leaf.end = itemEnd(leaf.buffer, leaf.at);
    } else this.enterNextLeaf();
    return true;
  }

  /** Moves back to the previous item; false (and no present item) before the first. */
  prev(): boolean {
    if (this.index <= 0) return false;
    this.index--;
    const { leaf } = this;
    if (leaf.at === 0) this.enterPreviousLeaf();
    else this.stepBack(leaf);
    return true;
  }

  private stepBack(leaf: TreeNode): void {
    const { offsets } = this;
    if (this.offsetCount < 0) {
      this.offsetCount = 0;
      for (let p = 0; p < leaf.at; p = itemEnd(leaf.buffer, p)) offsets[this.offsetCount++] = p;
    }
    leaf.end = leaf.at;
    leaf.at = offsets[--this.offsetCount] as number;
  }

  private enterNextLeaf(): void {
    this.isAtTail = false;
    let level = this.height - 1;
    while ((this.levels[level] as TreeNode).end >= (this.levels[level] as TreeNode).length) level--;
    const turn = this.levels[level] as TreeNode;
    choose(turn, turn.end);
    for (level++; level < this.height; level++) choose(this.holdChosen(level), 0);
    this.present(this.holdChosen(level), 0);
  }

  private enterPreviousLeaf(): void {
    this.isAtTail = false;
    let level = this.height - 1;
    while ((this.levels[level] as TreeNode).at === 0) level--;
    const turn = this.levels[level] as TreeNode;
    choose(turn, turn.previous(false));
    for (level++; level < this.height; level++) chooseLast(this.holdChosen(level));
    const leaf = this.holdChosen(level);
    leaf.at = leaf.length;
    this.offsetCount = -1;
    this.stepBack(leaf);
  }

  /** Mark of the present item. */
  get mark(): boolean {
    const { leaf } = this;
    return ((leaf.buffer[varintEnd(leaf.buffer, leaf.at) - 1] as number) & 1) !== 0;
  }

  /** Puts the bytes of the present item into itemBuffer, itemStart, itemEnd. */
  readItem(): void {
    const { buffer, at, end } = this.leaf;
    const byte = buffer[at] as number;
    this.longId = 0;
    this.itemBuffer = buffer;
    this.itemEnd = end;
    if (byte < 128 && (byte & 2) === 0) {
      this.itemStart = at + 1;
      return;
    }
    const start = varintEnd(buffer, at);
    this.itemStart = start;
    if (((buffer[start - 1] as number) & 2) === 0) return;
    this.longId = readU48(buffer, start);
    this.itemBuffer = this.readLongAt(buffer, at);
    this.itemStart = 0;
    this.itemEnd = this.itemBuffer.length;
  }

  /** Length of the present item in bytes, without reading a long one. */
  get itemLength(): number {
    const { leaf } = this;
    return Math.floor(readVarint(leaf.buffer, leaf.at) / 4);
  }

  /** Number of items in the leaf of the present item, and their bytes with those that lie in rows of their own. */
  measureLeaf(): { items: number; bytes: number } {
    const { buffer, length } = this.leaf;
    let items = 0;
    let bytes = length;
    for (let p = 0; p < length; p = itemEnd(buffer, p)) {
      items++;
      if (isLongItem(buffer, p)) bytes += Math.floor(readVarint(buffer, p) / 4);
    }
    return { items, bytes };
  }

  // ------------------------------------------------------------------------------------------ positional face

  /** Inserts `bytes[start..end)` as item number `index` (at most `length`) and makes it the present one. */
  insertAt(index: number, bytes: Uint8Array, start: number, end: number, mark = false): void {
    this.index = index;
    this.isAtTail = false;
    let rest = index;
    for (let level = 0; level < this.height; level++) {
      rest = chooseForInsert(this.levels[level] as TreeNode, rest);
      this.holdChosen(level + 1);
    }
    const { leaf } = this;
    let p = 0;
    for (let i = 0; i < rest; i++) p = itemEnd(leaf.buffer, p);
    this.insert(leaf, p, bytes, start, end, mark);
  }

  /** Adds an item at the end; of a keyed tree, one that is greater than all. Filling a tree so is linear. */
  append(bytes: Uint8Array, start: number, end: number, mark = false): void {
    if (!this.isAtTail) for (let level = 0; level < this.height; level++) this.holdLast(level);
    this.index = this.length;
    const { leaf } = this;
    this.insert(leaf, leaf.length, bytes, start, end, mark);
    this.isAtTail = true;
  }

  private holdLast(level: number): void {
    chooseLast(this.levels[level] as TreeNode);
    this.holdChosen(level + 1);
  }

  /** Gives the present item other bytes. In a keyed tree they must not change its place. */
  replace(bytes: Uint8Array, start: number, end: number, mark = false): void {
    const { leaf } = this;
    this.eraseLongAt(leaf.buffer, leaf.at);
    this.writeItem(leaf, leaf.at, leaf.end - leaf.at, bytes, start, end, mark);
    this.splitPath();
    if (this.shrinkPath()) this.seek(this.index);
  }

  // ------------------------------------------------------------------------------------------ keyed face

  /**
   * Gives the present item other bytes of the same length, if they leave it between its neighbours; false (and nothing
   * done) when they would not, when a neighbour lies in another leaf, and for long items.
   */
  replaceInOrder(bytes: Uint8Array, length: number, mark: boolean): boolean {
    const { leaf } = this;
    const b = leaf.buffer;
    if (length > ITEM_INLINE_MAX || leaf.at === 0 || leaf.end === leaf.length) return false;
    const start = varintEnd(b, leaf.at);
    if (leaf.end - start !== length || this.compareAt(b, leaf.end, bytes, length) <= 0) return false;
    if (this.compareAt(b, leaf.previous(true), bytes, length) >= 0) return false;
    b.set(bytes.subarray(0, length), start);
    b[start - 1] = ((b[start - 1] as number) & ~1) | (mark ? 1 : 0);
    leaf.isDirty = true;
    return true;
  }

  /**
   * Makes the first item that is not less than the key the present one and returns its index (`length`: there is
   * none).
   */
  lowerBound(key: Uint8Array, keyLength: number): number {
    this.descend(key, keyLength);
    const { leaf } = this;
    if (this.index < this.length) {
      if (leaf.at < leaf.length) leaf.end = itemEnd(leaf.buffer, leaf.at);
      else this.enterNextLeaf();
    }
    return this.index;
  }

  /** Inserts `bytes[0..length)` in its place and makes it the present one; false when it was there. */
  insertKey(bytes: Uint8Array, length: number, mark = false): boolean {
    if (this.descend(bytes, length)) return false;
    const { leaf } = this;
    this.insert(leaf, leaf.at, bytes, 0, length, mark);
    return true;
  }

  /** Makes the item with these bytes the present one; false when there is none. */
  find(key: Uint8Array, keyLength: number): boolean {
    if (!this.descend(key, keyLength)) return false;
    const { leaf } = this;
    leaf.end = itemEnd(leaf.buffer, leaf.at);
    return true;
  }

  /** Makes the item of an inline tree whose bytes from `skip` on are `bytes[start..end)` the present one. O(n). */
  findSuffix(skip: number, bytes: Uint8Array, start: number, end: number): boolean {
    const { leaf } = this;
    const b = leaf.buffer;
    const length = skip + end - start;
    this.offsetCount = -1;
    this.isAtTail = false;
    let index = 0;
    for (let p = 0; p < leaf.length; index++) {
      const itemLength = readVarint(b, p) >>> 2;
      const q = varintEnd(b, p);
      if (itemLength === length && compareBytes(b, q + skip, q + length, bytes, start, end) === 0) {
        leaf.at = p;
        leaf.end = q + length;
        this.index = index;
        return true;
      }
      p = q + itemLength;
    }
    return false;
  }

  /** Removes the item with these bytes; false when there is none. There is no present item afterwards. */
  removeKey(key: Uint8Array, keyLength: number): boolean {
    if (!this.find(key, keyLength)) return false;
    this.removePresent();
    return true;
  }

  /** Removes the present item. There is no present item afterwards. */
  removePresent(): void {
    this.cutItems(this.leaf, this.leaf.at, this.leaf.end, 1);
    this.shrinkPath();
    this.index = this.length;
  }

  /**
   * Leads the path to where the key is or belongs: `leaf.at` and `index`. True when the item there equals the key.
   */
  private descend(key: Uint8Array, keyLength: number): boolean {
    let before = 0;
    this.isAtTail = false;
    for (let level = 0; level < this.height; level++) {
      before += this.chooseByKey(this.levels[level] as TreeNode, key, keyLength);
      this.holdChosen(level + 1);
    }
    this.offsetCount = -1;
    const { leaf } = this;
    const b = leaf.buffer;
    const { length } = leaf;
    let difference = 1;
    let p = 0;
    while (p < length) {
      const byte = b[p] as number;
      if (byte < 128 && (byte & 2) === 0) {
        // The common short item, compared in place.
        let q = p + 1;
        const end = q + (byte >>> 2);
        const stop = q + keyLength < end ? q + keyLength : end;
        let k = 0;
        while (q < stop && b[q] === key[k]) {
          q++;
          k++;
        }
        difference = q < stop ? (b[q] as number) - (key[k] as number) : (byte >>> 2) - keyLength;
        if (difference >= 0) break;
        p = end;
      } else {
        difference = this.compareAt(b, p, key, keyLength);
        if (difference >= 0) break;
        p = itemEnd(b, p);
      }
      before++;
    }
    leaf.at = p;
    leaf.end = p;
    this.index = before;
    return p < length && difference === 0;
  }

  /** Chooses the child that has or would have the key; returns the number of items before it. */
  private chooseByKey(node: TreeNode, key: Uint8Array, keyLength: number): number {
    const b = node.buffer;
    const { length } = node;
    let before = 0;
    let chosenCount = 0;
    let p = 0;
    node.at = 0;
    node.end = 0;
    while (p < length) {
      const at = p;
      while ((b[p] as number) >= 128) p++;
      p++;
      let byte = b[p++] as number;
      let count = byte & 127;
      while (byte >= 128) {
        byte = b[p++] as number;
        count = count * 128 + (byte & 127);
      }
      const header = b[p] as number;
      let end: number;
      let difference: number;
      if (header < 128 && (header & 2) === 0) {
        let q = p + 1;
        end = q + (header >>> 2);
        const stop = q + keyLength < end ? q + keyLength : end;
        let k = 0;
        while (q < stop && b[q] === key[k]) {
          q++;
          k++;
        }
        difference = q < stop ? (b[q] as number) - (key[k] as number) : (header >>> 2) - keyLength;
      } else {
        end = itemEnd(b, p);
        difference = this.compareAt(b, p, key, keyLength);
      }
      // The first entry has no lower bound.
      if (difference > 0 && at > 0) break;
      before += chosenCount;
      chosenCount = count;
      node.at = at;
      node.end = end;
      p = end;
    }
    return before;
  }

  // ------------------------------------------------------------------------------------------ changing

  private insert(leaf: TreeNode, at: number, bytes: Uint8Array, start: number, end: number, mark: boolean): void {
    this.writeItem(leaf, at, 0, bytes, start, end, mark);
    this.addToPath(1);
    this.splitPath();
  }

  /** Writes an item over `removed` bytes at `at` of the leaf and makes it the present one. */
  private writeItem(
    leaf: TreeNode,
    at: number,
    removed: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    mark: boolean,
  ): void {
    const length = end - start;
    const isLong = length > ITEM_INLINE_MAX && this.generation !== 0;
    const header = length * 4 + (isLong ? 2 : 0) + (mark ? 1 : 0);
    const size = varintLength(header) + (isLong ? LONG_INLINE_BYTES : length);
    leaf.splice(at, removed, size);
    leaf.at = at;
    leaf.end = at + size;
    const b = leaf.buffer;
    let p = writeVarint(b, at, header);
    this.offsetCount = -1;
    this.longId = 0;
    if (isLong) {
      this.longId = this.newId();
      writeU48(b, p, this.longId);
      b.set(bytes.subarray(start, start + LONG_PREFIX_BYTES), p + 6);
      this.rows.writeLong(this.generation, this.longId, bytes, start, end);
    } else if (length > 40) b.set(bytes.subarray(start, end), p);
    else for (let i = start; i < end; i++) b[p++] = bytes[i] as number;
  }

  /** Removes the present item; the one behind it becomes the present one. False when that was the last. */
  remove(): boolean {
    const { leaf } = this;
    this.cutItems(leaf, leaf.at, leaf.end, 1);
    if (this.shrinkPath()) return this.seek(this.index);
    if (this.index >= this.length) return false;
    if (leaf.at < leaf.length) leaf.end = itemEnd(leaf.buffer, leaf.at);
    else this.enterNextLeaf();
    return true;
  }

  /**
   * Removes `count` items from position `from` on, in steps of a leaf; `visit` sees each before it goes. No present
   * item afterwards. O(log n + count).
   */
  removeRange(from: number, count: number, visit: ItemVisitor | null = null): void {
    let left = Math.min(count, this.length - from);
    while (left > 0) {
      this.seek(from);
      const { leaf } = this;
      const start = leaf.at;
      let end = start;
      let items = 0;
      for (; items < left && end < leaf.length; items++) {
        leaf.at = end;
        leaf.end = itemEnd(leaf.buffer, end);
        end = leaf.end;
        if (visit !== null) visit(this);
      }
      this.cutItems(leaf, start, end, items);
      this.shrinkPath();
      left -= items;
    }
    this.index = this.length;
  }

  /** Takes `items` items that lie at `[start, end)` out of the leaf. */
  private cutItems(leaf: TreeNode, start: number, end: number, items: number): void {
    for (let p = start; p < end; p = itemEnd(leaf.buffer, p)) this.eraseLongAt(leaf.buffer, p);
    leaf.splice(start, end - start, 0);
    leaf.at = start;
    leaf.end = start;
    this.offsetCount = -1;
    this.isAtTail = false;
    this.addToPath(-items);
  }
}

const EMPTY: Buffer = Buffer.alloc(0);

/** Chooses the entry at an offset. */
function choose(node: TreeNode, at: number): void {
  node.at = at;
  node.end = entryEnd(node.buffer, at);
}

function chooseLast(node: TreeNode): void {
  let at = 0;
  for (let p = 0; p < node.length; p = entryEnd(node.buffer, p)) at = p;
  choose(node, at);
}

/** Chooses the child with item number `index` of the node; returns the item's number within the child. */
function chooseByIndex(node: TreeNode, index: number): number {
  return chooseWhere(node, index, 0);
}

/** As chooseByIndex; an item at the border of two children goes to the end of the first. */
function chooseForInsert(node: TreeNode, index: number): number {
  return chooseWhere(node, index, 1);
}

function chooseWhere(node: TreeNode, index: number, room: 0 | 1): number {
  const b = node.buffer;
  let rest = index;
  for (let p = 0; ; ) {
    const at = p;
    while ((b[p] as number) >= 128) p++;
    p++;
    let byte = b[p++] as number;
    let count = byte & 127;
    while (byte >= 128) {
      byte = b[p++] as number;
      count = count * 128 + (byte & 127);
    }
    const header = b[p] as number;
    p = header < 128 && (header & 2) === 0 ? p + 1 + (header >>> 2) : itemEnd(b, p);
    if (rest < count + room) {
      node.at = at;
      node.end = p;
      return rest;
    }
    if (p >= node.length) throw new Error("the counts of a tree are wrong");
    rest -= count;
  }
}
