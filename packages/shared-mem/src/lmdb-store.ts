/**
 * OrderedStore on LMDB (port: core/store/ordered-store.ts).
 *
 * Invariants
 * - one write txn per process, always synchronous; the lock word is taken before LMDB's mutex and released after it, so
 *   that the mutex is never contended;
 * - one read txn per process, reset when it is not needed and renewed by LMDB at the next read: a reset txn pins no
 *   pages. A snapshot is dropped when a write txn begins, so a commit is always seen by the next read;
 * - native cursors of a write txn are closed before it ends: LMDB frees them then;
 * - a failed write poisons its txn: everything after it throws, and commit aborts and throws;
 * - rows that a write txn meets again and again are kept above LMDB until it ends (txn-rows.ts).
 *
 * Layout of the instruction area (one ArrayBuffer; byte offsets): 0 instruction, 4 database handle, 8 key length,
 * 12 the key = `keyBuffer`; behind the key, 8-byte aligned, value length and value address. So a put copies no key; the
 * three words behind the key are put back afterwards, because `keyBuffer` is promised to stay intact.
 */
import {
  type Cursor,
  type LockHolder,
  MAX_KEY_BYTES,
  MAX_VALUE_BYTES,
  type OrderedStore,
  type StoreStats,
} from "@keydb-ts/core/contracts";
import { type CursorOwner, LmdbCursor } from "./lmdb-cursor.ts";
import {
  IF_ABSENT,
  INSTRUCTION_DELETE,
  INSTRUCTION_FAILED,
  INSTRUCTION_PUT,
  lmdbFailure,
  MDB_KEYEXIST,
  MDB_NOTFOUND,
  MDB_SUCCESS,
  type NativeDatabase,
  type NativeTxn,
  native,
  TXN_FLUSHED,
  TXN_READ_ONLY,
  TXN_UNFLUSHED,
} from "./lmdb-native.ts";
import { RecordCache } from "./record-cache.ts";
import { type LmdbStoreOptions, MAP_BYTES, openAlone, type StoreLock } from "./store-opening.ts";
import { TxnRows } from "./txn-rows.ts";

const KEY_OFFSET = 12;
const KEY_BUFFER_BYTES = 4096;
const INSTRUCTION_BYTES = KEY_OFFSET + KEY_BUFFER_BYTES + 36;
/** Word indexes of what a get and a cursor move write into the key buffer. */
const VALUE_LENGTH_WORD = KEY_OFFSET >> 2;
const TXN_ID_WORD = (KEY_OFFSET + 32) >> 2;
/** Values up to this length are copied by `putFrom`: cheaper than asking for their address. */
const COPIED_VALUE_BYTES = 64;
const POOLED_CURSORS = 16;
/** A txn with more writes than this may free more pages than the list takes in a leaf. */
const FEW_WRITES = 150;
/** Pages that a txn frees per write, about. */
const FREED_PER_WRITE = 1.15;
/** More pages of that kind that a commit may want: the list's own, and those of loaded records that are saved again. */
const MORE_PAGES = 5;
const PAGE_HEADER_BYTES = 16;
/** Key of a row that exists only inside a commit. No row key begins with this byte. */
const SPARE_KEY = 0xff;

const { getByBinary, write, resetTxn } = native;

export class LmdbStore implements OrderedStore, CursorOwner {
  readonly keyBuffer: Buffer;
  readonly valueBuffer: Buffer = native.globalBuffer;
  readonly putBuffer: Buffer = Buffer.allocUnsafeSlow(MAX_VALUE_BYTES);
  inWriteTxn = false;
  era = 0;
  valueOwner: LmdbCursor | null = null;
  /** When true, txns begun from now on are flushed to disk in LMDB's own order, whatever `commit` is told. */
  flushOnCommit = false;

  private readonly words: Uint32Array;
  private readonly doubles: Float64Array;
  private readonly instructionAddress: number;
  private readonly putAddress: number;
  private readonly copyBuffer: Buffer = Buffer.allocUnsafeSlow(COPIED_VALUE_BYTES);
  private readonly copyAddress: number;
  private readonly database: NativeDatabase;
  private readonly envAddress: number;
  private readonly dbiAddress: number;
  private readonly dbi: number;
  private readonly pageBytes: number;
  private readonly readTxn: NativeTxn;
  private readonly readTxnAddress: number;
  private readonly lock: StoreLock | null;
  /** Null without a lock word: then nobody would tell of what other processes write. */
  private readonly cache: RecordCache | null;
  private readonly rows: TxnRows;
  /** LMDB has taken the present snapshot: what the cache says from now on belongs to it. */
  private isCacheUsable = false;
  /** A read may have renewed the read txn since the last reset. */
  private hasSnapshot = true;
  private isFlushed = false;
  /** Puts and deletes of the present txn. */
  private writes = 0;
  /** A write failed in the present txn. */
  private hasFailed = false;
  private firstFailure: Error | null = null;
  private isClosed = false;
  private readonly readCursors: LmdbCursor[] = [];
  private readonly writeCursors: LmdbCursor[] = [];
  private readonly spareCursors: LmdbCursor[] = [];

  constructor(options: LmdbStoreOptions) {
    const area = new ArrayBuffer(INSTRUCTION_BYTES);
    this.words = new Uint32Array(area);
    this.doubles = new Float64Array(area);
    this.keyBuffer = Buffer.from(area, KEY_OFFSET, KEY_BUFFER_BYTES);
    this.instructionAddress = native.getAddress(area);
    this.putAddress = native.getAddress(this.putBuffer.buffer) + this.putBuffer.byteOffset;
    this.copyAddress = native.getAddress(this.copyBuffer.buffer) + this.copyBuffer.byteOffset;
    this.lock = options.lock;
    this.cache = this.lock === null ? null : new RecordCache(this.lock.stamps, this.keyBuffer, this.valueBuffer);
    this.pageBytes = options.pageSizeBytes ?? 4096;
    this.rows = new TxnRows(this.keyBuffer, (keyLength, value, length) => {
      this.writeNow(keyLength, native.getAddress(value.buffer) + value.byteOffset, length);
    });
    this.database = openAlone(this.lock, {
      file: options.file,
      keyBuffer: this.keyBuffer,
      maxReaders: options.maxReaders ?? 1024,
      mapSizeBytes: options.mapSizeBytes ?? MAP_BYTES,
      pageSizeBytes: this.pageBytes,
    });
    this.envAddress = this.database.env.address;
    this.dbiAddress = this.database.dbi.address;
    this.dbi = this.database.dbi.dbi;
    this.readTxn = new native.Txn(this.database.env, TXN_READ_ONLY);
    this.readTxnAddress = this.readTxn.address;
    this.releaseSnapshot();
  }

  // ---- snapshots and txns

  get contended(): boolean {
    return this.lock !== null && this.lock.waiters > 0;
  }

  lockHolder(): LockHolder | null {
    const owner = this.lock?.owner() ?? null;
    return owner === null ? null : { pid: owner.pid, sinceMs: owner.sinceMs, purpose: owner.tag };
  }

  get lockPurpose(): number {
    return this.inWriteTxn && this.lock !== null ? this.lock.tag : 0;
  }

  set lockPurpose(purpose: number) {
    if (this.lock !== null) this.lock.tag = purpose;
  }

  renewSnapshot(): void {
    if (this.inWriteTxn) throw new Error("renewSnapshot inside a write txn");
    this.releaseSnapshot();
  }

  releaseSnapshot(): void {
    if (!this.hasSnapshot) return;
    this.hasSnapshot = false;
    this.isCacheUsable = false;
    this.era++;
    this.valueOwner = null;
    resetTxn(this.readTxnAddress);
  }

  begin(timeoutMs: number): boolean {
    if (this.inWriteTxn) throw new Error("begin inside a write txn");
    if (this.isClosed) throw new Error("the store is closed");
    if (this.lock !== null && !this.lock.acquire(timeoutMs)) return false;
    const { env } = this.database;
    try {
      this.releaseSnapshot();
      this.isFlushed = this.flushOnCommit;
      env.beginTxn(this.isFlushed ? TXN_FLUSHED : TXN_UNFLUSHED);
      // beginTxn hides LMDB's return code; without a txn the id is 0.
      if (env.getWriteTxnId() === 0) {
        env.abortTxn();
        throw new Error("store begin failed: LMDB opened no write txn");
      }
    } catch (error) {
      this.lock?.release();
      throw error;
    }
    this.era++;
    this.writes = 0;
    this.inWriteTxn = true;
    return true;
  }

  commit(durable: boolean): void {
    if (!this.inWriteTxn) throw new Error("commit outside a write txn");
    this.prepareCommit();
    if (this.hasFailed) {
      const failure = this.firstFailure;
      this.abort();
      throw new Error("store commit refused: a write in the txn failed", { cause: failure });
    }
    this.closeWriteCursors();
    const { env, freeList } = this.database;
    freeList.close();
    try {
      env.commitTxn();
    } finally {
      freeList.open();
      this.leave();
    }
    // The txn was begun unflushed: one flush of the file makes it, and all before it, durable.
    if (durable && !this.isFlushed) this.sync();
  }

  /**
   * Has LMDB load free pages for the list of those that this txn frees, which takes pages that follow each other: it must
   * not load any while it writes that list (free-list-guard.ts), and would take new ones from the end of the file.
   */
  private bringFreePages(): void {
    const { keyBuffer, pageBytes } = this;
    const pages = Math.ceil((this.writes * FREED_PER_WRITE * 8) / pageBytes) + MORE_PAGES;
    const first = keyBuffer[0] as number;
    keyBuffer[0] = SPARE_KEY;
    try {
      this.writeNow(1, this.putAddress, Math.min(pages * pageBytes - PAGE_HEADER_BYTES, MAX_VALUE_BYTES));
      this.delete(1);
    } finally {
      keyBuffer[0] = first;
    }
  }

  abort(): void {
    if (!this.inWriteTxn) throw new Error("abort outside a write txn");
    this.closeWriteCursors();
    try {
      this.database.env.abortTxn();
    } finally {
      this.leave();
    }
  }

  // ---- point operations

  get(keyLength: number): number {
    const { words, cache } = this;
    if (this.isClosed) throw new Error("the store is closed");
    this.valueOwner = null;
    if (this.inWriteTxn) {
      const held = this.rows.get(keyLength, this.valueBuffer);
      if (held >= 0) return held;
    } else if (this.isCacheUsable && cache !== null) {
      const cached = cache.find(keyLength);
      if (cached >= 0) return cached;
    }
    this.needSnapshot();
    const low = words[TXN_ID_WORD] as number;
    const high = words[TXN_ID_WORD + 1] as number;
    const length = getByBinary(this.dbiAddress, keyLength, 0, 0);
    words[TXN_ID_WORD] = low;
    words[TXN_ID_WORD + 1] = high;
    if (this.inWriteTxn) {
      if (length >= 0) this.rows.wasRead(keyLength, this.valueBuffer, length);
    } else if (cache !== null) {
      this.isCacheUsable = true;
      if (length >= 0) cache.remember(keyLength, length);
    }
    if (length >= 0) return length;
    if (length === MDB_NOTFOUND) return -1;
    throw lmdbFailure("get", length);
  }

  /** Before LMDB reads: the read txn is renewed by it when it was reset. */
  private needSnapshot(): void {
    if (this.hasSnapshot || this.inWriteTxn) return;
    this.hasSnapshot = true;
    if (this.cache !== null) this.cache.open();
  }

  has(keyLength: number): boolean {
    return this.get(keyLength) >= 0;
  }

  deletingRow(key: Buffer, keyLength: number): void {
    this.writes++;
    if (this.cache !== null) this.cache.stamp(key, keyLength);
    this.rows.forget(key, keyLength);
  }

  readingValue(): void {
    if (this.inWriteTxn) this.rows.flush();
  }

  put(keyLength: number, valueLength: number): void {
    if (this.holds(keyLength, this.putBuffer, 0, valueLength)) return;
    this.writeNow(keyLength, this.putAddress, valueLength);
  }

  insert(keyLength: number, valueLength: number): boolean {
    if (this.rows.has(keyLength)) return false;
    this.requirePut(keyLength, valueLength);
    this.writeNow(keyLength, this.putAddress, valueLength, IF_ABSENT);
    return ((this.words[0] as number) & INSTRUCTION_FAILED) === 0;
  }

  /** Begins a put. True when the row is one that is kept until the txn ends. */
  private holds(keyLength: number, value: Uint8Array, start: number, length: number): boolean {
    this.requirePut(keyLength, length);
    return this.rows.put(keyLength, value, start, length);
  }

  private requirePut(keyLength: number, length: number): void {
    this.requireWritable();
    if (keyLength < 1 || keyLength > MAX_KEY_BYTES) throw new RangeError(`key of ${keyLength} bytes`);
    if (!(length >= 0 && length <= MAX_VALUE_BYTES)) throw new RangeError(`value of ${length} bytes`);
    this.valueOwner = null;
    if (this.cache !== null) this.cache.stamp(this.keyBuffer, keyLength);
  }

  putFrom(keyLength: number, value: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (this.holds(keyLength, value, start, length)) return;
    if (length <= COPIED_VALUE_BYTES) {
      for (let from = start, to = 0; from < end; from++, to++) this.copyBuffer[to] = value[from] as number;
      this.writeNow(keyLength, this.copyAddress, length);
    } else this.writeNow(keyLength, native.getAddress(value.buffer) + value.byteOffset + start, length);
  }

  delete(keyLength: number): boolean {
    const { words } = this;
    this.requireWritable();
    if (keyLength < 1 || keyLength > MAX_KEY_BYTES) throw new RangeError(`key of ${keyLength} bytes`);
    this.valueOwner = null;
    this.deletingRow(this.keyBuffer, keyLength);
    words[0] = INSTRUCTION_DELETE;
    words[1] = this.dbi;
    words[2] = keyLength;
    this.runInstruction("delete");
    return ((words[0] as number) & INSTRUCTION_FAILED) === 0;
  }

  private writeNow(keyLength: number, address: number, length: number, flags = 0): void {
    const { words } = this;
    this.writes++;
    const tail = ((KEY_OFFSET + keyLength + 16) >> 3) << 1;
    const before = words[tail - 1] as number;
    const low = words[tail] as number;
    const high = words[tail + 1] as number;
    words[0] = INSTRUCTION_PUT | flags;
    words[1] = this.dbi;
    words[2] = keyLength;
    words[tail - 1] = length;
    this.doubles[tail >> 1] = address;
    try {
      this.runInstruction("put");
    } finally {
      words[tail - 1] = before;
      words[tail] = low;
      words[tail + 1] = high;
    }
  }

  /** The addon throws what fails; where it is built for direct V8 calls it returns the code instead. */
  private runInstruction(operation: string): void {
    let rc: number | undefined;
    try {
      rc = write(this.envAddress, this.instructionAddress);
    } catch (error) {
      throw this.noteFailure(error);
    }
    if (rc !== undefined && rc !== MDB_SUCCESS && rc !== MDB_NOTFOUND && rc !== MDB_KEYEXIST) {
      throw this.noteFailure(lmdbFailure(operation, rc));
    }
  }

  /** Before the commit: what fails is noted, so that it is refused. */
  private prepareCommit(): void {
    if (this.hasFailed) return;
    try {
      this.rows.flush();
      if (this.writes > FEW_WRITES) this.bringFreePages();
    } catch {
      // `runInstruction` has noted it.
    }
  }

  // ---- cursors

  openCursor(): Cursor {
    if (this.isClosed) throw new Error("the store is closed");
    if (this.inWriteTxn) return this.openWriteCursor();
    this.needSnapshot();
    const pooled = this.readCursors.pop();
    if (pooled !== undefined && pooled.handle !== null) {
      pooled.open(pooled.handle, false, true);
      return pooled;
    }
    const cursor = new LmdbCursor(this);
    cursor.open(new native.Cursor(this.database.dbi, 0), false, false);
    return cursor;
  }

  private openWriteCursor(): LmdbCursor {
    const { writeCursors } = this;
    for (const cursor of writeCursors) {
      if (!cursor.isOpen && cursor.handle !== null) {
        cursor.open(cursor.handle, true, false);
        return cursor;
      }
    }
    const cursor = this.spareCursors.pop() ?? new LmdbCursor(this);
    cursor.open(new native.Cursor(this.database.dbi, 0), true, false);
    writeCursors.push(cursor);
    return cursor;
  }

  closeCursor(cursor: LmdbCursor): void {
    cursor.isOpen = false;
    if (this.valueOwner === cursor) this.valueOwner = null;
    if (cursor.isInWriteTxn) return; // stays in writeCursors, for the next openCursor of the txn
    if (this.isClosed)
      cursor.handle = null; // it went with the environment
    else if (this.readCursors.length < POOLED_CURSORS) this.readCursors.push(cursor);
    else this.dropHandle(cursor);
  }

  /** Closes the native cursors of the write txn. */
  private closeWriteCursors(): void {
    for (const cursor of this.writeCursors) {
      this.dropHandle(cursor);
      // One that its user still holds is not given to somebody else.
      if (!cursor.isOpen && this.spareCursors.length < POOLED_CURSORS) this.spareCursors.push(cursor);
      cursor.isOpen = false;
    }
    this.writeCursors.length = 0;
  }

  private dropHandle(cursor: LmdbCursor): void {
    cursor.handle?.close();
    cursor.handle = null;
  }

  movedValueLength(): number {
    return this.words[VALUE_LENGTH_WORD] as number;
  }

  // ---- upkeep

  /** Flushes the data file to disk. Blocks. One process' call covers the commits of all. */
  sync(): void {
    this.database.env.sync();
  }

  /** Frees the reader slots of dead processes; returns how many. Call when a worker died, and now and then. */
  readerCheck(): number {
    return this.database.env.readerCheck();
  }

  stats(): StoreStats {
    if (this.isClosed) throw new Error("the store is closed");
    this.needSnapshot();
    const stat = this.database.dbi.stat();
    const info = this.database.env.info();
    const treePages = stat.treeBranchPageCount + stat.treeLeafPageCount + stat.overflowPages;
    return {
      usedBytes: (info.lastPageNumber + 1) * stat.pageSize,
      pageSizeBytes: stat.pageSize,
      treeDepth: stat.treeDepth,
      branchPages: stat.treeBranchPageCount,
      leafPages: stat.treeLeafPageCount,
      overflowPages: stat.overflowPages,
      freePages: Math.max(0, info.lastPageNumber + 1 - 2 - treePages),
      entries: stat.entryCount,
      lastTxnId: info.lastTxnId,
      readers: info.numReaders,
      maxReaders: info.maxReaders,
    };
  }

  /** Aborts an open write txn and closes the environment. Safe to call twice. */
  close(): void {
    if (this.isClosed) return;
    if (this.inWriteTxn) this.abort();
    this.isClosed = true;
    this.hasSnapshot = false;
    this.era++;
    for (const cursor of this.readCursors) this.dropHandle(cursor);
    this.readCursors.length = 0;
    this.readTxn.abort();
    this.database.env.close();
  }

  // ---- state

  requireWritable(): void {
    if (!this.inWriteTxn) throw new Error("write outside a write txn");
    if (this.hasFailed) {
      throw new Error("an earlier write of this txn failed", { cause: this.firstFailure });
    }
  }

  noteFailure(error: unknown): Error {
    const failure = error instanceof Error ? error : new Error(String(error));
    this.hasFailed = true;
    this.firstFailure ??= failure;
    return failure;
  }

  private leave(): void {
    this.rows.clear();
    this.era++;
    this.inWriteTxn = false;
    this.cache?.end();
    this.valueOwner = null;
    this.hasFailed = false;
    this.firstFailure = null;
    this.lock?.release();
  }
}
