/** What a store is opened with, and opening its environment. */
import { type DatabaseOptions, type NativeDatabase, openDatabase } from "./lmdb-native.ts";

/** The lock word as the store uses it; implemented by WriteLock. */
export interface StoreLock {
  /** False when the lock was not got within the time. */
  acquire(timeoutMs: number): boolean;
  release(): void;
  /** Processes waiting for the lock. */
  readonly waiters: number;
  /** Who holds the lock; null when nobody does. */
  owner(): { readonly pid: number; readonly sinceMs: number; readonly tag: number } | null;
  /** What it is held for; only while holding it. */
  tag: number;
  /** Stamps of the records, shared by all who take this lock (record-cache.ts). */
  readonly stamps: Float64Array;
}

export interface LmdbStoreOptions {
  /** The data file; LMDB's lock file stands beside it. */
  readonly file: string;
  /**
   * Null: writers wait on LMDB's own mutex, without a limit, and nobody else may write while the store is opened. For
   * the supervisor, before it has workers, and for tools and tests with one process.
   */
  readonly lock: StoreLock | null;
  readonly maxReaders?: number;
  readonly mapSizeBytes?: number;
  readonly pageSizeBytes?: number;
}

/** Address space set aside for the file: fixed and far above any size, so that nobody ever has to map it again. */
export const MAP_BYTES = 2 ** 40;

/**
 * Opens the environment while nobody can commit. LMDB's mdb_env_open2 reads the newest txn id from the data file, maps
 * the file, and then writes that id into the lock file's shared header without its mutex: a txn committed in between
 * would be taken for not done, and the next one would begin from the state before it.
 */
export function openAlone(lock: StoreLock | null, options: DatabaseOptions): NativeDatabase {
  lock?.acquire(Number.POSITIVE_INFINITY);
  try {
    return openDatabase(options);
  } finally {
    lock?.release();
  }
}
