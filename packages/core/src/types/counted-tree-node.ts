/**
 * Nodes of a counted tree and the two layouts of their bytes (see counted-tree.ts).
 *
 *   leaf    { item }
 *   inner   { varint child id | varint items below the child | separator }
 *   item and separator:
 *     varint `length << 2 | long << 1 | mark`, then `length` bytes; or, when long,
 *     u48 id of its rows | the first LONG_PREFIX_BYTES bytes
 *
 * A varint has its high bits first, seven to a byte; a set top bit means that more follow. Node ids and long ids are
 * u48, unique within a tree and never used again. The mark belongs to the tree's owner; separators have none.
 */

/** Most bytes of a node that is a row: with its key it shares an LMDB page with another of its size. */
export const NODE_MAX_BYTES = 1990;
/** Longest item that lies in a leaf itself: any leaf can be cut into two that fit. */
export const ITEM_INLINE_MAX = 900;
/** Longest separator that lies in a node itself: inner nodes keep several children whatever the keys. */
export const SEPARATOR_INLINE_MAX = 220;
/** Bytes of a long item that are repeated in the node, to decide most comparisons without reading its rows. */
export const LONG_PREFIX_BYTES = 32;
/** What a long item takes in a node behind its header. */
export const LONG_INLINE_BYTES = 6 + LONG_PREFIX_BYTES;

const FIRST_CAPACITY = 4096;
/** Larger buffers (of inline collections) are not kept for later trees. */
const POOLED_CAPACITY = 65536;
const POOLED_NODES = 32;

export function varintLength(n: number): number {
  let length = 1;
  for (let rest = n; rest >= 128; rest = Math.floor(rest / 128)) length++;
  return length;
}

/** Writes `n` (below 2^53) at `at`; returns the end. */
export function writeVarint(b: Uint8Array, at: number, n: number): number {
  if (n < 128) {
    b[at] = n;
    return at + 1;
  }
  const end = at + varintLength(n);
  let rest = n;
  for (let p = end - 1; p >= at; p--) {
    const high = Math.floor(rest / 128);
    b[p] = rest - high * 128 + (p === end - 1 ? 0 : 128);
    rest = high;
  }
  return end;
}

export function varintEnd(b: Uint8Array, at: number): number {
  let p = at;
  while ((b[p] as number) >= 128) p++;
  return p + 1;
}

export function readVarint(b: Uint8Array, at: number): number {
  let p = at;
  let byte = b[p] as number;
  let n = byte & 127;
  while (byte >= 128) {
    byte = b[++p] as number;
    n = n * 128 + (byte & 127);
  }
  return n;
}

export function readU48(b: Uint8Array, at: number): number {
  const low =
    (((b[at + 2] as number) << 24) |
      ((b[at + 3] as number) << 16) |
      ((b[at + 4] as number) << 8) |
      (b[at + 5] as number)) >>>
    0;
  return ((b[at] as number) * 256 + (b[at + 1] as number)) * 4294967296 + low;
}

export function writeU48(b: Uint8Array, at: number, n: number): void {
  const high = Math.floor(n / 4294967296);
  const low = n - high * 4294967296;
  b[at] = high >>> 8;
  b[at + 1] = high;
  b[at + 2] = low >>> 24;
  b[at + 3] = low >>> 16;
  b[at + 4] = low >>> 8;
  b[at + 5] = low;
}

/** Where the item or separator whose header is at `at` ends. */
export function itemEnd(b: Uint8Array, at: number): number {
  const byte = b[at] as number;
  if (byte < 128 && (byte & 2) === 0) return at + 1 + (byte >>> 2);
  const header = readVarint(b, at);
  return varintEnd(b, at) + ((header & 2) === 0 ? Math.floor(header / 4) : LONG_INLINE_BYTES);
}

/** Whether the item or separator at `at` keeps its bytes in rows of its own. */
export function isLongItem(b: Uint8Array, at: number): boolean {
  return ((b[varintEnd(b, at) - 1] as number) & 2) !== 0;
}

/** Where the child entry of an inner node at `at` ends. */
export function entryEnd(b: Uint8Array, at: number): number {
  return itemEnd(b, varintEnd(b, varintEnd(b, at)));
}

/** Compares `a[aStart..aEnd)` with `b[bStart..bEnd)` as memcmp, a prefix being less. */
export function compareBytes(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): number {
  let p = aStart;
  let q = bStart;
  while (p < aEnd && q < bEnd) {
    const difference = (a[p++] as number) - (b[q++] as number);
    if (difference !== 0) return difference;
  }
  return aEnd - aStart - (bEnd - bStart);
}

/** One node held in memory, as a level of a tree's path. */
export class TreeNode {
  /** 0: the root, whose bytes are in the key's record; NO_NODE: nothing is held. */
  id: number;
  buffer: Buffer;
  length: number;
  /** Changed since it was read or written. */
  isDirty: boolean;
  /** The chosen entry (inner node) or the present item (leaf): offsets of its start and end. */
  at: number;
  end: number;

  constructor() {
    this.id = NO_NODE;
    this.buffer = Buffer.allocUnsafeSlow(FIRST_CAPACITY);
    this.length = 0;
    this.isDirty = false;
    this.at = 0;
    this.end = 0;
  }

  /** Makes room for `size` bytes in all, keeping the content. */
  reserve(size: number): void {
    if (size <= this.buffer.length) return;
    const next = Buffer.allocUnsafeSlow(Math.max(size, this.buffer.length * 2));
    this.buffer.copy(next, 0, 0, this.length);
    this.buffer = next;
  }

  /** Replaces `removed` bytes at `at` by room for `inserted`; the caller fills it. */
  splice(at: number, removed: number, inserted: number): void {
    const length = this.length + inserted - removed;
    this.reserve(length);
    if (inserted !== removed && at + removed < this.length) {
      this.buffer.copyWithin(at + inserted, at + removed, this.length);
    }
    this.length = length;
    this.isDirty = true;
  }

  /** Takes over `bytes[start..end)`. */
  set(bytes: Buffer, start: number, end: number): void {
    this.length = 0;
    this.reserve(end - start);
    bytes.copy(this.buffer, 0, start, end);
    this.length = end - start;
  }

  /** Items below the chosen entry. */
  get chosenCount(): number {
    return readVarint(this.buffer, varintEnd(this.buffer, this.at));
  }

  /** Writes another number of items below the chosen entry. */
  setChosenCount(count: number): void {
    const at = varintEnd(this.buffer, this.at);
    const removed = varintEnd(this.buffer, at) - at;
    const inserted = varintLength(count);
    if (removed === inserted) this.isDirty = true;
    else this.splice(at, removed, inserted);
    writeVarint(this.buffer, at, count);
    this.end += inserted - removed;
  }

  /** Offset of the entry or item before the chosen one; -1 when that is the first. */
  previous(isLeaf: boolean): number {
    let before = -1;
    for (let p = 0; p < this.at; ) {
      before = p;
      p = isLeaf ? itemEnd(this.buffer, p) : entryEnd(this.buffer, p);
    }
    return before;
  }
}

/** `TreeNode.id` when the object holds no node. */
export const NO_NODE = -1;

// Scratch objects for the trees of the present command; no content survives in them.
const spareNodes: TreeNode[] = [];

export function takeNode(): TreeNode {
  const node = spareNodes.pop() ?? new TreeNode();
  node.id = NO_NODE;
  node.length = 0;
  node.isDirty = false;
  node.at = 0;
  node.end = 0;
  return node;
}

export function giveNode(node: TreeNode): void {
  if (spareNodes.length < POOLED_NODES && node.buffer.length <= POOLED_CAPACITY) spareNodes.push(node);
}
