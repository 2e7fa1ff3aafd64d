/**
 * The store port: an ordered map of byte keys to byte values shared by every process, with one global write
 * transaction at a time and lock-free read snapshots. `packages/shared-mem` implements it on LMDB; tests also run it on
 * an in-memory map. Everything is synchronous: a command never awaits between its reads and its writes.
 *
 * Keys and values cross the port in scratch buffers, so that a point read or write allocates nothing: the caller
 * builds the key in `keyBuffer[0..keyLength)` and passes only the length; `get` leaves the value in
 * `valueBuffer[0..n)`, borrowed until the next call on the store; `put` takes the value from `putBuffer`.
 *
 * Point operations (get, put, delete of one exact key) are kept apart from range operations (cursors), so that a
 * faster tier for point records can be put below this port.
 */
export interface OrderedStore {
  /** Where the caller builds keys; at least MAX_KEY_BYTES long. Kept intact by get/put/delete. */
  readonly keyBuffer: Buffer;
  /** Where `get` leaves the value. Only index access, `copy`, `latin1Slice`, `utf8Slice` and `subarray(a, b)` are safe. */
  readonly valueBuffer: Buffer;
  /** Scratch for building the value of `put`; at least MAX_VALUE_BYTES long. */
  readonly putBuffer: Buffer;

  /** True between `begin` and `commit`/`abort`. */
  readonly inWriteTxn: boolean;
  /** Whether another process waits for the write lock right now: a reason to commit soon. */
  readonly contended: boolean;
  /** The process that holds the write lock; null when nobody does, or nobody else could. */
  lockHolder(): LockHolder | null;
  /** What the lock is held for, for `lockHolder` of all processes: a number above 0. Only inside a write txn. */
  lockPurpose: number;

  /**
   * Takes a fresh read snapshot: later reads see every commit acknowledged before this call by any process.
   * Not to be called inside a write txn (there, reads see the txn's own writes).
   */
  renewSnapshot(): void;

  /** Drops the read snapshot, so that an idle process does not keep old pages alive. The next read takes a new one. */
  releaseSnapshot(): void;

  /**
   * Takes the global write lock and opens the write txn. Waits at most `timeoutMs` (Infinity: for ever); false means
   * that the lock was not got and nothing was opened.
   */
  begin(timeoutMs: number): boolean;
  /** Commits and releases the lock. `durable` flushes to disk before it returns. Throws if nothing was committed. */
  commit(durable: boolean): void;
  /** Drops the txn's writes and releases the lock. */
  abort(): void;

  /** Length of the value left in `valueBuffer`, or -1 when there is no such key. */
  get(keyLength: number): number;
  /** Whether the key exists, without copying the value. */
  has(keyLength: number): boolean;
  /** Writes `putBuffer[0..valueLength)` under the key, replacing what was there. Only inside a write txn. */
  put(keyLength: number, valueLength: number): void;
  /** As `put`, unless there is such a key: then false, and nothing is done. Cheaper than `has` and `put`. */
  insert(keyLength: number, valueLength: number): boolean;
  /** As `put`, with the value taken from elsewhere. Values longer than MAX_VALUE_BYTES are refused. */
  putFrom(keyLength: number, value: Uint8Array, start: number, end: number): void;
  /** Removes the key; false when there was none. Only inside a write txn. */
  delete(keyLength: number): boolean;

  /**
   * A cursor over the current snapshot (or the write txn). Close it before the txn or snapshot ends. Point operations,
   * also writes, may be mixed with open cursors; a cursor whose current row was deleted moves on with `next`/`prev`.
   */
  openCursor(): Cursor;

  /** Sizes and health, for INFO and DEBUG STORE. O(1); on the current snapshot or write txn. */
  stats(): StoreStats;
}

export interface LockHolder {
  readonly pid: number;
  readonly sinceMs: number;
  /** As it set `lockPurpose` in this txn; 0: it did not. */
  readonly purpose: number;
}

export interface StoreStats {
  /** Bytes of the store's file that were ever used. */
  readonly usedBytes: number;
  readonly pageSizeBytes: number;
  readonly treeDepth: number;
  /** Pages that hold data: inner nodes, leaves, and values too large for a leaf. */
  readonly branchPages: number;
  readonly leafPages: number;
  readonly overflowPages: number;
  /** Pages of the file that hold none: free, or kept for the snapshots of readers. */
  readonly freePages: number;
  readonly entries: number;
  readonly lastTxnId: number;
  readonly readers: number;
  readonly maxReaders: number;
}

export interface Cursor {
  /** The current key: `key[0..keyLength)`, borrowed until the cursor moves. */
  readonly key: Buffer;
  readonly keyLength: number;
  /** Moves to the first key >= `store.keyBuffer[0..keyLength)`; false when there is none. */
  seek(keyLength: number): boolean;
  /** Moves to the last key < `store.keyBuffer[0..keyLength)`; false when there is none. */
  seekBefore(keyLength: number): boolean;
  /** Moves to the next key; false at the end. */
  next(): boolean;
  /** Moves to the previous key; false at the start. */
  prev(): boolean;
  /** Copies the current value to `store.valueBuffer` and returns its length. */
  readValue(): number;
  /** Removes the current row (write txn only); `next` then goes to the row after it. */
  deleteCurrent(): void;
  close(): void;
}

/** Longest key the store takes, bytes (LMDB with 4 KiB pages takes 1978). */
export const MAX_KEY_BYTES = 1978;
/** Longest value of one record, bytes; longer data is cut into chunks above the port. */
export const MAX_VALUE_BYTES = 1 << 20;
