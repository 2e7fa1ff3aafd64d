/**
 * The cache of EVAL scripts in the store: one for all processes, forgotten when the server starts, as in Redis.
 *
 *   `7`                         id of the server's run (40 hex digits) | number of flushes u32
 *   `7 | SHA-1 20 B | piece u32` pieces of the script
 *
 * Rows of another run of the server count as absent; the first write removes them. A flush also counts up a word in shared
 * memory, so that a process learns without a look at the store that its compiled scripts may be obsolete.
 */
import { TABLE } from "../codec/format.ts";
import { readU32, writeU32 } from "../codec/record.ts";
import { SHARED_WORD } from "../ports/counters.ts";
import type { SharedState } from "../ports/shared-state.ts";
import type { OrderedStore } from "../store/ordered-store.ts";
import type { Keyspace } from "./keyspace.ts";
import { deletePieces, listPrefixes, readPieces, writePieces } from "./row-pieces.ts";

const PREFIX_BYTES = 21;
const RUN_ID_BYTES = 40;

export class ScriptCache {
  private readonly keyspace: Keyspace;
  private readonly store: OrderedStore;
  private readonly words: Int32Array;
  private readonly runId: string;

  /** `runId`: 40 hex digits, another one each time the server starts. */
  constructor(keyspace: Keyspace, shared: SharedState, runId: string) {
    this.keyspace = keyspace;
    this.store = keyspace.store;
    this.words = shared.words;
    this.runId = runId;
  }

  get isWritable(): boolean {
    return this.store.inWriteTxn;
  }

  /** At least as high as the number of flushes that any txn can show; no look at the store. */
  get flushHint(): number {
    return Atomics.load(this.words, SHARED_WORD.script_flushes);
  }

  /** Flushes in this run of the server, as the present snapshot or txn says; -1: no script was kept in this run. */
  flushes(): number {
    const { store } = this;
    this.keyspace.forgetRow();
    store.keyBuffer[0] = TABLE.scripts;
    if (store.get(1) !== RUN_ID_BYTES + 4) return -1;
    if (store.valueBuffer.latin1Slice(0, RUN_ID_BYTES) !== this.runId) return -1;
    return readU32(store.valueBuffer, RUN_ID_BYTES);
  }

  /** The script with this SHA-1 (40 lower-case hex digits), or null. */
  get(sha: string): Buffer | null {
    return this.flushes() < 0 ? null : readPieces(this.store, prefixOf(sha));
  }

  /** Keeps a script. Write txn only; so is `flush`. */
  put(sha: string, code: Buffer): void {
    if (this.flushes() < 0) this.clear(this.flushHint);
    const prefix = prefixOf(sha);
    this.keyspace.forgetRow();
    if (readPieces(this.store, prefix) === null) writePieces(this.store, prefix, code);
  }

  flush(): void {
    this.clear(Atomics.add(this.words, SHARED_WORD.script_flushes, 1) + 1);
  }

  private clear(flushes: number): void {
    const { store } = this;
    this.keyspace.forgetRow();
    for (const prefix of listPrefixes(store, TABLE.scripts, PREFIX_BYTES)) deletePieces(store, prefix);
    store.keyBuffer[0] = TABLE.scripts;
    store.putBuffer.latin1Write(this.runId, 0);
    writeU32(store.putBuffer, RUN_ID_BYTES, flushes);
    store.put(1, RUN_ID_BYTES + 4);
  }

  /** Number of scripts and bytes of their code. */
  totals(): { scripts: number; bytes: number } {
    if (this.flushes() < 0) return { scripts: 0, bytes: 0 };
    const prefixes = listPrefixes(this.store, TABLE.scripts, PREFIX_BYTES);
    const bytes = prefixes.reduce((sum, prefix) => sum + (readPieces(this.store, prefix)?.length ?? 0), 0);
    return { scripts: prefixes.length, bytes };
  }
}

function prefixOf(sha: string): Buffer {
  return Buffer.from(`${TABLE.scripts.toString(16).padStart(2, "0")}${sha}`, "hex");
}
