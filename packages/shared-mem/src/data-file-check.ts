/**
 * Looks at a data file before LMDB does: the addon crashes the process when LMDB refuses to open an environment
 * (its clean-up uses freed memory), so what can be refused is refused here, with a reason.
 */
import { accessSync, closeSync, constants, existsSync, fstatSync, openSync, readSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { canMap } from "./memory-map.ts";
import { MAP_BYTES } from "./store-opening.ts";

const MAGIC = 0xbeefc0de;
const DATA_VERSION = 2;
/** Where the first page holds the magic number and the format's version (low 16 bits), after the page header. */
const MAGIC_OFFSET = 24;
const VERSION_OFFSET = 28;
/** Two meta pages: the least that a data file holds. */
const LEAST_BYTES = 2 * 4096;
/** Room for LMDB's lock file and a first txn. */
const LEAST_FREE_BYTES = 1 << 20;
const CREATION_TRIES = 50;
const CREATION_WAIT_MS = 10;

/** Throws an Error with the reason why the data file cannot be opened or created. */
export function checkDataFile(file: string): void {
  if (!canMap(MAP_BYTES)) {
    throw new Error(`cannot reserve ${MAP_BYTES / 2 ** 30} GiB of address space (see ulimit -v, vm.overcommit_memory)`);
  }
  const { bavail, bsize } = statfsSync(dirname(file));
  if (bavail * bsize < LEAST_FREE_BYTES) throw new Error("no space left on the device");
  // Only looked at: opening and closing the lock file would drop LMDB's locks on it.
  if (existsSync(`${file}-lock`)) accessSync(`${file}-lock`, constants.R_OK | constants.W_OK);
  if (!existsSync(file)) return;
  const fd = openSync(file, "r+");
  try {
    const header = Buffer.alloc(64);
    const length = waitForHeader(fd, header);
    if (length === 0) return;
    if (length < LEAST_BYTES || header.readUInt32LE(MAGIC_OFFSET) !== MAGIC) {
      throw new Error(`${file} is not a data file of this server`);
    }
    const version = header.readUInt16LE(VERSION_OFFSET);
    if (version !== DATA_VERSION)
      throw new Error(`${file} has data format ${version}, this server reads ${DATA_VERSION}`);
  } finally {
    closeSync(fd);
  }
}

/** Reads the first bytes; another process may be creating the file right now. Returns the file's length. */
function waitForHeader(fd: number, header: Buffer): number {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = 0; ; tries++) {
    const length = fstatSync(fd).size;
    readSync(fd, header, 0, header.length, 0);
    if (length === 0 || length >= LEAST_BYTES || tries === CREATION_TRIES) return length;
    Atomics.wait(pause, 0, 0, CREATION_WAIT_MS);
  }
}
