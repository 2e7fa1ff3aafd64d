/**
 * The part of the `lmdb` package that shared-mem uses: the native addon below its JavaScript layer, typed. That layer
 * is not even loaded: it queues writes, hides return codes, keeps read snapshots over timers, costs more than the work
 * itself, and loading it takes 30 ms of each process' start. Only lmdb-store.ts and lmdb-cursor.ts may import this.
 *
 * Facts about the addon (3.5.6) the callers rely on:
 * - an environment gets one key buffer at open. Keys go in at offset 0; a successful get overwrites bytes 32..39 with
 *   the page's txn id; a cursor move leaves the value's length at 0, zero at 4, the key at 32 and a NUL behind it;
 * - values come out in `globalBuffer` (16 MB, one per process);
 * - txn address 0 means "the write txn when one is open, else the newest read txn", which is renewed when it was reset;
 * - `write` runs one instruction (layout: write.js of the package) on the open write txn.
 */
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { FreeListGuard } from "./free-list-guard.ts";

export interface NativeEnv {
  readonly address: number;
  /** Throws when it fails; but see decision 7 of the README. */
  open(options: object, flags: number, jsFlags: number): void;
  beginTxn(flags: number): void;
  /** False when the txn had written nothing; throws when the commit failed. The txn is gone in each case. */
  commitTxn(): boolean;
  abortTxn(): void;
  getWriteTxnId(): number;
  sync(): void;
  readerCheck(): number;
  readerList(): string[];
  info(): { mapSize: number; lastPageNumber: number; lastTxnId: number; maxReaders: number; numReaders: number };
  close(): void;
}

export interface NativeStat {
  pageSize: number;
  treeDepth: number;
  treeBranchPageCount: number;
  treeLeafPageCount: number;
  entryCount: number;
  overflowPages: number;
}

export interface NativeDbi {
  readonly address: number;
  readonly dbi: number;
  stat(): NativeStat;
}

export interface NativeTxn {
  readonly address: number;
  abort(): void;
}

export interface NativeCursor {
  readonly address: number;
  del(): void;
  close(): void;
}

interface NativeAddon {
  readonly globalBuffer: Buffer;
  readonly Txn: new (env: NativeEnv, flags: number) => NativeTxn;
  readonly Env: new () => NativeEnv;
  readonly Dbi: new (env: NativeEnv, flags: number, name: null, keyType: number) => NativeDbi;
  readonly Cursor: new (dbi: NativeDbi, txnAddress: number) => NativeCursor;
  getEnvsPointer(): unknown;
  getAddress(buffer: ArrayBufferLike): number;
  getByBinary(dbiAddress: number, keyLength: number, ifNotTxnId: number, txnAddress: number): number;
  write(envAddress: number, instructionAddress: number): number | undefined;
  resetTxn(txnAddress: number): void;
  position(cursorAddress: number, flags: number, offset: number, keyLength: number, endKeyAddress: number): number;
  iterate(cursorAddress: number): number;
  getCurrentValue(cursorAddress: number): number;
  lmdbError(rc: number): unknown;
}

export const native: NativeAddon = loadAddon();

/** With the package's own loader, which knows what was built for which machine. */
function loadAddon(): NativeAddon {
  const entry = createRequire(import.meta.url).resolve("lmdb");
  const load = createRequire(entry)("node-gyp-build-optional-packages") as (folder: string) => NativeAddon;
  const addon = load(dirname(dirname(entry)));
  // Creates the table of environments, without which closing one crashes.
  addon.getEnvsPointer();
  return addon;
}

/** Return codes of LMDB. */
export const MDB_SUCCESS = 0;
export const MDB_KEYEXIST = -30799;
export const MDB_NOTFOUND = -30798;

/** Flags of `beginTxn`: abortable | commit on this thread [| no flush to disk]. */
export const TXN_FLUSHED = 3;
export const TXN_UNFLUSHED = 0x10003;
export const TXN_READ_ONLY = 0x20000;

/** Instructions of `write`, and the mark it leaves in the first word when nothing matched. */
export const INSTRUCTION_PUT = 15;
export const INSTRUCTION_DELETE = 13;
/** Flag of a put: only if there is no such key. */
export const IF_ABSENT = 0x10;
export const INSTRUCTION_FAILED = 0x4000000;

/** Flags of `position`. */
export const CURSOR_VALUES = 0x100;
export const CURSOR_REVERSE = 0x400;
export const CURSOR_RENEW = 0x2000;
export const CURSOR_EXCLUSIVE = 0x10000;

/** Where a cursor move leaves the key in the key buffer; a get leaves a txn id there. */
export const RETURNED_KEY_OFFSET = 32;

/** Flags of `Env.open`: the path is a file; fresh pages are not zeroed. */
const ENV_NO_SUBDIR = 0x4000;
const ENV_NO_MEM_INIT = 0x1000000;
/** Flag of `new Dbi`: creates the database. */
const DBI_CREATE = 0x40000;
const KEYS_ARE_BYTES = 3;
/** Flag of `beginTxn` for the txn that opens the database: synchronous, flushed. */
const TXN_OPENING = 2;
/** A database that could not be opened. */
const NO_DBI = 0xffffffff;
/** `maxFreeSpaceToLoad` (the addon's default) and `maxFreeSpaceToRetain`. */
const FREE_PAGES_TO_LOAD = 50_000;
const FREE_PAGES_TO_RETAIN = 50;

export interface NativeDatabase {
  readonly env: NativeEnv;
  readonly dbi: NativeDbi;
  /** To be closed around every commit. */
  readonly freeList: FreeListGuard;
}

export interface DatabaseOptions {
  readonly file: string;
  readonly keyBuffer: Buffer;
  readonly maxReaders: number;
  readonly mapSizeBytes: number;
  readonly pageSizeBytes: number;
}

/** Opens (creates) the one root database. Every option below is there for a measured reason: README, "Options". */
export function openDatabase(options: DatabaseOptions): NativeDatabase {
  const env = new native.Env();
  env.open(
    {
      path: options.file,
      mapSize: options.mapSizeBytes,
      maxReaders: options.maxReaders,
      maxDbs: 1,
      maxFreeSpaceToLoad: FREE_PAGES_TO_LOAD,
      maxFreeSpaceToRetain: FREE_PAGES_TO_RETAIN,
      pageSize: options.pageSizeBytes,
      keyBytes: options.keyBuffer,
    },
    ENV_NO_SUBDIR | ENV_NO_MEM_INIT,
    0,
  );
  const freeList = new FreeListGuard(env.address, {
    file: options.file,
    pageSizeBytes: options.pageSizeBytes,
    maxReaders: options.maxReaders,
    maxFreeSpaceToLoad: FREE_PAGES_TO_LOAD,
    maxFreeSpaceToRetain: FREE_PAGES_TO_RETAIN,
  });
  env.readerCheck();
  env.beginTxn(TXN_OPENING);
  const dbi = new native.Dbi(env, DBI_CREATE, null, KEYS_ARE_BYTES);
  freeList.close();
  env.commitTxn();
  freeList.open();
  if (dbi.dbi === NO_DBI) throw new Error("store open failed: LMDB opened no database");
  return { env, dbi, freeList };
}

/** The Error for an LMDB return code. */
export function lmdbFailure(operation: string, rc: number): Error {
  let text = `code ${rc}`;
  try {
    const error = native.lmdbError(rc);
    if (error instanceof Error) text = error.message;
  } catch (error) {
    if (error instanceof Error) text = error.message;
  }
  return new Error(`store ${operation} failed: ${text}`);
}
