/**
 * The path of a counted tree: the root and one node of every level below it, held in memory, with an entry chosen in
 * each inner node. All that reads or changes nodes goes through it; a changed node is written when another takes its
 * place on the path, or by `flush`. So operations near one another read and write few rows.
 *
 * Keeps the shape: a node that grows beyond its limit is cut in two, one that shrank is joined with a neighbour, and the
 * root, which lies in the record of the key, moves down into a row or takes its only child up.
 *
 * Invariants: no node but the root is empty; the count in an entry is the number of items below it; the first entry of
 * an inner node has the empty separator; all leaves are on the same level; separators of a keyed tree lie above
 * everything left of them and not above anything right of them.
 */
import type { KeyCodec } from "../codec/key-codec.ts";
import type { OrderedStore } from "../store/ordered-store.ts";
import {
  compareBytes,
  entryEnd,
  giveNode,
  isLongItem,
  itemEnd,
  LONG_INLINE_BYTES,
  LONG_PREFIX_BYTES,
  NO_NODE,
  NODE_MAX_BYTES,
  readU48,
  readVarint,
  SEPARATOR_INLINE_MAX,
  type TreeNode,
  takeNode,
  varintEnd,
  varintLength,
  writeU48,
  writeVarint,
} from "./counted-tree-node.ts";
import { TreeRows } from "./counted-tree-rows.ts";

/** Largest root: the record of the key stays within an LMDB page, and three levels hold over a million items. */
export const ROOT_MAX_BYTES = 1600;
/** A smaller node is joined with a neighbour if both together do not exceed MERGED_MAX_BYTES. */
const NODE_MIN_BYTES = NODE_MAX_BYTES >> 2;
const MERGED_MAX_BYTES = (NODE_MAX_BYTES * 3) >> 2;
const NO_SEPARATOR: Buffer = Buffer.from([0]);

export class TreePath {
  /** Whether items are ordered by their bytes; else only by position. */
  readonly isKeyed: boolean;
  /** 0: everything is in the root, which has no limit. */
  generation: number;
  /** Number of items. */
  length: number;
  /** Position of the present item; `length` behind the last. */
  index: number;
  /** Levels of inner nodes; 0: the root is a leaf. */
  protected height: number;
  protected readonly rows: TreeRows;
  protected readonly levels: TreeNode[];
  private nextId: number;

  constructor(store: OrderedStore, codec: KeyCodec, isKeyed: boolean) {
    this.isKeyed = isKeyed;
    this.rows = new TreeRows(store, codec);
    this.generation = 0;
    this.length = 0;
    this.index = 0;
    this.height = 0;
    this.nextId = 1;
    const root = takeNode();
    root.id = 0;
    this.levels = [root];
  }

  /** Makes it the empty tree of a generation (0: all inline). */
  create(generation: number): void {
    this.load(generation, 0, NO_SEPARATOR, 0, 0);
  }

  /** Takes over (copies) the state that `writeRoot` left in `bytes[start..end)`: `length` items under `generation`. */
  load(generation: number, length: number, bytes: Buffer, start: number, end: number): void {
    this.forget();
    this.generation = generation;
    this.length = length;
    this.index = 0;
    if (start === end) {
      this.height = 0;
      this.nextId = 1;
      this.root.length = 0;
      return;
    }
    this.height = bytes[start] as number;
    this.nextId = readVarint(bytes, start + 1);
    this.root.set(bytes, varintEnd(bytes, start + 1), end);
  }

  /** Bytes that `writeRoot` writes. */
  get rootSize(): number {
    return 1 + varintLength(this.nextId) + this.root.length;
  }

  /** Writes the state to be kept in the record of the key; returns the end. Call `flush` before. */
  writeRoot(target: Buffer, at: number): number {
    target[at] = this.height;
    const p = writeVarint(target, at + 1, this.nextId);
    this.root.buffer.copy(target, p, 0, this.root.length);
    return p + this.root.length;
  }

  /** Writes every changed node. Afterwards the tree can be read from the store with the root of `writeRoot`. */
  flush(): void {
    for (let level = 1; level < this.levels.length; level++) {
      const node = this.levels[level] as TreeNode;
      if (node.isDirty) this.write(node);
    }
  }

  /** Gives the memory of the path to later trees; the object must not be used any more. */
  release(): void {
    for (const node of this.levels) giveNode(node);
    this.levels.length = 0;
  }

  /** Drops held nodes without writing them. */
  private forget(): void {
    for (let level = 1; level < this.levels.length; level++) giveNode(this.levels[level] as TreeNode);
    this.levels.length = 1;
  }

  protected get root(): TreeNode {
    return this.levels[0] as TreeNode;
  }

  protected get leaf(): TreeNode {
    return this.levels[this.height] as TreeNode;
  }

  // ------------------------------------------------------------------------------------------ nodes

  /** Makes `level` hold the child that is chosen one level up. */
  protected holdChosen(level: number): TreeNode {
    const parent = this.levels[level - 1] as TreeNode;
    const id = readVarint(parent.buffer, parent.at);
    let node = this.levels[level];
    if (node === undefined) {
      node = takeNode();
      this.levels[level] = node;
    }
    if (node.id !== id) {
      if (node.isDirty) this.write(node);
      this.read(node, id);
    }
    return node;
  }

  private read(node: TreeNode, id: number): void {
    const { store } = this.rows;
    const n = store.get(this.rows.nodeRow(this.generation, id));
    if (n < 0) throw new Error(`node ${id} of generation ${this.generation} is missing`);
    node.id = id;
    node.isDirty = false;
    node.set(store.valueBuffer, 0, n);
  }

  private write(node: TreeNode): void {
    const { store } = this.rows;
    node.buffer.copy(store.putBuffer, 0, 0, node.length);
    store.put(this.rows.nodeRow(this.generation, node.id), node.length);
    node.isDirty = false;
  }

  /** Removes the row of a node on the path and lets go of it. */
  private erase(node: TreeNode): void {
    this.rows.store.delete(this.rows.nodeRow(this.generation, node.id));
    node.id = NO_NODE;
    node.isDirty = false;
    node.length = 0;
  }

  // ------------------------------------------------------------------------------------------ long items

  protected newId(): number {
    return this.nextId++;
  }

  /** The bytes of the item or separator at `at`, from its rows. */
  protected readLongAt(b: Buffer, at: number): Buffer {
    const id = readU48(b, varintEnd(b, at));
    return this.rows.readLong(this.generation, id, Math.floor(readVarint(b, at) / 4));
  }

  /** Removes the rows of the item or separator at `at`, if it has any. */
  protected eraseLongAt(b: Buffer, at: number): void {
    if (!isLongItem(b, at)) return;
    this.rows.deleteLong(this.generation, readU48(b, varintEnd(b, at)), Math.floor(readVarint(b, at) / 4));
  }

  /** Compares the item or separator at `at` with a key. */
  protected compareAt(b: Buffer, at: number, key: Uint8Array, keyLength: number): number {
    const header = readVarint(b, at);
    const start = varintEnd(b, at);
    if ((header & 2) === 0) return compareBytes(b, start, start + Math.floor(header / 4), key, 0, keyLength);
    const prefix = compareBytes(
      b,
      start + 6,
      start + LONG_INLINE_BYTES,
      key,
      0,
      Math.min(keyLength, LONG_PREFIX_BYTES),
    );
    if (prefix !== 0) return prefix;
    const bytes = this.readLongAt(b, at);
    return compareBytes(bytes, 0, bytes.length, key, 0, keyLength);
  }

  // ------------------------------------------------------------------------------------------ growing

  /** Adds to the counts on the path. */
  protected addToPath(items: number): void {
    for (let level = 0; level < this.height; level++) {
      const node = this.levels[level] as TreeNode;
      node.setChosenCount(node.chosenCount + items);
    }
    this.length += items;
  }

  /** After something on the path grew: cuts what has become too large. The path leads to the present item as before. */
  protected splitPath(): void {
    if (this.generation === 0) return;
    for (let level = this.height; level >= 0; level--) {
      const { length } = this.levels[level] as TreeNode;
      if (length <= (level === 0 ? ROOT_MAX_BYTES : NODE_MAX_BYTES)) continue;
      if (level > 0) this.split(level);
      else {
        this.lowerRoot();
        level = 2;
      }
    }
  }

  /** Moves the content of the root into a node below it. */
  private lowerRoot(): void {
    const { root } = this;
    const child = takeNode();
    const spare = child.buffer;
    child.buffer = root.buffer;
    child.length = root.length;
    child.at = root.at;
    child.end = root.end;
    child.id = this.newId();
    child.isDirty = true;
    root.buffer = spare;
    let p = writeVarint(spare, 0, child.id);
    p = writeVarint(spare, p, this.length);
    spare[p] = 0;
    root.length = p + 1;
    root.at = 0;
    root.end = root.length;
    this.levels.splice(1, 0, child);
    this.height++;
  }

  /** Cuts the node of a level in two; the part with the chosen place stays on the path. */
  private split(level: number): void {
    const isLeaf = level === this.height;
    const node = this.levels[level] as TreeNode;
    const parent = this.levels[level - 1] as TreeNode;
    const cut = this.cutPlace(node, isLeaf);
    let leftCount = 0;
    let lastLeft = 0;
    for (let p = 0; p < cut; ) {
      lastLeft = p;
      if (isLeaf) {
        leftCount++;
        p = itemEnd(node.buffer, p);
      } else {
        leftCount += readVarint(node.buffer, varintEnd(node.buffer, p));
        p = entryEnd(node.buffer, p);
      }
    }
    const separator = isLeaf ? this.separatorBetween(node, lastLeft, cut) : takeSeparator(node, cut);
    const rightCount = parent.chosenCount - leftCount;
    const right = takeNode();
    right.set(node.buffer, cut, node.length);
    right.id = this.newId();
    right.isDirty = true;
    node.length = cut;
    node.isDirty = true;
    const goesRight = node.at >= cut;

    parent.setChosenCount(leftCount);
    const at = parent.end;
    const size = varintLength(right.id) + varintLength(rightCount) + separator.length;
    parent.splice(at, 0, size);
    const p = writeVarint(parent.buffer, writeVarint(parent.buffer, at, right.id), rightCount);
    separator.copy(parent.buffer, p);
    if (goesRight) {
      parent.at = at;
      parent.end = at + size;
      right.at = node.at - cut;
      right.end = node.end - cut;
      this.levels[level] = right;
    }
    const left = goesRight ? node : right;
    this.write(left);
    giveNode(left);
  }

  /**
   * Where to cut: in the middle; but before what was put at the very end of the tree and behind what was put at its
   * very start, so that a tree which is filled from one side has full nodes.
   */
  private cutPlace(node: TreeNode, isLeaf: boolean): number {
    if (this.index === this.length - 1 && node.at > 0) return node.at;
    if (this.index === 0 && node.end < node.length) return node.end;
    const middle = node.length / 2;
    let before = 0;
    for (;;) {
      const p = isLeaf ? itemEnd(node.buffer, before) : entryEnd(node.buffer, before);
      if (p >= middle) return before === 0 || (p < node.length && p - middle < middle - before) ? p : before;
      before = p;
    }
  }

  /** The shortest separator of two neighbouring items of a leaf, as it is stored. */
  private separatorBetween(node: TreeNode, leftAt: number, rightAt: number): Buffer {
    if (!this.isKeyed) return NO_SEPARATOR;
    const left = this.bytesAt(node.buffer, leftAt);
    const right = this.bytesAt(node.buffer, rightAt);
    let length = 0;
    while (length < left.length && left[length] === right[length]) length++;
    length++;
    const isLong = length > SEPARATOR_INLINE_MAX;
    const header = length * 4 + (isLong ? 2 : 0);
    const separator = Buffer.allocUnsafe(varintLength(header) + (isLong ? LONG_INLINE_BYTES : length));
    const p = writeVarint(separator, 0, header);
    if (isLong) {
      const id = this.newId();
      this.rows.writeLong(this.generation, id, right, 0, length);
      writeU48(separator, p, id);
      right.copy(separator, p + 6, 0, LONG_PREFIX_BYTES);
    } else right.copy(separator, p, 0, length);
    return separator;
  }

  /** The bytes of an item, borrowed from the node unless they are long. */
  private bytesAt(b: Buffer, at: number): Buffer {
    return isLongItem(b, at) ? this.readLongAt(b, at) : b.subarray(varintEnd(b, at), itemEnd(b, at));
  }

  // ------------------------------------------------------------------------------------------ shrinking

  /**
   * After the leaf shrank (the counts are right already): removes what is empty, joins what is small. True when the path
   * no longer leads to the present position.
   */
  protected shrinkPath(): boolean {
    let moved = false;
    for (let level = this.height; level > 0; level--) {
      const node = this.levels[level] as TreeNode;
      if (node.length === 0) this.drop(level);
      else if (node.length >= NODE_MIN_BYTES || !this.join(level)) break;
      moved = true;
    }
    return this.raiseRoot() || moved;
  }

  /** Removes the empty node of a level. */
  private drop(level: number): void {
    this.erase(this.levels[level] as TreeNode);
    const parent = this.levels[level - 1] as TreeNode;
    this.removeEntry(parent, parent.at, parent.end);
  }

  private removeEntry(node: TreeNode, at: number, end: number): void {
    this.eraseLongAt(node.buffer, separatorAt(node.buffer, at));
    node.splice(at, end - at, 0);
    if (at > 0 || node.length === 0) return;
    const first = separatorAt(node.buffer, 0);
    this.eraseLongAt(node.buffer, first);
    emptySeparator(node, first);
  }

  /** Joins the small node of a level with a neighbour, if together they are not large. */
  private join(level: number): boolean {
    const isLeaf = level === this.height;
    const node = this.levels[level] as TreeNode;
    const parent = this.levels[level - 1] as TreeNode;
    const isLeft = parent.end < parent.length;
    const otherAt = isLeft ? parent.end : parent.previous(false);
    if (otherAt < 0) return false;
    const count = parent.chosenCount;
    const otherCount = readVarint(parent.buffer, varintEnd(parent.buffer, otherAt));
    // Items of neighbours are about as long as ours: spare the read when it would not fit anyway.
    if (isLeaf && (node.length / count) * (count + otherCount) > MERGED_MAX_BYTES) return false;
    const other = takeNode();
    this.read(other, readVarint(parent.buffer, otherAt));
    const joins = node.length + other.length + SEPARATOR_INLINE_MAX <= MERGED_MAX_BYTES;
    if (joins) {
      const leftAt = isLeft ? parent.at : otherAt;
      const rightAt = isLeft ? otherAt : parent.at;
      const rightEnd = entryEnd(parent.buffer, rightAt);
      if (!isLeaf) lowerSeparator(parent, rightAt, isLeft ? other : node);
      if (isLeft) {
        node.splice(node.length, 0, other.length);
        other.buffer.copy(node.buffer, node.length - other.length, 0, other.length);
        this.erase(other);
      } else {
        node.splice(0, 0, other.length);
        other.buffer.copy(node.buffer, 0, 0, other.length);
        const id = other.id;
        this.rows.store.delete(this.rows.nodeRow(this.generation, node.id));
        node.id = id;
      }
      // Moved down, the separator is no longer the parent's to erase.
      if (isLeaf) this.eraseLongAt(parent.buffer, separatorAt(parent.buffer, rightAt));
      parent.splice(rightAt, rightEnd - rightAt, 0);
      parent.at = leftAt;
      parent.end = rightAt;
      parent.setChosenCount(count + otherCount);
    }
    other.id = NO_NODE;
    giveNode(other);
    return joins;
  }

  /** Takes an only, small child up into the root. */
  private raiseRoot(): boolean {
    let moved = false;
    while (this.height > 0) {
      const { root } = this;
      if (root.length === 0) {
        this.height = 0;
        this.forget();
        return true;
      }
      if (entryEnd(root.buffer, 0) < root.length) break;
      root.at = 0;
      root.end = root.length;
      const child = this.holdChosen(1);
      if (child.length > ROOT_MAX_BYTES >> 1) break;
      root.set(child.buffer, 0, child.length);
      this.erase(child);
      this.levels.splice(1, 1);
      giveNode(child);
      this.height--;
      moved = true;
    }
    return moved;
  }
}

function separatorAt(b: Uint8Array, entryAt: number): number {
  return varintEnd(b, varintEnd(b, entryAt));
}

function emptySeparator(node: TreeNode, at: number): void {
  node.splice(at, itemEnd(node.buffer, at) - at, 1);
  node.buffer[at] = 0;
}

/** Takes the separator, as it is stored, out of the entry at `entryAt`, which becomes the first of another node. */
function takeSeparator(node: TreeNode, entryAt: number): Buffer {
  const at = separatorAt(node.buffer, entryAt);
  const end = itemEnd(node.buffer, at);
  const separator = Buffer.from(node.buffer.subarray(at, end));
  const shorter = separator.length - 1;
  emptySeparator(node, at);
  if (node.at === entryAt) node.end -= shorter;
  else if (node.at > entryAt) {
    node.at -= shorter;
    node.end -= shorter;
  }
  return separator;
}

/** Gives the first entry of `child` the separator that `parent` has for it at `entryAt`. */
function lowerSeparator(parent: TreeNode, entryAt: number, child: TreeNode): void {
  const from = separatorAt(parent.buffer, entryAt);
  const to = itemEnd(parent.buffer, from);
  const at = separatorAt(child.buffer, 0);
  child.splice(at, 1, to - from);
  parent.buffer.copy(child.buffer, at, from, to);
}
