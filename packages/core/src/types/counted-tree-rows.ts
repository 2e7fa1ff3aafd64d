/**
 * Rows of a counted tree in the elements table, all under the generation of its key:
 *
 *   `0x90 | node id u48`                  a node (counted-tree-node.ts)
 *   `0x91 | long id u48 | chunk u32`      CHUNK_BYTES of an item that is too long for a node
 *
 * Members of a sorted set (keyed-elements.ts) stand before them under the same generation.
 */
import { ELEMENT_SUBKEY, type KeyCodec } from "../codec/key-codec.ts";
import { writeU32 } from "../codec/record.ts";
import { CHUNK_BYTES } from "../keyspace/chunks.ts";
import type { OrderedStore } from "../store/ordered-store.ts";
import { writeU48 } from "./counted-tree-node.ts";

/** First byte of a subkey. Stored: append only. */
export const TREE_TAG = { node: 0x90, longItem: 0x91 } as const;

export class TreeRows {
  readonly store: OrderedStore;
  private readonly codec: KeyCodec;

  constructor(store: OrderedStore, codec: KeyCodec) {
    this.store = store;
    this.codec = codec;
  }

  /** Builds the key of a node's row; returns its length. */
  nodeRow(generation: number, id: number): number {
    const at = this.codec.elementRow(generation);
    const key = this.store.keyBuffer;
    key[at] = TREE_TAG.node;
    writeU48(key, at + 1, id);
    return ELEMENT_SUBKEY + 7;
  }

  private longRow(generation: number, id: number, chunk: number): number {
    const at = this.codec.elementRow(generation);
    const key = this.store.keyBuffer;
    key[at] = TREE_TAG.longItem;
    writeU48(key, at + 1, id);
    writeU32(key, at + 7, chunk);
    return ELEMENT_SUBKEY + 11;
  }

  writeLong(generation: number, id: number, bytes: Uint8Array, start: number, end: number): void {
    for (let at = start, chunk = 0; at < end; at += CHUNK_BYTES, chunk++) {
      this.store.putFrom(this.longRow(generation, id, chunk), bytes, at, Math.min(at + CHUNK_BYTES, end));
    }
  }

  /** All bytes of a long item, in a buffer of its own. */
  readLong(generation: number, id: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    for (let at = 0, chunk = 0; at < length; at += CHUNK_BYTES, chunk++) {
      const n = this.store.get(this.longRow(generation, id, chunk));
      if (n !== Math.min(CHUNK_BYTES, length - at)) throw new Error(`a chunk of item ${id} is missing`);
      this.store.valueBuffer.copy(bytes, at, 0, n);
    }
    return bytes;
  }

  deleteLong(generation: number, id: number, length: number): void {
    for (let at = 0, chunk = 0; at < length; at += CHUNK_BYTES, chunk++) {
      this.store.delete(this.longRow(generation, id, chunk));
    }
  }
}
