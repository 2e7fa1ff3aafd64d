/**
 * Which epoch each database has, and how many keys live in an epoch. FLUSHDB gives a database a new epoch, SWAPDB
 * exchanges two: both are O(1) whatever the size.
 *
 * Rows in the meta table:
 *   `epochs`      change counter u32 | next epoch u32 | databases u32 | { epoch u32, swaps u32 } per database
 *   `counts` + epoch u32   keys 8 B | expires 8 B | sum of the expiries as a double, for avg_ttl
 *   `generation`  next generation 8 B
 * The rows are the truth; this object holds what the present snapshot or write txn says. `load` is called whenever a
 * snapshot is renewed or a txn begins: one get, and a decode only when the change counter moved.
 */
import type { KeyCodec } from "../codec/key-codec.ts";
import { readU32, readU64, writeU32, writeU64 } from "../codec/record.ts";
import type { OrderedStore } from "../store/ordered-store.ts";

/** The year 2248. */
const EXPIRY_IN_SUM_MAX = 2 ** 43;

export interface Counts {
  keys: number;
  expires: number;
  /** Sum of the expiries, unix ms, each counted as at most EXPIRY_IN_SUM_MAX. */
  expirySum: number;
  dirty: boolean;
}

export class Databases {
  readonly count: number;
  readonly epochs: Uint32Array;
  /** SWAPDBs per database; WATCH compares it. */
  readonly swaps: Uint32Array;
  /** Epochs of databases that exist, but not in this configuration (`databases` was lowered). */
  private readonly hidden: number[] = [];
  private readonly store: OrderedStore;
  private readonly codec: KeyCodec;
  /** Change counter of the row that was decoded last; -1: none was, or what it said does not hold any more. */
  private changes = -1;
  private readonly scratch: Buffer = Buffer.alloc(8);
  private nextEpoch = 1;
  private epochsDirty = false;
  /** 0 when not read in this txn. */
  private nextGeneration = 0;
  private generationDirty = false;
  private readonly counts: Map<number, Counts> = new Map();

  constructor(store: OrderedStore, codec: KeyCodec, count: number) {
    this.store = store;
    this.codec = codec;
    this.count = count;
    this.epochs = new Uint32Array(count);
    this.swaps = new Uint32Array(count);
  }

  /** Makes sure that every database has an epoch. In a write txn, at start. */
  create(): void {
    this.load();
    for (let db = 0; db < this.count; db++) {
      if (this.epochs[db] === 0) {
        this.epochs[db] = this.nextEpoch++;
        this.epochsDirty = true;
      }
    }
  }

  /** Takes over what the fresh snapshot or the just opened write txn says. */
  load(): void {
    if (this.counts.size > 0) this.counts.clear();
    this.nextGeneration = 0;
    this.generationDirty = false;
    this.epochsDirty = false;
    const n = this.store.get(this.codec.metaRow("epochs"));
    if (n < 0) return;
    const v = this.store.valueBuffer;
    const changes = readU32(v, 0);
    if (changes === this.changes) return;
    this.changes = changes;
    this.nextEpoch = readU32(v, 4);
    const stored = readU32(v, 8);
    this.hidden.length = 0;
    for (let db = 0; db < stored; db++) {
      const epoch = readU32(v, 12 + db * 8);
      if (db >= this.count) {
        this.hidden.push(epoch);
        continue;
      }
      this.epochs[db] = epoch;
      this.swaps[db] = readU32(v, 16 + db * 8);
    }
  }

  /** Writes what the txn changed. Called once, right before its commit. */
  flush(): void {
    for (const [epoch, counts] of this.counts) if (counts.dirty) this.writeCounts(epoch, counts);
    const put = this.store.putBuffer;
    if (this.generationDirty) {
      writeU64(put, 0, this.nextGeneration);
      this.store.put(this.codec.metaRow("generation"), 8);
    }
    if (this.epochsDirty) this.writeEpochs();
  }

  private writeEpochs(): void {
    // Databases beyond the configured number (it was lowered) keep their rows.
    const n = this.store.get(this.codec.metaRow("epochs"));
    const put = this.store.putBuffer;
    const stored = n < 0 ? 0 : readU32(this.store.valueBuffer, 8);
    if (n > 0) this.store.valueBuffer.copy(put, 0, 0, n);
    const total = Math.max(stored, this.count);
    writeU32(put, 0, n < 0 ? 1 : (readU32(this.store.valueBuffer, 0) + 1) >>> 0);
    this.changes = -1;
    writeU32(put, 4, this.nextEpoch);
    writeU32(put, 8, total);
    for (let db = 0; db < this.count; db++) {
      writeU32(put, 12 + db * 8, this.epochs[db] as number);
      writeU32(put, 16 + db * 8, this.swaps[db] as number);
    }
    this.store.put(this.codec.metaRow("epochs"), 12 + total * 8);
  }

  private writeCounts(epoch: number, counts: Counts): void {
    const put = this.store.putBuffer;
    writeU64(put, 0, counts.keys);
    writeU64(put, 8, counts.expires);
    put.writeDoubleBE(counts.expirySum, 16);
    this.store.put(this.countsRow(epoch), 24);
    counts.dirty = false;
  }

  private countsRow(epoch: number): number {
    const n = this.codec.metaRow("counts");
    writeU32(this.store.keyBuffer, n, epoch);
    return n + 4;
  }

  /** Counts of an epoch. In a write txn the object may be changed, with `dirty` set. */
  countsOf(epoch: number): Counts {
    let counts = this.counts.get(epoch);
    if (counts === undefined) {
      const n = this.store.get(this.countsRow(epoch));
      const v = this.store.valueBuffer;
      counts =
        n < 0
          ? { keys: 0, expires: 0, expirySum: 0, dirty: false }
          : { keys: readU64(v, 0), expires: readU64(v, 8), expirySum: this.readDouble(v, 16), dirty: false };
      this.counts.set(epoch, counts);
    }
    return counts;
  }

  /** Byte by byte, since the store's value buffer allows only index access. */
  private readDouble(b: Uint8Array, at: number): number {
    for (let i = 0; i < 8; i++) this.scratch[i] = b[at + i] as number;
    return this.scratch.readDoubleBE(0);
  }

  /** Notes that a key of the epoch got (`by` 1) or lost (-1) the expiry. */
  countExpiry(epoch: number, expireAtMs: number, by: 1 | -1): void {
    const counts = this.countsOf(epoch);
    counts.expires += by;
    // Starting afresh at none, the sum keeps no rounding errors; far expiries would drown the others.
    counts.expirySum = counts.expires === 0 ? 0 : counts.expirySum + by * Math.min(expireAtMs, EXPIRY_IN_SUM_MAX);
    counts.dirty = true;
  }

  countKey(epoch: number, by: 1 | -1): void {
    const counts = this.countsOf(epoch);
    counts.keys += by;
    counts.dirty = true;
  }

  /** Forgets the counts row of an epoch that is gone. */
  dropCounts(epoch: number): void {
    this.counts.delete(epoch);
    this.store.delete(this.countsRow(epoch));
  }

  /** A generation never used before. Write txn only. */
  newGeneration(): number {
    this.nextGeneration = this.upcomingGeneration();
    this.generationDirty = true;
    return this.nextGeneration++;
  }

  /** The number that the next generation will have. */
  upcomingGeneration(): number {
    if (this.nextGeneration !== 0) return this.nextGeneration;
    const n = this.store.get(this.codec.metaRow("generation"));
    return n < 0 ? 1 : readU64(this.store.valueBuffer, 0);
  }

  /** The number that the next epoch will have. */
  get upcomingEpoch(): number {
    return this.nextEpoch;
  }

  /** Gives a database a new, empty epoch; returns the old one. */
  renew(db: number): number {
    const old = this.epochs[db] as number;
    this.epochs[db] = this.nextEpoch++;
    this.epochsDirty = true;
    return old;
  }

  swap(a: number, b: number): void {
    const epoch = this.epochs[a] as number;
    this.epochs[a] = this.epochs[b] as number;
    this.epochs[b] = epoch;
    this.swaps[a] = ((this.swaps[a] as number) + 1) >>> 0;
    this.swaps[b] = ((this.swaps[b] as number) + 1) >>> 0;
    this.epochsDirty = true;
  }

  /** The database that has the epoch now, perhaps one beyond `count`; -1 when it was flushed. */
  databaseOf(epoch: number): number {
    const db = this.epochs.indexOf(epoch);
    if (db >= 0) return db;
    const hidden = this.hidden.indexOf(epoch);
    return hidden < 0 ? -1 : this.count + hidden;
  }

  /** The txn was dropped: forget what it changed. The next `load` takes the rest from the store. */
  abort(): void {
    this.counts.clear();
    this.nextGeneration = 0;
    this.generationDirty = false;
    if (this.epochsDirty) this.changes = -1;
    this.epochsDirty = false;
  }
}
