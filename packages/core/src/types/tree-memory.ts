/** What the rows of large lists and sorted sets take in the store, for MEMORY USAGE. */
import { TYPE_ID } from "../codec/format.ts";
import type { Entry } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { CountedTree } from "./counted-tree.ts";
import { List } from "./list.ts";
import { Zset } from "./zset.ts";

/** Bytes of the key of a node's row. */
const NODE_KEY_BYTES = 16;

/** The tree of a list or sorted set whose entry `find` just returned; null for other types. Release it. */
export function treeOf(keyspace: Keyspace, entry: Entry): CountedTree | null {
  if (entry.type === TYPE_ID.list) return new List(keyspace, entry).tree;
  if (entry.type === TYPE_ID.zset) return new Zset(keyspace, entry).tree;
  return null;
}

/** Bytes of a tree's rows, from `samples` of its leaves. Inner nodes, about one in a hundred, are left out. */
export function treeRowsMemory(tree: CountedTree, samples: number, rowOverhead: number): number {
  const { length } = tree;
  const draws = Math.min(samples, length);
  let items = 0;
  let bytes = 0;
  for (let draw = 0; draw < draws; draw++) {
    tree.seek(Math.floor(((draw + 0.5) * length) / draws));
    const leaf = tree.measureLeaf();
    items += leaf.items;
    bytes += leaf.bytes + NODE_KEY_BYTES + rowOverhead;
  }
  return items === 0 ? 0 : Math.round((bytes / items) * length);
}
