/**
 * Optimistic locking over processes. A watch remembers the key's version stamp (stamps are never given twice, so an
 * equal stamp is an unchanged key). A key that was absent has no stamp: it counts as touched when it exists at EXEC, or
 * when a creation or a deletion was counted in its hash slot meanwhile: it may have been created and be gone again. Of a
 * key that was just being created at WATCH only the deletion is counted later; of one that FLUSHALL takes only the
 * creation. Nothing is registered anywhere: a client that goes away leaves no trace.
 */
import { COUNTER } from "../ports/counters.ts";
import type { Keyspace } from "./keyspace.ts";

/** A key as WATCH saw it. */
export interface WatchedKey {
  readonly db: number;
  readonly key: Buffer;
  /** Version stamp, 0/0 when the key was absent. */
  readonly versionHigh: number;
  readonly versionLow: number;
  readonly touches: number;
  /** SWAPDBs of the database so far. */
  readonly swaps: number;
  /** When it was watched, unix ms. */
  readonly sinceMs: number;
}

/** The part of a client that watching changes. */
export interface Watcher {
  db: number;
  watched: WatchedKey[] | null;
}

/** Starts watching a key of the client's database; again is once. `key` must be the caller's own copy. */
export function watchKey(keyspace: Keyspace, client: Watcher, counters: Float64Array, key: Buffer): void {
  const db = client.db;
  if (client.watched === null) {
    client.watched = [];
    counters[COUNTER.watching_clients] = (counters[COUNTER.watching_clients] as number) + 1;
  } else if (client.watched.some((watched) => watched.db === db && watched.key.equals(key))) return;
  // The counter first: a change in between is then noticed, at worst twice.
  const touches = keyspace.touchesOf(db, key, 0, key.length);
  const entry = keyspace.find(db, key, 0, key.length);
  client.watched.push({
    db,
    key,
    versionHigh: entry === null ? 0 : entry.versionHigh,
    versionLow: entry === null ? 0 : entry.versionLow,
    touches,
    swaps: keyspace.databases.swaps[db] as number,
    sinceMs: keyspace.nowMs,
  });
  counters[COUNTER.watched_keys] = (counters[COUNTER.watched_keys] as number) + 1;
}

export function forgetWatches(client: Watcher, counters: Float64Array): void {
  if (client.watched === null) return;
  counters[COUNTER.watched_keys] = (counters[COUNTER.watched_keys] as number) - client.watched.length;
  counters[COUNTER.watching_clients] = (counters[COUNTER.watching_clients] as number) - 1;
  client.watched = null;
}

/** Takes back `forgetWatches`; `watched` is what the client had. */
export function rememberWatches(client: Watcher, watched: WatchedKey[] | null, counters: Float64Array): void {
  if (watched === null) return;
  counters[COUNTER.watched_keys] = (counters[COUNTER.watched_keys] as number) + watched.length;
  counters[COUNTER.watching_clients] = (counters[COUNTER.watching_clients] as number) + 1;
  client.watched = watched;
}

/** Whether no watched key was touched since, as seen by the present snapshot or write txn. */
export function watchesHold(keyspace: Keyspace, client: Watcher): boolean {
  if (client.watched === null) return true;
  return client.watched.every((watched) => holds(keyspace, watched));
}

function holds(keyspace: Keyspace, watched: WatchedKey): boolean {
  const { db, key } = watched;
  const entry = keyspace.find(db, key, 0, key.length);
  const wasThere = watched.versionHigh !== 0;
  if (keyspace.databases.swaps[db] !== watched.swaps) {
    if (wasThere || entry !== null || wasSwappedAway(keyspace, watched)) return false;
  }
  if (entry === null) return !wasThere && keyspace.touchesOf(db, key, 0, key.length) === watched.touches;
  return entry.versionHigh === watched.versionHigh && entry.versionLow === watched.versionLow;
}

/** Whether a key that is absent before and after a SWAPDB was made in between: it lies in another database then. */
function wasSwappedAway(keyspace: Keyspace, { db, key, sinceMs }: WatchedKey): boolean {
  for (let other = 0; other < keyspace.databases.count; other++) {
    const entry = other === db ? null : keyspace.find(other, key, 0, key.length);
    if (entry !== null && stampMs(entry.versionHigh, entry.versionLow) >= sinceMs) return true;
  }
  return false;
}

/** The time in a version stamp: its upper 44 bits. */
function stampMs(high: number, low: number): number {
  return high * 4096 + (low >>> 20);
}
