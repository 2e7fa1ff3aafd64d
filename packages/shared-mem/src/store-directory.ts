/**
 * The directory of a store: who may use it, what lies in it.
 *
 *     keyspace.mdb, keyspace.mdb-lock   LMDB's data and lock file. Never open the lock file by other means: closing any
 *                                       descriptor of it drops LMDB's own locks on it
 *     server.lock                       flock of the running server; holds its pid
 *     clean-mark                        clean-mark.ts
 */
import { createHash } from "node:crypto";
import {
  accessSync,
  closeSync,
  constants,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { checkDataFile } from "./data-file-check.ts";
import { lockFile } from "./libc.ts";
import { LmdbStore } from "./lmdb-store.ts";
import type { StoreLock } from "./store-opening.ts";

const DATA_FILE = "keyspace.mdb";
const SERVER_LOCK_FILE = "server.lock";

/** A store directory that cannot be used; the message is one line for the log. */
export class StoreDirectoryError extends Error {
  override readonly name = "StoreDirectoryError";
}

/** Creates the directory when it is missing and checks that files can be made in it. Throws StoreDirectoryError. */
export function prepareStoreDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o750 });
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new StoreDirectoryError(`Can't use the store directory ${directory}: ${reasonOf(error)}`, { cause: error });
  }
}

export interface DirectoryGuard {
  /** Gives the directory free; the end of the process does it too, however it ends. */
  release(): void;
}

/**
 * Claims the directory for one server; held by the supervisor. Throws StoreDirectoryError when another server that is
 * alive has it. The lock goes with the process, so a killed server leaves nothing to clean up.
 */
export function guardStoreDirectory(directory: string): DirectoryGuard {
  prepareStoreDirectory(directory);
  const path = join(directory, SERVER_LOCK_FILE);
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o640);
  } catch (error) {
    throw new StoreDirectoryError(`Can't use the store directory ${directory}: ${reasonOf(error)}`, { cause: error });
  }
  if (!lockFile(fd)) {
    const pid = readFileSync(path, "latin1").trim();
    closeSync(fd);
    throw new StoreDirectoryError(
      `Can't use the store directory ${directory}: another server (pid ${pid === "" ? "unknown" : pid}) is using it`,
    );
  }
  ftruncateSync(fd);
  writeSync(fd, `${process.pid}\n`, 0);
  let isHeld = true;
  return {
    release() {
      if (isHeld) closeSync(fd);
      isHeld = false;
    },
  };
}

export interface OpenStoreOptions {
  readonly directory: string;
  /** The lock word of the server's shared region; null only where no other process uses the store. */
  readonly lock: StoreLock | null;
  readonly maxReaders?: number;
}

/** Opens the store of a directory; every process of the server does it for itself. Throws StoreDirectoryError. */
export function openStore(options: OpenStoreOptions): LmdbStore {
  const { directory, lock, maxReaders } = options;
  prepareStoreDirectory(directory);
  try {
    checkDataFile(dataFileOf(directory));
    return new LmdbStore({ file: dataFileOf(directory), lock, ...(maxReaders === undefined ? {} : { maxReaders }) });
  } catch (error) {
    throw new StoreDirectoryError(`Can't open the store in ${directory}: ${reasonOf(error)}`, { cause: error });
  }
}

/** Removes the data of a store that is not open anywhere (after a torn shutdown, or to start empty). */
export function discardStore(directory: string): void {
  rmSync(dataFileOf(directory), { force: true });
  rmSync(`${dataFileOf(directory)}-lock`, { force: true });
}

/** Path of the data file. */
export function dataFileOf(directory: string): string {
  return join(directory, DATA_FILE);
}

/** Bytes of disk that the data file takes; 0 when there is none. */
export function storeFileBytes(directory: string): number {
  return (statSync(dataFileOf(directory), { throwIfNoEntry: false })?.blocks ?? 0) * 512;
}

/**
 * Where the shared region of a store's server goes: memory (/dev/shm) under a name that follows from the directory, so
 * that a killed server's region is replaced and not left behind; without /dev/shm, the directory itself.
 */
export function sharedRegionPath(directory: string): string {
  const name = createHash("sha256").update(realpathSync(directory)).digest("hex").slice(0, 16);
  try {
    accessSync("/dev/shm", constants.W_OK | constants.X_OK);
    return `/dev/shm/keydb-ts.${process.getuid?.() ?? 0}.${name}`;
  } catch {
    return join(directory, "shared-region");
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
