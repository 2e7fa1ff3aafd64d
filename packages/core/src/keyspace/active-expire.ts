/**
 * The active expire cycle of the leader: deletes due keys in the exact order of their expiry, a bounded number per write
 * txn. Runs inside a write txn that the caller opened.
 */
import { TABLE } from "../codec/format.ts";
import { EXPIRES_TAIL, KEY_TAIL } from "../codec/key-codec.ts";
import { readU64 } from "../codec/record.ts";
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
  // The keys row is `1 | epoch | hash | tail`, this one `3 | expiry | epoch | hash | tail`: the tag goes over the expiry.
  const expireAtMs = readU64(row, 1);
  const keyRow = row.subarray(EXPIRES_TAIL - KEY_TAIL);
  keyRow[0] = TABLE.keys;
  if (keyspace.expireRow(keyRow)) return;
  // The database was flushed: the record is the reclaimer's, or gone already.
  const { store, codec } = keyspace;
  keyRow.copy(store.keyBuffer);
  store.delete(codec.toExpiresRow(keyRow.length, expireAtMs));
}

/** Deletes the due keys that reads of this process met (Keyspace.noteDue), in a write txn. */
export function expireSeenKeys(keyspace: Keyspace): void {
  for (const row of keyspace.due) keyspace.expireRow(row);
  keyspace.due.length = 0;
}
