/** Checks the rows of a counted tree: counts, order, levels, separators, and that no row of the generation is left over. */
import type { OrderedStore } from "@keydb-ts/core";
import { readU64, writeU64 } from "../../packages/core/src/codec/record.ts";
import type { CountedTree } from "../../packages/core/src/types/counted-tree.ts";
import {
  isLongItem,
  itemEnd,
  NODE_MAX_BYTES,
  readU48,
  readVarint,
  varintEnd,
} from "../../packages/core/src/types/counted-tree-node.ts";
import { TREE_TAG } from "../../packages/core/src/types/counted-tree-rows.ts";

export interface TreeFacts {
  readonly leaves: number;
  readonly bytesInLeaves: number;
  readonly height: number;
}

const CHUNK_BYTES = 16360;

/** Throws on the first fault. The tree must be flushed. `hasMembers`: the generation also has rows of members. */
export function checkTree(store: OrderedStore, tree: CountedTree, isKeyed: boolean, hasMembers = false): TreeFacts {
  const { generation } = tree;
  const nodes = new Map<number, Buffer>();
  const long = new Map<number, Buffer>();
  if (generation !== 0) readRows(store, generation, nodes, long, hasMembers);
  const root = Buffer.alloc(tree.rootSize);
  tree.writeRoot(root, 0);
  const height = root[0] as number;
  const facts = { leaves: 0, bytesInLeaves: 0, height };
  let lastItem: Buffer | null = null;
  const fail = (why: string): never => {
    throw new Error(`tree of generation ${generation}: ${why}`);
  };
  const packed = (node: Buffer, at: number): Buffer => {
    const start = varintEnd(node, at);
    if (!isLongItem(node, at)) return node.subarray(start, itemEnd(node, at));
    const id = readU48(node, start);
    const bytes = long.get(id) ?? fail(`long item ${id} is missing`);
    long.delete(id);
    if (bytes.length !== readVarint(node, at) >> 2) fail(`long item ${id} has ${bytes.length} bytes`);
    if (!bytes.subarray(0, 32).equals(node.subarray(start + 6, start + 38))) fail(`prefix of long item ${id}`);
    return bytes;
  };
  const visit = (node: Buffer, level: number, low: Buffer | null, high: Buffer | null): number => {
    if (node.length === 0 && level + height > 0 && tree.length > 0) fail("an empty node");
    if (level > 0 && node.length > NODE_MAX_BYTES) fail(`a node of ${node.length} bytes`);
    let count = 0;
    if (level === height) {
      facts.leaves++;
      facts.bytesInLeaves += node.length;
      for (let p = 0; p < node.length; p = itemEnd(node, p)) {
        const item = packed(node, p);
        count++;
        if (!isKeyed) continue;
        if (lastItem !== null && lastItem.compare(item) >= 0) fail("items out of order");
        if (low !== null && item.compare(low) < 0) fail("an item below its separator");
        if (high !== null && item.compare(high) >= 0) fail("an item above the next separator");
        lastItem = Buffer.from(item);
      }
      return count;
    }
    const entries: Array<{ id: number; count: number; separator: Buffer }> = [];
    for (let p = 0; p < node.length; ) {
      const countAt = varintEnd(node, p);
      const separatorAt = varintEnd(node, countAt);
      entries.push({ id: readVarint(node, p), count: readVarint(node, countAt), separator: packed(node, separatorAt) });
      p = itemEnd(node, separatorAt);
    }
    entries.forEach((entry, i) => {
      if (i === 0 && entry.separator.length > 0) fail("the first separator is not empty");
      const child = nodes.get(entry.id) ?? fail(`node ${entry.id} is missing`);
      nodes.delete(entry.id);
      const below = i === 0 ? low : entry.separator;
      const above = entries[i + 1]?.separator ?? high;
      const there = visit(child, level + 1, isKeyed ? below : null, isKeyed ? above : null);
      if (there !== entry.count) fail(`node ${entry.id} holds ${there} items, not ${entry.count}`);
      count += there;
    });
    return count;
  };
  const total = visit(root.subarray(varintEnd(root, 1)), 0, null, null);
  if (total !== tree.length) fail(`${total} items, not ${tree.length}`);
  if (nodes.size > 0) fail(`${nodes.size} nodes are not in the tree`);
  if (long.size > 0) fail(`${long.size} long items are not in the tree`);
  return facts;
}

function readRows(
  store: OrderedStore,
  generation: number,
  nodes: Map<number, Buffer>,
  long: Map<number, Buffer>,
  hasMembers: boolean,
): void {
  const cursor = store.openCursor();
  store.keyBuffer[0] = 2;
  writeU64(store.keyBuffer, 1, generation);
  for (
    let ok = cursor.seek(9);
    ok && cursor.key[0] === 2 && readU64(cursor.key, 1) === generation;
    ok = cursor.next()
  ) {
    const tag = cursor.key[9] as number;
    const id = readU48(cursor.key, 10);
    const n = cursor.readValue();
    const value = Buffer.from(store.valueBuffer.subarray(0, n));
    if (tag === TREE_TAG.node) nodes.set(id, value);
    else if (tag === TREE_TAG.longItem) {
      const before = long.get(id) ?? Buffer.alloc(0);
      if (before.length % CHUNK_BYTES !== 0) throw new Error(`long item ${id} has a short chunk`);
      long.set(id, Buffer.concat([before, value]));
    } else if (!hasMembers || tag >= 0x82) throw new Error(`generation ${generation} has a row with tag ${tag}`);
  }
  cursor.close();
}
