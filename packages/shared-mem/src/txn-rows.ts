/**
 * Rows that a write txn writes or reads again and again: the record of a collection that a pipeline adds to, the upper
 * nodes of its tree. From the second time on they are kept here, and LMDB gets them once, when the txn ends
 * or their place is needed. A put in LMDB costs a search and a native call, here a comparison and a copy.
 *
 * Invariants
 * - a row that has a slot exists in LMDB: only values may be newer here. So cursors find the right rows, and only who reads
 *   a value through a cursor has `flush` called before;
 * - what is held belongs to the present write txn: `clear` when it ends.
 *
 * A slot per row, found by a hash of its key. A row comes in when the same operation meets it twice in a txn, so rows that
 * are met once cost no copy. Whoever is used earns credit, and goes when others have wanted the slot as often.
 */

const SLOTS = 256;
const KEY_BYTES = 64;
const KEY_WORDS = KEY_BYTES >> 2;
const VALUE_MAX = 8192;
const FIRST_VALUE_BYTES = 256;
const CREDIT_MAX = 8;
/** From here on the native copy is cheaper than a loop. */
const NATIVE_COPY_MIN = 64;

/** What was done with the row of a slot in this txn. */
const SEEN = { get: 1, put: 2 } as const;
/** `lengths` of a slot that knows no value. */
const NO_VALUE = -1;

/** Writes a held row to LMDB; its key is in the key buffer. */
export type RowWriter = (keyLength: number, value: Buffer, valueLength: number) => void;

export class TxnRows {
  private readonly key: Buffer;
  private readonly keyWords: Int32Array;
  private readonly write: RowWriter;
  private readonly keys: Int32Array = new Int32Array(SLOTS * KEY_WORDS);
  private readonly keyLengths: Uint8Array = new Uint8Array(SLOTS);
  private readonly values: Buffer[] = Array.from({ length: SLOTS }, () => NOTHING);
  private readonly lengths: Int32Array = new Int32Array(SLOTS);
  private readonly seen: Uint8Array = new Uint8Array(SLOTS);
  private readonly credit: Uint8Array = new Uint8Array(SLOTS);
  private readonly isDirty: Uint8Array = new Uint8Array(SLOTS);
  /** In which txn a slot was taken; others are free. */
  private readonly takenIn: Float64Array = new Float64Array(SLOTS);
  private txn = 1;
  private dirtyCount = 0;
  private readonly savedKey: Int32Array = new Int32Array(KEY_WORDS);

  /** `key` is the store's key buffer, on 4 bytes. */
  constructor(key: Buffer, write: RowWriter) {
    this.key = key;
    this.keyWords = new Int32Array(key.buffer, key.byteOffset, key.length >> 2);
    this.write = write;
  }

  /** Length of the value, which is put into `target`; -1 when LMDB is to be asked. */
  get(keyLength: number, target: Buffer): number {
    const slot = this.find(keyLength);
    if (slot < 0) return -1;
    const length = this.lengths[slot] as number;
    if (length === NO_VALUE) return -1;
    copy(this.values[slot] as Buffer, target, length);
    this.earn(slot);
    return length;
  }

  /** Whether the row is known to exist. */
  has(keyLength: number): boolean {
    return this.find(keyLength) >= 0;
  }

  /** LMDB was asked for the row and left its value in `source`. */
  wasRead(keyLength: number, source: Buffer, length: number): void {
    if (length > VALUE_MAX || keyLength > KEY_BYTES) return;
    const slot = this.find(keyLength);
    if (slot < 0) this.take(keyLength, SEEN.get);
    else if (((this.seen[slot] as number) & SEEN.get) !== 0) this.hold(slot, source, 0, length);
    else this.seen[slot] = (this.seen[slot] as number) | SEEN.get;
  }

  /** Takes over a value that is to be written; false when LMDB has to write it. */
  put(keyLength: number, source: Uint8Array, start: number, length: number): boolean {
    const slot = this.find(keyLength);
    if (slot < 0) {
      if (length <= VALUE_MAX && keyLength <= KEY_BYTES) this.take(keyLength, SEEN.put);
      return false;
    }
    if (length > VALUE_MAX) {
      this.drop(slot);
      return false;
    }
    if (((this.seen[slot] as number) & SEEN.put) === 0) {
      this.seen[slot] = (this.seen[slot] as number) | SEEN.put;
      this.lengths[slot] = NO_VALUE;
      return false;
    }
    this.hold(slot, source, start, length);
    if (this.isDirty[slot] === 0) {
      this.isDirty[slot] = 1;
      this.dirtyCount++;
    }
    return true;
  }

  /** The row `key[0..keyLength)` is deleted. The key need not be in the key buffer. */
  forget(key: Buffer, keyLength: number): void {
    if (keyLength > KEY_BYTES) return;
    if (key !== this.key) {
      this.saveKey();
      key.copy(this.key, 0, 0, keyLength);
      const slot = this.find(keyLength);
      this.restoreKey();
      if (slot >= 0) this.drop(slot);
      return;
    }
    const slot = this.find(keyLength);
    if (slot >= 0) this.drop(slot);
  }

  /** Writes what LMDB does not have yet. The key buffer stays as it was. */
  flush(): void {
    if (this.dirtyCount === 0) return;
    for (let slot = 0; slot < SLOTS; slot++) if (this.isDirty[slot] !== 0) this.flushSlot(slot);
  }

  /** Lets go of everything, unwritten values too. */
  clear(): void {
    this.txn++;
    if (this.dirtyCount === 0) return;
    this.dirtyCount = 0;
    this.isDirty.fill(0);
  }

  // ------------------------------------------------------------------------------------------ slots

  /** The slot that holds the row whose key is in the key buffer; -1 when there is none. */
  private find(keyLength: number): number {
    if (keyLength > KEY_BYTES) return -1;
    const slot = this.place(keyLength);
    if (this.takenIn[slot] !== this.txn || this.keyLengths[slot] !== keyLength) return -1;
    const { keys, keyWords } = this;
    const at = slot * KEY_WORDS;
    const whole = keyLength >> 2;
    for (let i = 0; i < whole; i++) if (keys[at + i] !== keyWords[i]) return -1;
    const rest = keyLength & 3;
    if (rest === 0) return slot;
    return (((keys[at + whole] as number) ^ (keyWords[whole] as number)) & lowBytes(rest)) === 0 ? slot : -1;
  }

  private place(keyLength: number): number {
    const { keyWords } = this;
    const whole = keyLength >> 2;
    let hash = keyLength;
    for (let i = 0; i < whole; i++) hash = Math.imul(hash ^ (keyWords[i] as number), 0x9e3779b1) ^ (hash >>> 15);
    const rest = keyLength & 3;
    if (rest !== 0) hash = Math.imul(hash ^ ((keyWords[whole] as number) & lowBytes(rest)), 0x9e3779b1);
    return (hash >>> 16) & (SLOTS - 1);
  }

  /** Gives the slot of the key to its row, which was just met, if nobody holds it with credit. */
  private take(keyLength: number, seen: number): void {
    const slot = this.place(keyLength);
    if (this.takenIn[slot] === this.txn) {
      const credit = this.credit[slot] as number;
      if (credit > 0) {
        this.credit[slot] = credit - 1;
        return;
      }
      if (this.isDirty[slot] !== 0) this.flushSlot(slot);
    }
    const { keys, keyWords } = this;
    const at = slot * KEY_WORDS;
    for (let i = 0, words = (keyLength + 3) >> 2; i < words; i++) keys[at + i] = keyWords[i] as number;
    this.takenIn[slot] = this.txn;
    this.keyLengths[slot] = keyLength;
    this.lengths[slot] = NO_VALUE;
    this.seen[slot] = seen;
    this.credit[slot] = 0;
  }

  private hold(slot: number, source: Uint8Array, start: number, length: number): void {
    let value = this.values[slot] as Buffer;
    if (value.length < length) {
      let size = FIRST_VALUE_BYTES;
      while (size < length) size *= 2;
      value = Buffer.allocUnsafeSlow(size);
      this.values[slot] = value;
    }
    if (length <= NATIVE_COPY_MIN) for (let i = 0; i < length; i++) value[i] = source[start + i] as number;
    else if (source instanceof Buffer) source.copy(value, 0, start, start + length);
    else value.set(source.subarray(start, start + length));
    this.lengths[slot] = length;
    this.earn(slot);
  }

  private earn(slot: number): void {
    const credit = this.credit[slot] as number;
    if (credit < CREDIT_MAX) this.credit[slot] = credit + 1;
  }

  private drop(slot: number): void {
    this.takenIn[slot] = 0;
    if (this.isDirty[slot] === 0) return;
    this.isDirty[slot] = 0;
    this.dirtyCount--;
  }

  private flushSlot(slot: number): void {
    const { keys, keyWords } = this;
    const keyLength = this.keyLengths[slot] as number;
    const at = slot * KEY_WORDS;
    this.isDirty[slot] = 0;
    this.dirtyCount--;
    this.saveKey();
    for (let i = 0, words = (keyLength + 3) >> 2; i < words; i++) keyWords[i] = keys[at + i] as number;
    try {
      this.write(keyLength, this.values[slot] as Buffer, this.lengths[slot] as number);
    } finally {
      this.restoreKey();
    }
  }

  private saveKey(): void {
    for (let i = 0; i < KEY_WORDS; i++) this.savedKey[i] = this.keyWords[i] as number;
  }

  private restoreKey(): void {
    for (let i = 0; i < KEY_WORDS; i++) this.keyWords[i] = this.savedKey[i] as number;
  }
}

const NOTHING: Buffer = Buffer.alloc(0);

/** Mask of the first `count` bytes (1 to 3) of a word in memory; the machines that the addon is built for are little endian. */
function lowBytes(count: number): number {
  return (1 << (8 * count)) - 1;
}

function copy(from: Buffer, to: Buffer, length: number): void {
  if (length <= NATIVE_COPY_MIN) for (let i = 0; i < length; i++) to[i] = from[i] as number;
  else from.copy(to, 0, 0, length);
}
