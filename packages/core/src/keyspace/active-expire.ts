/**
 * The active expire cycle of the leader: deletes due keys in the exact order of their expiry, a bounded number per write
 * txn. Runs inside a write txn that the caller opened.
 */
import { TABLE } from "../codec/format.ts";
import { EXPIRES_TAIL, KEY_TAIL, SHORT_KEY_MAX } from "../codec/key-codec.ts";
import { readRecord, readU32, readU64 } from "../codec/record.ts";
import type { Keyspace } from "./keyspace.ts";

/** Expiry of the key that is due next, unix ms; Infinity when no key expires. One seek, on any snapshot. */
export function nextExpiryMs(keyspace: Keyspace): number {
  const cursor = keyspace.store.openCursor();
  keyspace.forgetRow();
  try {
    keyspace.store.keyBuffer[0] = TABLE.expires;
    if (!cursor.seek(1) || cursor.key[0] !== TABLE.expires) return Number.POSITIVE_INFINITY;
    return readU64(cursor.key, 1);
  } finally {
    cursor.close();
  }
}

/** Deletes up to `limit` due keys; returns how many rows were handled (less than `limit`: nothing more is due). */
export function expireDueKeys(keyspace: Keyspace, limit: number): number {
  const due: Buffer[] = [];
  const cursor = keyspace.store.openCursor();
  keyspace.forgetRow();
  try {
    keyspace.store.keyBuffer[0] = TABLE.expires;
    let found = cursor.seek(1);
    while (found && due.length < limit && cursor.key[0] === TABLE.expires) {
      if (readU64(cursor.key, 1) >= keyspace.nowMs) break;
      due.push(Buffer.from(cursor.key.subarray(0, cursor.keyLength)));
      found = cursor.next();
    }
  } finally {
    cursor.close();
  }
  for (const row of due) expireRow(keyspace, row);
  return due.length;
}

function expireRow(keyspace: Keyspace, row: Buffer): void {
  const db = keyspace.databases.databaseOf(readU32(row, 9));
  if (db >= 0) {
    const key = rowUserKey(keyspace, row);
    // `find` deletes it, since it is due, together with this row.
    if (key !== null) keyspace.find(db, key, 0, key.length);
  } else {
    // The database was flushed: the record is the reclaimer's.
    row.copy(keyspace.store.keyBuffer);
    keyspace.store.delete(row.length);
  }
  keyspace.forgetRow();
}

function rowUserKey(keyspace: Keyspace, row: Buffer): Buffer | null {
  if (row.length - EXPIRES_TAIL <= SHORT_KEY_MAX) return row.subarray(EXPIRES_TAIL);
  // A long key: its record says where the whole key is. The keys row is `1 | epoch | hash | tail`.
  const target = keyspace.store.keyBuffer;
  target[0] = TABLE.keys;
  row.copy(target, 1, 9);
  const n = keyspace.store.get(row.length - EXPIRES_TAIL + KEY_TAIL);
  return n < 0 ? null : keyspace.readLongKey(readRecord(keyspace.store.valueBuffer, n));
}
