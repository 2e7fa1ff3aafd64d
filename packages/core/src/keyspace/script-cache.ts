/**
 * The cache of EVAL scripts in the store: one for all processes, forgotten when the server starts, as in Redis.
 *
 *   `7`                         id of the server's run (40 hex digits) | number of flushes u32 | scripts u32 |
 *                               bytes of all scripts 8 B
 *   `7 | SHA-1 20 B | piece u32` pieces of the script
 *
 * Rows of another run of the server count as absent; the first write removes them. A flush also counts up a word in shared
 * memory, so that a process learns without a look at the store that its compiled scripts may be obsolete.
 */
import { TABLE } from "../codec/format.ts";
import { readU32, readU64, writeU32, writeU64 } from "../codec/record.ts";
import { SHARED_WORD } from "../ports/counters.ts";
import type { SharedState } from "../ports/shared-state.ts";
import type { OrderedStore } from "../store/ordered-store.ts";
import type { Keyspace } from "./keyspace.ts";
import { deletePieces, listPrefixes, readPieces, writePieces } from "./row-pieces.ts";

/** Table and SHA-1. */
export const SCRIPT_PREFIX_BYTES = 21;
const RUN_ID_BYTES = 40;
const STATE_BYTES = RUN_ID_BYTES + 16;

interface State {
  readonly flushes: number;
  readonly scripts: number;
  readonly bytes: number;
}

/** The state row, of whatever run of the server; null when there is none. */
function readState(keyspace: Keyspace): (State & { readonly runId: string }) | null {
  const { store } = keyspace;
  keyspace.forgetRow();
  store.keyBuffer[0] = TABLE.scripts;
  if (store.get(1) !== STATE_BYTES) return null;
  const { valueBuffer } = store;
  return {
    runId: valueBuffer.latin1Slice(0, RUN_ID_BYTES),
    flushes: readU32(valueBuffer, RUN_ID_BYTES),
    scripts: readU32(valueBuffer, RUN_ID_BYTES + 4),
    bytes: readU64(valueBuffer, RUN_ID_BYTES + 8),
  };
}

/** What the state row says of the scripts that lie in the table, be they of this run of the server or an older one. */
export function readScriptTotals(keyspace: Keyspace): { readonly scripts: number; readonly bytes: number } | null {
  return readState(keyspace);
}

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

  /** What the present snapshot or txn says; null: no script was kept in this run of the server. One get. */
  private state(): State | null {
    const state = readState(this.keyspace);
    return state === null || state.runId !== this.runId ? null : state;
  }

  private writeState({ flushes, scripts, bytes }: State): void {
    const { store } = this;
    store.keyBuffer[0] = TABLE.scripts;
    store.putBuffer.latin1Write(this.runId, 0);
    writeU32(store.putBuffer, RUN_ID_BYTES, flushes);
    writeU32(store.putBuffer, RUN_ID_BYTES + 4, scripts);
    writeU64(store.putBuffer, RUN_ID_BYTES + 8, bytes);
    store.put(1, STATE_BYTES);
  }

  /** Flushes in this run of the server that the present snapshot or txn knows of. */
  flushes(): number {
    return this.state()?.flushes ?? 0;
  }

  /** The script with this SHA-1 (40 lower-case hex digits), or null. */
  get(sha: string): Buffer | null {
    return this.state() === null ? null : readPieces(this.store, prefixOf(sha));
  }

  /** Keeps a script. Write txn only; so is `flush`. */
  put(sha: string, code: Buffer): void {
    const prefix = prefixOf(sha);
    let state = this.state();
    if (state === null) {
      state = { flushes: this.flushHint, scripts: 0, bytes: 0 };
      this.clear();
    } else if (readPieces(this.store, prefix) !== null) return;
    writePieces(this.store, prefix, code);
    this.writeState({ flushes: state.flushes, scripts: state.scripts + 1, bytes: state.bytes + code.length });
  }

  flush(): void {
    this.keyspace.forgetRow();
    this.clear();
    const flushes = Atomics.add(this.words, SHARED_WORD.script_flushes, 1) + 1;
    this.writeState({ flushes, scripts: 0, bytes: 0 });
  }

  private clear(): void {
    for (const prefix of listPrefixes(this.store, TABLE.scripts, SCRIPT_PREFIX_BYTES)) deletePieces(this.store, prefix);
  }

  /** Number of scripts and bytes of their code. */
  totals(): { scripts: number; bytes: number } {
    return this.state() ?? { scripts: 0, bytes: 0 };
  }
}

function prefixOf(sha: string): Buffer {
  return Buffer.from(`${TABLE.scripts.toString(16).padStart(2, "0")}${sha}`, "hex");
}
