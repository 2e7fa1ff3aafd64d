/**
 * The active expire cycle of the leader: deletes due keys in the exact order of their expiry, a bounded number per write
 * txn. Runs inside a write txn that the caller opened.
 */
import { TABLE } from "../codec/format.ts";
import { EXPIRES_TAIL, KEY_TAIL } from "../codec/key-codec.ts";
import { readRecord, readU32, readU64 } from "../codec/record.ts";
import { type Keyspace, SEEN_MEMBERS_MAX } from "./keyspace.ts";
import type { DueMember } from "./member-expirer.ts";

/**
 * Expiry of the key, or deadline of the member, that is due next, unix ms; Infinity when there is none. Two seeks, on any
 * snapshot.
 */
export function nextExpiryMs(keyspace: Keyspace): number {
  return Math.min(firstExpiry(keyspace, TABLE.expires), firstExpiry(keyspace, TABLE.memberExpires));
}

/** The earliest time in one of the tables that are ordered by time; Infinity when it is empty. */
export function firstExpiry(keyspace: Keyspace, table: number): number {
  const cursor = keyspace.store.openCursor();
  keyspace.forgetRow();
  try {
    keyspace.store.keyBuffer[0] = table;
    if (!cursor.seek(1) || cursor.key[0] !== table) return Number.POSITIVE_INFINITY;
    return readU64(cursor.key, 1);
  } finally {
    cursor.close();
  }
}

/** Deletes about `limit` due keys and members at most. Less than `limit` handled: nothing more is due. */
export function expireDueKeys(keyspace: Keyspace, limit: number): number {
  const keys = expireKeys(keyspace, limit);
  return keys + expireMembers(keyspace, limit - keys);
}

function expireKeys(keyspace: Keyspace, limit: number): number {
  const due = dueRows(keyspace, TABLE.expires, limit);
  for (const row of due) expireRow(keyspace, row);
  return due.length;
}

/** One key at a time, since its row moves on to its next deadline. */
function expireMembers(keyspace: Keyspace, limit: number): number {
  const { store, codec, memberExpirer } = keyspace;
  let count = 0;
  while (count < limit && memberExpirer !== null) {
    const row = dueRows(keyspace, TABLE.memberExpires, 1)[0];
    if (row === undefined) break;
    const deadline = readU64(row, 1);
    const keyRow = row.subarray(EXPIRES_TAIL - KEY_TAIL);
    keyRow[0] = TABLE.keys;
    const db = keyspace.databases.databaseOf(readU32(keyRow, 1));
    keyRow.copy(store.keyBuffer);
    const n = db < 0 ? -1 : store.get(keyRow.length);
    const name = n < 0 ? null : Buffer.from(keyspace.nameOf(keyRow, readRecord(store.valueBuffer, n)));
    const expired = name === null ? 0 : memberExpirer.expireMembers(db, name, limit - count);
    if (expired === 0 && (name === null || keyspace.find(db, name, 0, name.length) !== null)) {
      // The database was flushed, and the reclaimer will not find this row earlier than we do.
      keyRow.copy(store.keyBuffer);
      store.delete(codec.toExpiresRow(keyRow.length, deadline, TABLE.memberExpires));
      keyspace.forgetRow();
    }
    count += Math.max(1, expired);
  }
  return count;
}

function dueRows(keyspace: Keyspace, table: number, limit: number): Buffer[] {
  const due: Buffer[] = [];
  const cursor = keyspace.store.openCursor();
  keyspace.forgetRow();
  try {
    keyspace.store.keyBuffer[0] = table;
    let found = cursor.seek(1);
    while (found && due.length < limit && cursor.key[0] === table) {
      if (readU64(cursor.key, 1) >= keyspace.nowMs) break;
      due.push(Buffer.from(cursor.key.subarray(0, cursor.keyLength)));
      found = cursor.next();
    }
  } finally {
    cursor.close();
  }
  return due;
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

/**
 * Deletes what reads of this process found due (Keyspace.noteDue, dropDueMember), in a write txn, and forgets it: about
 * `limit` keys and members. True when there is more.
 */
export function expireSeenKeys(keyspace: Keyspace, limit: number): boolean {
  const { due, dueMembers, memberExpirer } = keyspace;
  const rows = due.splice(0, limit);
  for (const row of rows) keyspace.expireRow(row);
  let left = limit - rows.length;
  let handled = 0;
  for (; handled < dueMembers.length && left > 0; handled++) {
    const { db, key, member } = dueMembers[handled] as DueMember;
    if (member !== null) memberExpirer?.expireMember(db, key, member);
    left -= member !== null ? 1 : Math.max(1, memberExpirer?.expireMembers(db, key, SEEN_MEMBERS_MAX) ?? 0);
  }
  dueMembers.splice(0, handled);
  return due.length + dueMembers.length > 0;
}

/** Leaves what reads found due to later reads and the active cycle. */
export function forgetSeenKeys(keyspace: Keyspace): void {
  keyspace.due.length = 0;
  keyspace.dueMembers.length = 0;
}
