/**
 * Optimistic locking over processes. A watch remembers the key's version stamp (stamps are never given twice, so an
 * equal stamp is an unchanged key). A key that was absent has no stamp: it counts as touched when it exists at EXEC, or
 * when a deletion was counted in its hash slot meanwhile (it may have been created and deleted again). Nothing is
 * registered anywhere: a client that goes away leaves no trace.
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
  // The counter first: a deletion in between is then noticed, at worst twice.
  const touches = keyspace.touchesOf(db, key, 0, key.length);
  const entry = keyspace.find(db, key, 0, key.length);
  client.watched.push({
    db,
    key,
    versionHigh: entry === null ? 0 : entry.versionHigh,
    versionLow: entry === null ? 0 : entry.versionLow,
    touches,
    swaps: keyspace.databases.swaps[db] as number,
  });
  counters[COUNTER.watched_keys] = (counters[COUNTER.watched_keys] as number) + 1;
}

export function forgetWatches(client: Watcher, counters: Float64Array): void {
  if (client.watched === null) return;
  counters[COUNTER.watched_keys] = (counters[COUNTER.watched_keys] as number) - client.watched.length;
  counters[COUNTER.watching_clients] = (counters[COUNTER.watching_clients] as number) - 1;
  client.watched = null;
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
  if (keyspace.databases.swaps[db] !== watched.swaps && (wasThere || entry !== null)) return false;
  if (entry === null) return !wasThere && keyspace.touchesOf(db, key, 0, key.length) === watched.touches;
  return entry.versionHigh === watched.versionHigh && entry.versionLow === watched.versionLow;
}
