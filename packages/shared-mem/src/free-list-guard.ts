/**
 * Keeps LMDB from reading its list of free pages while it writes that list.
 *
 * The list is a tree of its own. A commit (mdb_freelist_save) puts records into it; when such a record needs pages of its
 * own and its leaf is full, mdb_page_split links the new leaf before it fills it, and asks for the pages in between. The
 * page allocator of the addon's LMDB (3.5.6) then looks for more free pages in the same tree and walks into the half-filled
 * leaf: the commit fails (MDB_BAD_TXN, MDB_BAD_VALSIZE), or pages in use are taken for free. Records of that size come
 * from txns that change a few hundred pages.
 *
 * So before a commit the allocator is told that there is nothing more to load, through its own two fields: the newest
 * record it may load is the last it has loaded, and it must not look backward. It takes new pages from the end of the
 * file then, a few per commit at most; the next txn loads the list again. Nothing exports these fields, so they are looked
 * for in the environment's memory, by everything that is known of it; without finding them the store is not opened.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { viewMemory } from "./memory-map.ts";

/** What is known of the environment. The two limits are options of its open. */
export interface EnvironmentFacts {
  /** As given to its open. */
  readonly file: string;
  readonly pageSizeBytes: number;
  readonly maxReaders: number;
  readonly maxFreeSpaceToLoad: number;
  readonly maxFreeSpaceToRetain: number;
}

/** Bytes looked at: of the addon's object, which points to the environment, and of the environment itself. */
const WRAPPER_BYTES = 512;
const ENVIRONMENT_BYTES = 640;
/** Where struct MDB_env has (32-bit words) the page size, the number of readers, the process id, the address of the path. */
const PAGE_SIZE_WORD = 4;
const MAX_READERS_WORD = 6;
const PID_WORD = 10;
const PATH_WORD = 12;
/** Where the fields lie before `me_maxfreepgs_to_load` (32-bit words): see struct MDB_pgstate. */
const OLDEST = -12;
const LIST_END = -6;
const NO_REVERSE = -1;
/** User addresses lie between. */
const LOWEST_ADDRESS = 65536n;
const HIGHEST_ADDRESS = 1n << 48n;

export class FreeListGuard {
  private readonly words: Uint32Array;
  private readonly at: number;

  /** `wrapper`: address of the addon's environment object. Throws when the fields are not found. */
  constructor(wrapper: number, facts: EnvironmentFacts) {
    const { address, at } = locate(BigInt(wrapper), facts);
    this.words = new Uint32Array(viewMemory(Number(address), ENVIRONMENT_BYTES));
    this.at = at;
  }

  /** A commit begins. */
  close(): void {
    const { words, at } = this;
    const low = words[at + LIST_END] as number;
    const high = words[at + LIST_END + 1] as number;
    // Nothing was loaded: then a list that ends before the first txn stands for it.
    words[at + OLDEST] = low === 0 && high === 0 ? 1 : low;
    words[at + OLDEST + 1] = high;
    words[at + NO_REVERSE] = 1;
  }

  /** The commit has ended, one way or the other. The next txn sets the other field itself. */
  open(): void {
    this.words[this.at + NO_REVERSE] = 0;
  }
}

/**
 * The environment's address, and the word in it where the two limits lie. Behind the object's own fields may be those of
 * another one, of a store that was closed or is open too: the path tells them apart.
 */
function locate(wrapper: bigint, facts: EnvironmentFacts): { address: bigint; at: number } {
  const fd = openSync("/proc/self/mem", "r");
  try {
    const pointers = new BigUint64Array(WRAPPER_BYTES / 8);
    if (!readMemory(fd, wrapper, new Uint8Array(pointers.buffer)))
      throw new Error("the addon's object is not readable");
    const words = new Uint32Array(ENVIRONMENT_BYTES / 4);
    for (const address of pointers) {
      if (!isAddress(address) || !readMemory(fd, address, new Uint8Array(words.buffer))) continue;
      const at = limitsIn(words, facts);
      if (at >= 0 && hasPath(fd, words, facts.file)) return { address, at };
    }
    throw new Error("the free list of this build of lmdb was not found");
  } finally {
    closeSync(fd);
  }
}

function isAddress(word: bigint): boolean {
  return word >= LOWEST_ADDRESS && word < HIGHEST_ADDRESS && word % 8n === 0n;
}

/** Whether the environment is that of the file. */
function hasPath(fd: number, words: Uint32Array, file: string): boolean {
  const address = BigInt(words[PATH_WORD] as number) | (BigInt(words[PATH_WORD + 1] as number) << 32n);
  const wanted = Buffer.from(`${file}\0`);
  const path = Buffer.alloc(wanted.length);
  return readMemory(fd, address, path) && path.equals(wanted);
}

/** Reads memory of this process; false where there is none. */
function readMemory(fd: number, address: bigint, into: Uint8Array): boolean {
  try {
    return readSync(fd, into, 0, into.length, address) === into.length;
  } catch {
    return false;
  }
}

/** Index of the two limits if the words are the environment's; -1 if not. */
function limitsIn(words: Uint32Array, facts: EnvironmentFacts): number {
  if (words[PAGE_SIZE_WORD] !== facts.pageSizeBytes || words[MAX_READERS_WORD] !== facts.maxReaders) return -1;
  if (words[PID_WORD] !== process.pid) return -1;
  for (let at = PID_WORD + 2; at + 1 < words.length; at += 2) {
    if (words[at] === facts.maxFreeSpaceToLoad && words[at + 1] === facts.maxFreeSpaceToRetain) return at;
  }
  return -1;
}
