/**
 * The nodes that a quicklist of Redis would have: how many elements and bytes each of its listpacks holds. Nothing is
 * stored by them here; they decide when a list counts as a listpack again, and what DEBUG tells of it. The rules are those
 * of quicklist.c.
 *
 * Of a long list only the nodes at the ends are known. Those between are one blurred node: nothing is said of its
 * bytes, and it counts as full and as more than one.
 *
 * Encoded: varint limit + 8 | varint nodes | per node varint elements, varint bytes (0: blurred)
 */
import { readVarint, varintEnd, writeVarint } from "./counted-tree-node.ts";
import { LISTPACK_EMPTY } from "./listpack-size.ts";

/** Redis' estimate of what an element takes beyond its bytes (SIZE_ESTIMATE_OVERHEAD). */
const ELEMENT_OVERHEAD = 8;
/** Size limit of a listpack when list-max-listpack-size counts elements (SIZE_SAFETY_LIMIT). */
export const SAFETY_BYTES = 8192;
/** quicklist's size classes of list-max-listpack-size -1 to -5, bytes. */
const SIZE_CLASSES = [4096, 8192, 16384, 32768, 65536];
/** Nodes that are known at each end. */
const KNOWN = 8;
const LIMIT_SHIFT = 8;

/** What `list-max-listpack-size` allows a listpack. */
export interface ListLimits {
  /** The directive's value. */
  readonly fill: number;
  readonly maxBytes: number;
  readonly maxEntries: number;
}

/** Reads the directive's value as Redis' quicklistNodeLimit does. */
export function listLimits(fill: number): ListLimits {
  if (fill >= 0) return { fill, maxBytes: Number.POSITIVE_INFINITY, maxEntries: Math.max(1, fill) };
  const size = SIZE_CLASSES[Math.min(SIZE_CLASSES.length, -fill) - 1] as number;
  return { fill: Math.max(fill, -SIZE_CLASSES.length), maxBytes: size, maxEntries: Number.POSITIVE_INFINITY };
}

/** Whether a listpack of `bytes` bytes and `entries` elements is beyond the limits (quicklistNodeExceedsLimit). */
export function exceedsLimits(limits: ListLimits, bytes: number, entries: number): boolean {
  if (limits.maxBytes !== Number.POSITIVE_INFINITY) return bytes > limits.maxBytes;
  return bytes > SAFETY_BYTES || entries > limits.maxEntries;
}

interface Node {
  entries: number;
  /** Bytes of the listpack; 0 when the node is blurred. */
  bytes: number;
}

/** Bytes that the elements `[from, from + count)` take in a listpack. */
export type EntryBytes = (from: number, count: number) => number;

export class ListNodes {
  private readonly limits: ListLimits;
  private readonly nodes: Node[];

  private constructor(limits: ListLimits, nodes: Node[]) {
    this.limits = limits;
    this.nodes = nodes;
  }

  /** Of a listpack that becomes a quicklist: one node, or none when it is empty. */
  static of(limits: ListLimits, entries: number, bytes: number): ListNodes {
    return new ListNodes(limits, entries === 0 ? [] : [{ entries, bytes }]);
  }

  static read(b: Uint8Array, at: number): { nodes: ListNodes; end: number } {
    const limits = listLimits(readVarint(b, at) - LIMIT_SHIFT);
    let p = varintEnd(b, at);
    const count = readVarint(b, p);
    p = varintEnd(b, p);
    const nodes: Node[] = [];
    for (let i = 0; i < count; i++) {
      const entries = readVarint(b, p);
      p = varintEnd(b, p);
      nodes.push({ entries, bytes: readVarint(b, p) });
      p = varintEnd(b, p);
    }
    return { nodes: new ListNodes(limits, nodes), end: p };
  }

  write(b: Uint8Array, at: number): number {
    this.blur();
    let p = writeVarint(b, at, this.limits.fill + LIMIT_SHIFT);
    p = writeVarint(b, p, this.nodes.length);
    for (const { entries, bytes } of this.nodes) {
      p = writeVarint(b, p, entries);
      p = writeVarint(b, p, bytes);
    }
    return p;
  }

  /** Whether it is one listpack. A blurred node that is left alone has shrunk to one too. */
  get isSingle(): boolean {
    return this.nodes.length === 1;
  }

  /** An element of `length` bytes, which takes `bytes` in a listpack, comes to an end. */
  push(atHead: boolean, length: number, bytes: number): void {
    const { nodes } = this;
    const node = atHead ? nodes[0] : nodes.at(-1);
    if (node !== undefined && this.allows(node, length)) grow(node, 1, bytes);
    else if (atHead) nodes.unshift(fresh(bytes));
    else nodes.push(fresh(bytes));
  }

  /** An element comes before or after the one at `index` (_quicklistInsert). */
  insert(index: number, isAfter: boolean, length: number, bytes: number, bytesOf: EntryBytes): void {
    const { nodes } = this;
    const { at, offset } = this.locate(index);
    const node = nodes[at] as Node;
    if (node.bytes === 0 || this.allows(node, length)) {
      grow(node, 1, bytes);
      return;
    }
    const isAtEdge = isAfter ? offset === node.entries - 1 : offset === 0;
    if (isAtEdge) {
      const neighbour = nodes[isAfter ? at + 1 : at - 1];
      if (neighbour !== undefined && this.allows(neighbour, length)) grow(neighbour, 1, bytes);
      else nodes.splice(isAfter ? at + 1 : at, 0, fresh(bytes));
      return;
    }
    const headEntries = isAfter ? offset + 1 : offset;
    const headBytes = bytesOf(index - offset, headEntries);
    const head = { entries: headEntries, bytes: LISTPACK_EMPTY + headBytes };
    const tail = { entries: node.entries - headEntries, bytes: node.bytes - headBytes };
    grow(isAfter ? tail : head, 1, bytes);
    nodes.splice(at, 1, head, tail);
    this.merge(isAfter ? at : at + 1);
  }

  /** The element at `index` becomes longer or shorter by `bytes`. */
  resize(index: number, bytes: number): void {
    grow(this.nodes[this.locate(index).at] as Node, 0, bytes);
  }

  /** The elements `[from, from + count)` go; they must still be there for `bytesOf`. */
  cut(from: number, count: number, bytesOf: EntryBytes): void {
    const { nodes } = this;
    let { at, offset } = this.locate(from);
    let position = from;
    for (let left = count; left > 0; offset = 0) {
      const node = nodes[at];
      if (node === undefined) return;
      const gone = Math.min(left, node.entries - offset);
      if (gone === node.entries) nodes.splice(at, 1);
      else {
        grow(node, -gone, node.bytes === 0 ? 0 : -bytesOf(position, gone));
        at++;
      }
      position += gone;
      left -= gone;
    }
  }

  private allows(node: Node, length: number): boolean {
    if (node.bytes === 0) return false;
    return !exceedsLimits(this.limits, node.bytes + length + ELEMENT_OVERHEAD, node.entries + 1);
  }

  private locate(index: number): { at: number; offset: number } {
    let offset = index;
    let at = 0;
    for (let node = this.nodes[0]; node !== undefined && offset >= node.entries; node = this.nodes[at]) {
      offset -= node.entries;
      at++;
    }
    return { at, offset };
  }

  /** Joins neighbours that fit together around the node that was split (_quicklistMergeNodes). */
  private merge(center: number): void {
    let at = center;
    if (this.join(at - 2)) at--;
    this.join(at + 1);
    if (this.join(at - 1)) at--;
    this.join(at);
  }

  /** Joins the nodes `left` and `left + 1` if they fit into one. */
  private join(left: number): boolean {
    const [a, b] = [this.nodes[left], this.nodes[left + 1]];
    if (left < 0 || a === undefined || b === undefined || a.bytes === 0 || b.bytes === 0) return false;
    const bytes = a.bytes + b.bytes - LISTPACK_EMPTY;
    if (exceedsLimits(this.limits, bytes, a.entries + b.entries)) return false;
    this.nodes.splice(left, 2, { entries: a.entries + b.entries, bytes });
    return true;
  }

  private blur(): void {
    const { nodes } = this;
    const many = nodes.length - 2 * KNOWN;
    if (many <= 1) return;
    const entries = nodes.slice(KNOWN, KNOWN + many).reduce((sum, node) => sum + node.entries, 0);
    nodes.splice(KNOWN, many, { entries, bytes: 0 });
  }
}

function fresh(bytes: number): Node {
  return { entries: 1, bytes: LISTPACK_EMPTY + bytes };
}

function grow(node: Node, entries: number, bytes: number): void {
  node.entries += entries;
  if (node.bytes !== 0) node.bytes += bytes;
}
