/**
 * The reclaimer of the leader: removes, a bounded number of rows per write txn, the elements of deleted collections and
 * the keys of flushed databases. Runs inside a write txn that the caller opened. A crash loses nothing: the trash row
 * goes last.
 */
import { deadlineTable, TABLE, TRASH_KIND } from "../codec/format.ts";
import { NO_EXPIRY, readRecord, readU32, readU64 } from "../codec/record.ts";
import type { Keyspace } from "./keyspace.ts";

/** Whether there is trash. One seek, on any snapshot. */
export function hasTrash(keyspace: Keyspace): boolean {
  return firstTrash(keyspace) !== null;
}

/** Trash rows waiting, for INFO's lazyfree_pending_objects; counts up to `limit`. */
export function countTrash(keyspace: Keyspace, limit: number): number {
  const cursor = keyspace.store.openCursor();
  keyspace.forgetRow();
  try {
    keyspace.store.keyBuffer[0] = TABLE.trash;
    let count = 0;
    for (let found = cursor.seek(1); found && cursor.key[0] === TABLE.trash && count < limit; found = cursor.next()) {
      count++;
    }
    return count;
  } finally {
    cursor.close();
  }
}

function firstTrash(keyspace: Keyspace): { kind: number; id: number } | null {
  const cursor = keyspace.store.openCursor();
  keyspace.forgetRow();
  try {
    keyspace.store.keyBuffer[0] = TABLE.trash;
    if (!cursor.seek(1) || cursor.key[0] !== TABLE.trash) return null;
    return { kind: cursor.key[1] as number, id: readU64(cursor.key, 2) };
  } finally {
    cursor.close();
  }
}

/** What one step removed of a piece of trash. */
interface Removed {
  readonly rows: number;
  /** Whole values that are gone with it. */
  readonly objects: number;
  readonly isEmpty: boolean;
}

/**
 * Removes up to about `limit` rows. Returns the number of whole objects that were freed by it (INFO's lazyfreed_objects):
 * collections whose elements lay here, and the small values of flushed databases.
 */
export function reclaim(keyspace: Keyspace, limit: number): number {
  let left = limit;
  let objects = 0;
  while (left > 0) {
    const trash = firstTrash(keyspace);
    if (trash === null) break;
    const removed =
      trash.kind === TRASH_KIND.epoch ? removeKeys(keyspace, trash.id, left) : removeElements(keyspace, trash.id, left);
    if (removed.isEmpty) {
      keyspace.store.delete(keyspace.codec.trashRow(trash.kind, trash.id));
      if (trash.kind === TRASH_KIND.epoch) keyspace.databases.dropCounts(trash.id);
    }
    objects += removed.objects;
    left -= Math.max(1, removed.rows);
  }
  keyspace.forgetRow();
  return objects;
}

/** One row (a small stream that once had a group) is no work: as in Redis, what is freed at once is not counted. */
function removeElements(keyspace: Keyspace, generation: number, limit: number): Removed {
  const cursor = keyspace.store.openCursor();
  try {
    const isOurs = (): boolean => cursor.key[0] === TABLE.elements && readU64(cursor.key, 1) === generation;
    let rows = 0;
    let isLeft = cursor.seek(keyspace.codec.elementRow(generation)) && isOurs();
    while (isLeft && rows < limit) {
      cursor.deleteCurrent();
      rows++;
      isLeft = cursor.next() && isOurs();
    }
    return { rows, objects: rows > 1 && !isLeft ? 1 : 0, isEmpty: !isLeft };
  } finally {
    cursor.close();
  }
}

function removeKeys(keyspace: Keyspace, epoch: number, limit: number): Removed {
  const store = keyspace.store;
  const rows: Buffer[] = [];
  const cursor = store.openCursor();
  try {
    let found = cursor.seek(keyspace.codec.scanStart(epoch, 0));
    while (found && rows.length < limit && cursor.key[0] === TABLE.keys && readU32(cursor.key, 1) === epoch) {
      rows.push(Buffer.from(cursor.key.subarray(0, cursor.keyLength)));
      found = cursor.next();
    }
  } finally {
    cursor.close();
  }
  let objects = 0;
  for (const row of rows) objects += removeKeyRow(keyspace, row);
  return { rows: rows.length, objects, isEmpty: rows.length < limit };
}

/** Returns the objects freed: 1, or 0 when the value has elements, which count when they are freed. */
function removeKeyRow(keyspace: Keyspace, row: Buffer): number {
  const store = keyspace.store;
  row.copy(store.keyBuffer);
  const n = store.get(row.length);
  if (n < 0) return 0;
  const entry = readRecord(store.valueBuffer, n);
  store.delete(row.length);
  if (entry.generation !== 0) keyspace.discard(entry.generation);
  if (entry.keyGeneration !== 0) keyspace.discard(entry.keyGeneration);
  if (entry.expireAtMs !== NO_EXPIRY) removeExpiresRow(keyspace, row, TABLE.expires, entry.expireAtMs);
  if (entry.memberExpireAtMs !== NO_EXPIRY) {
    removeExpiresRow(keyspace, row, deadlineTable(entry.type), entry.memberExpireAtMs);
  }
  return entry.generation === 0 ? 1 : 0;
}

function removeExpiresRow(keyspace: Keyspace, row: Buffer, table: number, expireAtMs: number): void {
  const { store, codec } = keyspace;
  row.copy(store.keyBuffer);
  store.delete(codec.toExpiresRow(row.length, expireAtMs, table));
}
