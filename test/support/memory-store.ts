/**
 * OrderedStore in memory, for unit tests: a sorted array with binary search. It keeps the port's contract strictly: what
 * the port leaves undefined is overwritten on purpose (the key buffer and the value buffer at cursor moves), so that
 * code which relies on it fails here and not only on LMDB.
 */
import { type Cursor, MAX_KEY_BYTES, MAX_VALUE_BYTES, type OrderedStore, type StoreStats } from "@keydb-ts/core";

interface Row {
  readonly key: Buffer;
  value: Buffer;
}
interface Undo {
  readonly key: Buffer;
  /** The value before the write; null when there was no row. */
  readonly value: Buffer | null;
}
const GARBAGE = 0xa5;

export class MemoryStore implements OrderedStore {
  readonly keyBuffer: Buffer = Buffer.alloc(4096);
  readonly valueBuffer: Buffer = Buffer.alloc(MAX_VALUE_BYTES);
  readonly putBuffer: Buffer = Buffer.alloc(MAX_VALUE_BYTES);
  inWriteTxn = false;
  /** One process only. */
  readonly contended = false;
  lockPurpose = 0;
  lockHolder(): null {
    return null;
  }
  era = 0;
  private readonly rows: Row[] = [];
  /** What to take back if the write txn is dropped. */
  private undo: Undo[] = [];

  renewSnapshot(): void {
    if (this.inWriteTxn) throw new Error("renewSnapshot inside a write txn");
    this.era++;
  }

  releaseSnapshot(): void {
    if (!this.inWriteTxn) this.era++;
  }

  begin(_timeoutMs: number): boolean {
    if (this.inWriteTxn) throw new Error("begin inside a write txn");
    this.era++;
    this.inWriteTxn = true;
    return true;
  }

  commit(_durable: boolean): void {
    if (!this.inWriteTxn) throw new Error("commit outside a write txn");
    this.leave();
  }

  abort(): void {
    if (!this.inWriteTxn) throw new Error("abort outside a write txn");
    for (const { key, value } of this.undo.toReversed()) this.write(key, value);
    this.leave();
  }

  get(keyLength: number): number {
    const row = this.rows[this.find(this.keyBuffer, keyLength)];
    if (row === undefined || !row.key.equals(this.keyBuffer.subarray(0, keyLength))) return -1;
    return row.value.copy(this.valueBuffer);
  }

  has(keyLength: number): boolean {
    return this.get(keyLength) >= 0;
  }

  put(keyLength: number, valueLength: number): void {
    this.putFrom(keyLength, this.putBuffer, 0, valueLength);
  }

  insert(keyLength: number, valueLength: number): boolean {
    if (this.has(keyLength)) return false;
    this.put(keyLength, valueLength);
    return true;
  }

  putFrom(keyLength: number, value: Uint8Array, start: number, end: number): void {
    this.requireWritable();
    this.requireKey(keyLength);
    if (!(end - start >= 0 && end - start <= MAX_VALUE_BYTES)) throw new RangeError(`value of ${end - start} bytes`);
    const key = Buffer.from(this.keyBuffer.subarray(0, keyLength));
    const previous = this.write(key, Buffer.from(value.subarray(start, end)));
    this.undo.push({ key, value: previous });
  }

  delete(keyLength: number): boolean {
    this.requireWritable();
    this.requireKey(keyLength);
    const key = Buffer.from(this.keyBuffer.subarray(0, keyLength));
    const previous = this.write(key, null);
    if (previous !== null) this.undo.push({ key, value: previous });
    return previous !== null;
  }

  openCursor(): Cursor {
    return new MemoryCursor(this);
  }

  /** Index of the first row whose key is >= key[0..keyLength). */
  find(key: Buffer, keyLength: number): number {
    let low = 0;
    let high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const row = this.rows[middle] as Row;
      if (row.key.compare(key, 0, keyLength) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  rowAt(index: number): Row | undefined {
    return this.rows[index];
  }

  private write(key: Buffer, value: Buffer | null): Buffer | null {
    const index = this.find(key, key.length);
    const row = this.rows[index];
    if (row?.key.equals(key)) {
      const previous = row.value;
      if (value === null) this.rows.splice(index, 1);
      else row.value = value;
      return previous;
    }
    if (value !== null) this.rows.splice(index, 0, { key, value });
    return null;
  }

  stats(): StoreStats {
    let usedBytes = 0;
    for (const row of this.rows) usedBytes += row.key.length + row.value.length;
    return {
      usedBytes,
      pageSizeBytes: 1,
      treeDepth: 1,
      branchPages: 0,
      leafPages: usedBytes,
      overflowPages: 0,
      freePages: 0,
      entries: this.rows.length,
      lastTxnId: this.era,
      readers: 1,
      maxReaders: 1,
    };
  }

  private leave(): void {
    this.undo = [];
    this.inWriteTxn = false;
    this.era++;
  }

  private requireWritable(): void {
    if (!this.inWriteTxn) throw new Error("write outside a write txn");
  }

  private requireKey(keyLength: number): void {
    if (keyLength < 1 || keyLength > MAX_KEY_BYTES) throw new RangeError(`key of ${keyLength} bytes`);
  }
}

class MemoryCursor implements Cursor {
  readonly key: Buffer = Buffer.alloc(MAX_KEY_BYTES);
  keyLength = 0;
  private readonly store: MemoryStore;
  private readonly era: number;
  private isOpen = true;
  private isDeleted = false;

  constructor(store: MemoryStore) {
    this.store = store;
    this.era = store.era;
  }

  seek(keyLength: number): boolean {
    this.requireUsable();
    return this.arrive(this.store.find(this.store.keyBuffer, keyLength));
  }

  seekBefore(keyLength: number): boolean {
    this.requireUsable();
    return this.arrive(this.store.find(this.store.keyBuffer, keyLength) - 1);
  }

  next(): boolean {
    this.requireUsable();
    if (this.keyLength === 0) return false;
    const index = this.store.find(this.key, this.keyLength);
    return this.arrive(this.isAt(index) ? index + 1 : index);
  }

  prev(): boolean {
    this.requireUsable();
    return this.keyLength !== 0 && this.arrive(this.store.find(this.key, this.keyLength) - 1);
  }

  readValue(): number {
    return this.currentRow().value.copy(this.store.valueBuffer);
  }

  deleteCurrent(): void {
    this.currentRow();
    const { keyBuffer } = this.store;
    const saved = Buffer.from(keyBuffer.subarray(0, this.keyLength));
    this.key.copy(keyBuffer, 0, 0, this.keyLength);
    this.store.delete(this.keyLength);
    saved.copy(keyBuffer);
    this.isDeleted = true;
  }

  close(): void {
    this.isOpen = false;
  }

  private arrive(index: number): boolean {
    const row = this.store.rowAt(index);
    this.store.keyBuffer.fill(GARBAGE, 0, MAX_KEY_BYTES);
    this.store.valueBuffer.fill(GARBAGE, 0, 256);
    this.isDeleted = false;
    this.keyLength = row === undefined ? 0 : row.key.copy(this.key);
    return row !== undefined;
  }

  private isAt(index: number): boolean {
    return this.store.rowAt(index)?.key.equals(this.key.subarray(0, this.keyLength)) ?? false;
  }

  private currentRow(): Row {
    this.requireUsable();
    if (this.keyLength === 0) throw new Error("the cursor is on no row");
    const index = this.store.find(this.key, this.keyLength);
    const row = this.store.rowAt(index);
    if (this.isDeleted || row === undefined || !this.isAt(index)) throw new Error("the cursor's row was deleted");
    return row;
  }

  private requireUsable(): void {
    if (!this.isOpen || this.era !== this.store.era) throw new Error("cursor used after its snapshot or txn ended");
  }
}
