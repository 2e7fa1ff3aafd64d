/**
 * Rows of a stream in the elements table, all under the generation of its key:
 *
 *   `0xa0 | first ID 16 B`                           a node (stream-node.ts); the last node is in the key's record
 *   `0xa1 | ID 16 B | chunk u32`                     CHUNK_BYTES of an entry's body that is too long for a node
 *   `0xa2`                                           next group number u32 | groups u32
 *   `0xa3 | group name`                              a consumer group (stream-groups.ts)
 *   `0xa4 | group u32 | consumer name`               a consumer
 *   `0xa5 | group u32 | consumer u32 | chunk u32`    name of a consumer; of a group (consumer 0) when it is long
 *   `0xa6 | group u32 | ID 16 B`                     a pending entry of the group
 *   `0xa7 | group u32 | consumer u32 | ID 16 B`      empty: it is pending for that consumer
 *
 * A name longer than SHORT_KEY_MAX stands as a prefix and a digest in the row's key.
 */
import { createHash } from "node:crypto";
import { TABLE } from "../codec/format.ts";
import { ELEMENT_SUBKEY, LONG_TAIL, SHORT_KEY_MAX } from "../codec/key-codec.ts";
import { readU64, writeU32 } from "../codec/record.ts";
import { CHUNK_BYTES } from "../keyspace/chunks.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { Cursor } from "../store/ordered-store.ts";
import type { StreamId } from "./stream-id.ts";

/** First byte of a subkey. Stored: append only. */
export const STREAM_TAG = {
  node: 0xa0,
  blob: 0xa1,
  groups: 0xa2,
  group: 0xa3,
  consumer: 0xa4,
  name: 0xa5,
  pending: 0xa6,
  consumerPending: 0xa7,
} as const;
/** Where the ID of a node's row starts. */
export const NODE_ID_AT = ELEMENT_SUBKEY + 1;
/** Where names start in the rows of groups and of consumers. */
export const GROUP_NAME_AT = ELEMENT_SUBKEY + 1;
export const CONSUMER_NAME_AT = ELEMENT_SUBKEY + 5;
/** Where IDs start in the rows of pending entries, of the group and of a consumer. */
export const PENDING_ID_AT = ELEMENT_SUBKEY + 5;
export const CONSUMER_PENDING_ID_AT = ELEMENT_SUBKEY + 9;
const LONG_PREFIX = LONG_TAIL - 32;

export class StreamRows {
  readonly keyspace: Keyspace;
  readonly generation: number;

  constructor(keyspace: Keyspace, generation: number) {
    this.keyspace = keyspace;
    this.generation = generation;
  }

  /** Starts a row's key with a tag; returns the position behind it. */
  private tag(tag: number): number {
    const at = this.keyspace.codec.elementRow(this.generation);
    this.keyspace.store.keyBuffer[at] = tag;
    return at + 1;
  }

  /** `tag | group [| consumer]`: the start of all such rows. */
  prefix(tag: number, group: number, consumer = -1): number {
    const at = this.tag(tag);
    const key = this.keyspace.store.keyBuffer;
    writeU32(key, at, group);
    if (consumer < 0) return at + 4;
    writeU32(key, at + 4, consumer);
    return at + 8;
  }

  node(id: StreamId): number {
    return id.write(this.keyspace.store.keyBuffer, this.tag(STREAM_TAG.node));
  }

  groups(): number {
    return this.tag(STREAM_TAG.groups);
  }

  /** The row of a group; without a name, where the rows of groups start. */
  group(name: Buffer | null): number {
    const at = this.tag(STREAM_TAG.group);
    return name === null ? at : this.name(at, name);
  }

  consumer(group: number, name: Buffer): number {
    return this.name(this.prefix(STREAM_TAG.consumer, group), name);
  }

  private name(at: number, name: Buffer): number {
    const key = this.keyspace.store.keyBuffer;
    if (name.length <= SHORT_KEY_MAX) return at + name.copy(key, at);
    name.copy(key, at, 0, LONG_PREFIX);
    createHash("sha256")
      .update(name)
      .digest()
      .copy(key, at + LONG_PREFIX);
    return at + LONG_TAIL;
  }

  pending(group: number, id: StreamId): number {
    return id.write(this.keyspace.store.keyBuffer, this.prefix(STREAM_TAG.pending, group));
  }

  consumerPending(group: number, consumer: number, id: StreamId): number {
    return id.write(this.keyspace.store.keyBuffer, this.prefix(STREAM_TAG.consumerPending, group, consumer));
  }

  /** Whether a cursor stands on a row of this stream with a tag. */
  isOn(cursor: Cursor, tag: number): boolean {
    const { key } = cursor;
    return key[0] === TABLE.elements && key[ELEMENT_SUBKEY] === tag && readU64(key, 1) === this.generation;
  }

  // ------------------------------------------------------------------------------------------ bodies and names

  private chunk(at: number, index: number): number {
    writeU32(this.keyspace.store.keyBuffer, at, index);
    return at + 4;
  }

  private blobRow(id: StreamId, index: number): number {
    return this.chunk(id.write(this.keyspace.store.keyBuffer, this.tag(STREAM_TAG.blob)), index);
  }

  private nameRow(group: number, consumer: number, index: number): number {
    return this.chunk(this.prefix(STREAM_TAG.name, group, consumer), index);
  }

  writeBlob(id: StreamId, bytes: Buffer): void {
    const { store } = this.keyspace;
    for (let at = 0, i = 0; at < bytes.length; at += CHUNK_BYTES, i++) {
      store.putFrom(this.blobRow(id, i), bytes, at, Math.min(at + CHUNK_BYTES, bytes.length));
    }
  }

  readBlob(id: StreamId, length: number): Buffer {
    const { store } = this.keyspace;
    const bytes = Buffer.allocUnsafe(length);
    for (let at = 0, i = 0; at < length; at += CHUNK_BYTES, i++) {
      const n = store.get(this.blobRow(id, i));
      if (n !== Math.min(CHUNK_BYTES, length - at)) throw new Error(`a part of stream entry ${id.text()} is missing`);
      store.valueBuffer.copy(bytes, at, 0, n);
    }
    return bytes;
  }

  deleteBlob(id: StreamId): void {
    const { store } = this.keyspace;
    for (let i = 0; store.delete(this.blobRow(id, i)); i++);
  }

  writeName(group: number, consumer: number, name: Buffer): void {
    const { store } = this.keyspace;
    for (let at = 0, i = 0; at < name.length || i === 0; at += CHUNK_BYTES, i++) {
      store.putFrom(this.nameRow(group, consumer, i), name, at, Math.min(at + CHUNK_BYTES, name.length));
    }
  }

  readName(group: number, consumer: number): Buffer {
    const { store } = this.keyspace;
    const pieces: Buffer[] = [];
    for (let i = 0; ; i++) {
      const n = store.get(this.nameRow(group, consumer, i));
      if (n >= 0) pieces.push(ownCopy(store.valueBuffer, n));
      if (n < CHUNK_BYTES) return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
    }
  }

  deleteName(group: number, consumer: number): void {
    const { store } = this.keyspace;
    for (let i = 0; store.delete(this.nameRow(group, consumer, i)); i++);
  }

  /** The name in the key of the row under a cursor, from `at` on; null when it is too long to be there. */
  nameInKey(cursor: Cursor, at: number): Buffer | null {
    if (cursor.keyLength - at > SHORT_KEY_MAX) return null;
    return Buffer.from(cursor.key.subarray(at, cursor.keyLength));
  }

  /** Deletes all rows that start with the prefix `keyBuffer[0..length)`. O(rows). */
  deletePrefix(length: number): void {
    const { store } = this.keyspace;
    const prefix = Buffer.from(store.keyBuffer.subarray(0, length));
    const cursor = store.openCursor();
    try {
      let found = cursor.seek(length);
      while (found && cursor.keyLength >= length && startsWith(cursor.key, prefix)) {
        cursor.deleteCurrent();
        found = cursor.next();
      }
    } finally {
      cursor.close();
    }
  }
}

function startsWith(key: Uint8Array, prefix: Uint8Array): boolean {
  for (let i = 0; i < prefix.length; i++) if (key[i] !== prefix[i]) return false;
  return true;
}

/** Own copy of the first `n` bytes of a store's buffer. */
export function ownCopy(value: Buffer, n: number): Buffer {
  const copy = Buffer.allocUnsafe(n);
  value.copy(copy, 0, 0, n);
  return copy;
}
