/**
 * The jobs of KEYDB.CRON in the order of their next runs: the rows of the cron table. A job is an ordinary key whose
 * record holds its next run where other types hold the earliest deadline of a member, so whatever moves or deletes the
 * key does the same to its row.
 */
import { TABLE } from "../codec/format.ts";
import { EXPIRES_TAIL, KEY_TAIL } from "../codec/key-codec.ts";
import { type Entry, NO_EXPIRY, readRecord, readU32, readU64 } from "../codec/record.ts";
import { firstExpiry } from "./active-expire.ts";
import type { Keyspace } from "./keyspace.ts";

/** A job's key. */
export interface JobKey {
  readonly db: number;
  readonly name: Buffer;
  /** Its next run, unix ms. */
  readonly nextMs: number;
}

/** When the next job is to run, unix ms; Infinity when there is none. One seek, on any snapshot. */
export function nextJobMs(keyspace: Keyspace): number {
  return firstExpiry(keyspace, TABLE.cron);
}

/** All jobs by their next runs, those of flushed databases and those that have expired left out. O(jobs). */
export function listJobs(keyspace: Keyspace): JobKey[] {
  return jobRows(keyspace, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY).flatMap(
    (row) => jobOfRow(keyspace, row) ?? [],
  );
}

/**
 * The job that is due first, or null. In a write txn: rows of flushed databases, which the reclaimer has not reached yet,
 * are removed on the way.
 */
export function dueJob(keyspace: Keyspace): JobKey | null {
  for (;;) {
    const [row] = jobRows(keyspace, keyspace.nowMs, 1);
    if (row === undefined) return null;
    const job = jobOfRow(keyspace, row);
    if (job !== null) return job;
    row.copy(keyspace.store.keyBuffer);
    keyspace.store.delete(row.length);
    keyspace.forgetRow();
  }
}

function jobRows(keyspace: Keyspace, untilMs: number, limit: number): Buffer[] {
  const rows: Buffer[] = [];
  const cursor = keyspace.store.openCursor();
  keyspace.forgetRow();
  try {
    keyspace.store.keyBuffer[0] = TABLE.cron;
    let found = cursor.seek(1);
    while (found && rows.length < limit && cursor.key[0] === TABLE.cron && readU64(cursor.key, 1) <= untilMs) {
      rows.push(Buffer.from(cursor.key.subarray(0, cursor.keyLength)));
      found = cursor.next();
    }
  } finally {
    cursor.close();
  }
  return rows;
}

function jobOfRow(keyspace: Keyspace, row: Buffer): JobKey | null {
  const { store } = keyspace;
  const keyRow = Buffer.from(row.subarray(EXPIRES_TAIL - KEY_TAIL));
  keyRow[0] = TABLE.keys;
  const db = keyspace.databases.databaseOf(readU32(keyRow, 1));
  keyRow.copy(store.keyBuffer);
  const n = db < 0 ? -1 : store.get(keyRow.length);
  if (n < 0) return null;
  const entry = readRecord(store.valueBuffer, n);
  if (isExpired(entry, keyspace.nowMs)) return null;
  return { db, name: Buffer.from(keyspace.nameOf(keyRow, entry)), nextMs: readU64(row, 1) };
}

function isExpired(entry: Entry, nowMs: number): boolean {
  return entry.expireAtMs !== NO_EXPIRY && entry.expireAtMs < nowMs;
}
