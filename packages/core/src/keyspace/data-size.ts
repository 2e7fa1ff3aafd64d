/**
 * How many bytes the data takes, for `maxmemory`: the rows that exist, each with its share of a page that is filled as
 * pages are after random inserts, and the pages of long values. The pages of the tree themselves do not tell: LMDB gives
 * one back only when it is three quarters empty, so that a limit on them would evict most keys before it saw any
 * effect. Rows are counted exactly; their mean length is estimated from samples, of key records and of elements apart.
 */
import { TABLE } from "../codec/format.ts";
import { ELEMENT_SUBKEY, HASH_SPACE } from "../codec/key-codec.ts";
import { readU64 } from "../codec/record.ts";
import type { Cursor } from "../store/ordered-store.ts";
import { rowLeafBytes } from "./entry-bytes.ts";
import type { Keyspace } from "./keyspace.ts";

/** Samples of each kind that one measurement adds. */
const SAMPLES = 4;
/** A mean follows what the data becomes with this many samples as its memory. */
const MEMORY = 256;
/** LMDB's two meta pages and a root: what an empty store takes. */
const FIXED_PAGES = 3;
/** A row of the expires table: its time, and the tail of a key of usual length. */
const EXPIRES_ROW_BYTES = rowLeafBytes(40, 0);

class RunningMean {
  private mean = 0;
  private samples = 0;

  /** `otherwise`: what is told as long as there was no sample. */
  value(otherwise: number): number {
    return this.samples === 0 ? otherwise : this.mean;
  }

  add(sample: number): void {
    if (this.samples < MEMORY) this.samples++;
    this.mean += (sample - this.mean) / this.samples;
  }
}

export class DataSize {
  private readonly keyspace: Keyspace;
  private readonly keyBytes = new RunningMean();
  private readonly elementBytes = new RunningMean();

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace;
  }

  /** Bytes of what neither waits to be reclaimed nor belongs to a large value, of the last `read`: certainly in use. */
  live = 0;

  /** Bytes, on the present snapshot. O(1): some seeks. */
  read(): number {
    const { store, databases } = this.keyspace;
    const stats = store.stats();
    let keys = 0;
    let expires = 0;
    for (let db = 0; db < databases.count; db++) {
      const counts = databases.countsOf(databases.epochs[db] as number);
      keys += counts.keys;
      expires += counts.expires;
      if (counts.keys > 0) this.sampleKeys(databases.epochs[db] as number);
    }
    const elements = Math.max(0, stats.entries - keys - expires);
    if (elements > 0) this.sampleElements();
    this.keyspace.forgetRow();
    // Functions, scripts and the like are rows that are not sampled.
    const meanRow = (stats.leafPages * stats.pageSizeBytes) / Math.max(1, stats.entries);
    const base = FIXED_PAGES * stats.pageSizeBytes;
    this.live = Math.round(base + keys * this.keyBytes.value(meanRow) + expires * EXPIRES_ROW_BYTES);
    const values = (stats.overflowPages + stats.branchPages) * stats.pageSizeBytes;
    return Math.round(this.live + values + elements * this.elementBytes.value(meanRow));
  }

  private sampleKeys(epoch: number): void {
    const { store, codec } = this.keyspace;
    const cursor = store.openCursor();
    try {
      for (let i = 0; i < SAMPLES; i++) {
        const found = cursor.seek(codec.scanStart(epoch, Math.floor(Math.random() * HASH_SPACE)));
        if (found && cursor.key[0] === TABLE.keys) this.keyBytes.add(lengthOf(cursor));
      }
    } finally {
      cursor.close();
    }
  }

  /** Rows from random places: of a random generation, behind a random subkey. */
  private sampleElements(): void {
    const { store, codec } = this.keyspace;
    const newest = this.keyspace.databases.upcomingGeneration();
    const cursor = store.openCursor();
    try {
      store.keyBuffer[0] = TABLE.elements;
      if (!cursor.seek(1) || cursor.key[0] !== TABLE.elements) return;
      const oldest = readU64(cursor.key, 1);
      for (let i = 0; i < SAMPLES; i++) {
        codec.elementRow(oldest + Math.floor(Math.random() * (newest - oldest)));
        store.keyBuffer.writeUInt32BE(Math.floor(Math.random() * 2 ** 31), ELEMENT_SUBKEY);
        if (cursor.seek(ELEMENT_SUBKEY + 4) && cursor.key[0] === TABLE.elements)
          this.elementBytes.add(lengthOf(cursor));
      }
    } finally {
      cursor.close();
    }
  }
}

function lengthOf(cursor: Cursor): number {
  return rowLeafBytes(cursor.keyLength, cursor.readValue());
}
