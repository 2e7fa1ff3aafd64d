/**
 * How many nodes Redis' radix tree would have for a stream's nodes: XINFO STREAM shows it. Reckoned from the first IDs of
 * at most SAMPLE nodes, in proportion beyond that.
 */

import type { Stream } from "./stream.ts";
import { ID_BYTES, StreamId } from "./stream-id.ts";
import { NODE_ID_AT, STREAM_TAG } from "./stream-rows.ts";

const SAMPLE = 1000;

export function radixTreeNodes(stream: Stream): number {
  const keys = firstIds(stream);
  const nodes = treeNodes(keys);
  return keys.length === stream.nodes ? nodes : Math.round((nodes / keys.length) * stream.nodes);
}

function firstIds(stream: Stream): Buffer[] {
  const { rows, tail, sealedNodes } = stream;
  const { store } = rows.keyspace;
  const keys: Buffer[] = [];
  if (sealedNodes > 0) {
    const cursor = store.openCursor();
    try {
      let found = cursor.seek(rows.node(StreamId.min()));
      while (found && keys.length < SAMPLE && rows.isOn(cursor, STREAM_TAG.node)) {
        keys.push(Buffer.from(cursor.key.subarray(NODE_ID_AT, NODE_ID_AT + ID_BYTES)));
        found = cursor.next();
      }
    } finally {
      cursor.close();
    }
  }
  if (tail !== null && keys.length === sealedNodes) {
    const key = Buffer.alloc(ID_BYTES);
    tail.firstId.write(key, 0);
    keys.push(key);
  }
  return keys;
}

/** Nodes of a radix tree that holds sorted keys of ID_BYTES: leaves, branches, and one for each run of single bytes. */
function treeNodes(keys: readonly Buffer[]): number {
  if (keys.length === 0) return 1;
  let nodes = keys.length;
  /** Depths of the branches on the way to the present key. */
  const branches: number[] = [];
  let below = ID_BYTES;
  const addRun = (from: number, to: number): void => {
    if (to > from + 1) nodes++;
  };
  const closeAbove = (depth: number): void => {
    below = ID_BYTES;
    for (let top = branches.at(-1); top !== undefined && top > depth; top = branches.at(-1)) {
      addRun(top, below);
      below = top;
      branches.pop();
    }
  };
  for (let i = 1; i < keys.length; i++) {
    const depth = commonPrefix(keys[i - 1] as Buffer, keys[i] as Buffer);
    closeAbove(depth);
    if (branches.at(-1) !== depth) {
      branches.push(depth);
      nodes++;
    }
    addRun(depth, below);
  }
  closeAbove(-1);
  return below > 0 ? nodes + 1 : nodes;
}

function commonPrefix(a: Buffer, b: Buffer): number {
  let i = 0;
  while (i < ID_BYTES && a[i] === b[i]) i++;
  return i;
}
