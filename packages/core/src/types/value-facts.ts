/** How values are held: names and sizes for DEBUG and MEMORY. */
import { ENCODING_ID, encodingName, isChunked, TABLE, TYPE_ID } from "../codec/format.ts";
import { SHORT_KEY_MAX } from "../codec/key-codec.ts";
import { type Entry, NO_EXPIRY, readU64 } from "../codec/record.ts";
import { CHUNK_BYTES } from "../keyspace/chunks.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { CountedTree } from "./counted-tree.ts";
import { streamRowsMemory } from "./stream-memory.ts";
import { STRING } from "./string.ts";
import { treeOf, treeRowsMemory } from "./tree-memory.ts";

/** Bytes that the store's tree adds to each row (LMDB's node header, page slot and rounding). */
const ROW_OVERHEAD = 10;
/** `table | epoch | hash` in front of the key, and the same with the expiry. */
const KEY_ROW_PREFIX = 11;
const EXPIRES_ROW_PREFIX = 19;
/** A longer key is a prefix and a digest in a row's key. */
const LONGEST_TAIL = SHORT_KEY_MAX + 1;

/** The name of a value's encoding as OBJECT ENCODING shows it. */
export function valueEncoding(entry: Entry): string {
  return encodingName(entry.encoding);
}

export function isString(entry: Entry): boolean {
  return entry.type === STRING;
}

export function isIntEncoded(entry: Entry): boolean {
  return entry.encoding === ENCODING_ID.int;
}

/**
 * Bytes that a key takes in the store: its row, its expiry's row, and the rows of its elements, estimated from the first
 * `samples` of them. The entry is what `find` just returned. O(samples).
 */
export function keyMemory(keyspace: Keyspace, entry: Entry, keyLength: number, samples: number): number {
  const tail = Math.min(keyLength, LONGEST_TAIL);
  let bytes = KEY_ROW_PREFIX + tail + entry.payloadEnd + ROW_OVERHEAD;
  if (entry.expireAtMs !== NO_EXPIRY) bytes += EXPIRES_ROW_PREFIX + tail + ROW_OVERHEAD;
  if (entry.keyGeneration !== 0) bytes += keyLength;
  if (entry.generation !== 0) bytes += elementsMemory(keyspace, entry, samples);
  return bytes;
}

function elementsMemory(keyspace: Keyspace, entry: Entry, samples: number): number {
  // Opened now, while the entry's payload is there.
  const tree = treeOf(keyspace, entry);
  const bytes = rowsMemory(keyspace, entry, samples, tree);
  tree?.release();
  return bytes;
}

function rowsMemory(keyspace: Keyspace, entry: Entry, samples: number, tree: CountedTree | null): number {
  let rows = 0;
  let bytes = 0;
  let more = false;
  const cursor = keyspace.store.openCursor();
  keyspace.forgetRow();
  try {
    let found = cursor.seek(keyspace.codec.elementRow(entry.generation));
    while (found && cursor.key[0] === TABLE.elements && readU64(cursor.key, 1) === entry.generation) {
      more = rows === samples;
      if (more) break;
      rows++;
      bytes += cursor.keyLength + cursor.readValue() + ROW_OVERHEAD;
      found = cursor.next();
    }
  } finally {
    cursor.close();
  }
  if (!more) return bytes;
  if (entry.type === TYPE_ID.stream) return streamRowsMemory(keyspace, entry, samples, ROW_OVERHEAD);
  if (tree !== null) {
    // A list has only the tree; the first rows of a sorted set are those of its members.
    const members = entry.type === TYPE_ID.zset ? (bytes / rows) * entry.size : 0;
    return Math.round(members) + treeRowsMemory(tree, samples, ROW_OVERHEAD);
  }
  const expected = isChunked(entry.type) ? Math.ceil(entry.size / CHUNK_BYTES) : entry.size;
  return Math.round((bytes / rows) * Math.max(rows, expected));
}

/** Rows of each table of the store, by walking over all of it. O(rows). */
export function countRows(keyspace: Keyspace): ReadonlyMap<string, number> {
  const names = Object.entries(TABLE);
  const counts = new Map<string, number>();
  const cursor = keyspace.store.openCursor();
  keyspace.forgetRow();
  try {
    for (const [name, table] of names) {
      let count = 0;
      keyspace.store.keyBuffer[0] = table;
      for (let found = cursor.seek(1); found && cursor.key[0] === table; found = cursor.next()) count++;
      counts.set(name, count);
    }
  } finally {
    cursor.close();
  }
  return counts;
}
