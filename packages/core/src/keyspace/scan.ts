/**
 * Walks over the keys of a database in hash order. The only place, with reclaim.ts and active-expire.ts, that ranges
 * over the keys table.
 */
import type { GlobPattern } from "../base/glob.ts";
import { randomBelow } from "../base/random.ts";
import { HASH_SPACE, KEY_TAIL, rowHash } from "../codec/key-codec.ts";
import type { Entry } from "../codec/record.ts";
import { NO_EXPIRY, readRecord, readU32 } from "../codec/record.ts";
import type { Keyspace } from "./keyspace.ts";

/**
 * Called for each key that is not due, with its borrowed bytes and record (whose payload is borrowed too). False ends
 * the walk.
 */
export type KeyVisitor = (key: Buffer, start: number, end: number, entry: Entry) => boolean;

/**
 * Visits keys from hash `from` on and stops after about `limit` keys, never between two keys of the same hash. Returns
 * the hash to go on from, or 0 when all was visited: a cursor that any process understands and that misses no key
 * which exists during the whole scan. All keys count towards `limit`; those are visited that match the pattern (null:
 * all) and are not due. Due ones that match are noted for deletion.
 */
export function scanKeys(
  keyspace: Keyspace,
  db: number,
  from: number,
  limit: number,
  visit: KeyVisitor,
  pattern: GlobPattern | null = null,
): number {
  return walk(keyspace, db, from, limit, visit, pattern, true);
}

function walk(
  keyspace: Keyspace,
  db: number,
  from: number,
  limit: number,
  visit: KeyVisitor,
  pattern: GlobPattern | null,
  noteDue: boolean,
): number {
  if (from >= HASH_SPACE) return 0;
  const epoch = keyspace.epochOf(db);
  const store = keyspace.store;
  const cursor = store.openCursor();
  keyspace.forgetRow();
  try {
    let found = cursor.seek(keyspace.codec.scanStart(epoch, from));
    let seen = 0;
    let lastHash = -1;
    while (found) {
      const row = cursor.key;
      if (row[0] !== 1 || readU32(row, 1) !== epoch) return 0;
      const hash = rowHash(row);
      if (seen >= limit && hash !== lastHash) return hash;
      seen++;
      lastHash = hash;
      if (!visitRow(keyspace, row, cursor.keyLength, cursor.readValue(), visit, pattern, noteDue)) {
        return hash + 1 < HASH_SPACE ? hash + 1 : 0;
      }
      found = cursor.next();
    }
    return 0;
  } finally {
    cursor.close();
    keyspace.forgetRow();
  }
}

function visitRow(
  keyspace: Keyspace,
  row: Buffer,
  rowLength: number,
  n: number,
  visit: KeyVisitor,
  pattern: GlobPattern | null,
  noteDue: boolean,
): boolean {
  // The visitor may look keys up, and `row` is the same buffer for every key: nothing of it may be remembered.
  keyspace.forgetRow();
  const entry = readRecord(keyspace.store.valueBuffer, n);
  let key = row;
  let start = KEY_TAIL;
  let end = rowLength;
  if (entry.keyGeneration !== 0) {
    // The payload is borrowed: a visitor that wants it of a long key must look the key up.
    key = keyspace.readLongKey(entry);
    start = 0;
    end = key.length;
  }
  if (pattern !== null && !pattern.matches(key, start, end)) return true;
  if (entry.expireAtMs === NO_EXPIRY || entry.expireAtMs >= keyspace.nowMs) return visit(key, start, end, entry);
  if (noteDue) keyspace.noteDue(row, rowLength);
  return true;
}

/** Visits every key of a database. */
export function walkKeys(keyspace: Keyspace, db: number, visit: KeyVisitor): void {
  walk(keyspace, db, 0, Number.POSITIVE_INFINITY, visit, null, false);
}

/** How many keys from a random place on RANDOMKEY chooses among: evens out the gaps between hashes. */
const RANDOM_WINDOW = 32;

/** A random key that is not due, as a copy; null when there is none. O(1) unless many keys in a row are due. */
export function randomKey(keyspace: Keyspace, db: number): Buffer | null {
  if (keyspace.size(db) === 0) return null;
  let chosen: Buffer | null = null;
  let first: Buffer | null = null;
  let seen = 0;
  const choose: KeyVisitor = (key, start, end) => {
    // Behind the end the walk starts anew, and has seen all when it is back at its first key.
    if (first !== null && first.compare(key, start, end) === 0) return false;
    first ??= Buffer.from(key.subarray(start, end));
    seen++;
    // Each of n keys stays the chosen one with the same chance, 1 / n.
    if (randomBelow(seen) === 0) chosen = Buffer.from(key.subarray(start, end));
    return true;
  };
  scanKeys(keyspace, db, randomBelow(HASH_SPACE), RANDOM_WINDOW, choose);
  if (seen < RANDOM_WINDOW) scanKeys(keyspace, db, 0, RANDOM_WINDOW - seen, choose);
  if (chosen !== null) return chosen;
  // Nothing but due keys on the way: look at all.
  walkKeys(keyspace, db, (key, start, end) => {
    chosen = Buffer.from(key.subarray(start, end));
    return false;
  });
  return chosen;
}
