/** How many bytes a key takes in the store, for MEMORY USAGE and the like. */
import { isChunked, TABLE } from "../codec/format.ts";
import { EXPIRES_TAIL, KEY_TAIL } from "../codec/key-codec.ts";
import { type Entry, NO_EXPIRY, readU64 } from "../codec/record.ts";
import { CHUNK_BYTES } from "./chunks.ts";
import type { Keyspace } from "./keyspace.ts";

/** A B-tree row's own header and its slot in the page. */
const ROW_OVERHEAD = 10;
/** How full B-tree pages are on average after random inserts. */
const PAGE_FILL = 0.7;
/** Values longer than this (about half a page, less the key) get pages of their own. */
const LEAF_VALUE_MAX = 1990;
const PAGE_BYTES = 4096;
const PAGE_HEADER = 16;

/** Bytes of one row with its share of the page around it. */
export function rowBytes(keyLength: number, valueLength: number): number {
  const inLeaf = rowLeafBytes(keyLength, valueLength);
  if (isInLeaf(keyLength, valueLength)) return inLeaf;
  return inLeaf + Math.ceil((valueLength + PAGE_HEADER) / PAGE_BYTES) * PAGE_BYTES;
}

/** As `rowBytes`, without the pages of its own that a long value has. */
export function rowLeafBytes(keyLength: number, valueLength: number): number {
  const own = keyLength + ROW_OVERHEAD + (isInLeaf(keyLength, valueLength) ? valueLength : 8);
  return Math.round(own / PAGE_FILL);
}

function isInLeaf(keyLength: number, valueLength: number): boolean {
  return keyLength + ROW_OVERHEAD + valueLength <= LEAF_VALUE_MAX;
}

/**
 * Bytes of the existing key `buf[start..end)` with its name, expiry and elements; null when there is no such key. Of a
 * collection's elements the first `samples` are measured and stand for all (0: every one), as in MEMORY USAGE SAMPLES.
 */
export function keyspaceEntryBytes(
  keyspace: Keyspace,
  db: number,
  buf: Buffer,
  start: number,
  end: number,
  samples: number,
): number | null {
  const entry = keyspace.find(db, buf, start, end);
  if (entry === null) return null;
  const tailLength = keyspace.codec.tailLength(end - start);
  let bytes = rowBytes(KEY_TAIL + tailLength, entry.payloadEnd);
  if (entry.expireAtMs !== NO_EXPIRY) bytes += rowBytes(EXPIRES_TAIL + tailLength, 0);
  if (entry.keyGeneration !== 0) bytes += chunkBytes(entry.keyLength);
  if (entry.generation !== 0) bytes += generationBytes(keyspace, entry.generation, rowsOf(entry), samples);
  return bytes;
}

/** Rows that the elements of a value take, about. */
function rowsOf(entry: Entry): number {
  return isChunked(entry.type) ? Math.ceil(entry.size / CHUNK_BYTES) : entry.size;
}

function chunkBytes(length: number): number {
  return Math.ceil(length / CHUNK_BYTES) * rowBytes(KEY_TAIL, CHUNK_BYTES);
}

function generationBytes(keyspace: Keyspace, generation: number, rows: number, samples: number): number {
  const { store, codec } = keyspace;
  const cursor = store.openCursor();
  keyspace.forgetRow();
  try {
    let bytes = 0;
    let measured = 0;
    let found = cursor.seek(codec.elementRow(generation));
    while (found && cursor.key[0] === TABLE.elements && readU64(cursor.key, 1) === generation) {
      if (samples > 0 && measured >= samples) return Math.round((bytes / measured) * Math.max(measured, rows));
      bytes += rowBytes(cursor.keyLength, cursor.readValue());
      measured++;
      found = cursor.next();
    }
    return bytes;
  } finally {
    cursor.close();
  }
}
