/**
 * A process' own cache of recently used records of the keys table, below the store port: a read that finds its record
 * here costs a fifth of LMDB's search.
 *
 * It is right in every process because of stamps in the shared region: write txns are numbered (`stamps[0]` is the number
 * of the last that ended, changed under the write lock), and before a txn writes a record it puts its number into the
 * stamp of the record's bucket. An entry remembers the number of a txn that had ended before the snapshot it was read from
 * was taken. While its bucket's stamp is not higher, nobody has begun to write the record since, so the entry is what
 * every state from then until now says, and so also the snapshot being read. Numbers that are used twice (the txn's process
 * was killed) or belong to dropped txns only make stamps too high: then records are read from LMDB once more.
 * Write txns neither ask nor fill the cache: the put that follows needs LMDB's pages anyway, and so nothing is to be
 * taken back when a txn or its child is dropped.
 *
 * Layout: entries one behind the other in a ring, `[number f64 | key length u16, value length u16 | key | value]`, each part
 * on 4 bytes; an index of two ways by the hash in the row's key holds where an entry is and in which lap of the ring it was
 * written. The oldest entries are overwritten.
 */

/** Words of `stamps`: the number of the last txn, and 65,536 buckets. */
export const STAMP_WORDS = 1 + 65536;

/** Rows whose key begins with this byte are cached: the keys table. Their hash's lower 32 bits stand at HASH_AT. */
const CACHED_TABLE = 1;
const HASH_AT = 7;
const KEY_MIN = 11;
const KEY_MAX = 255;
const VALUE_MAX = 512;

const RING_BYTES = 1 << 24;
const INDEX_SLOTS = 1 << 18;
const HEADER_BYTES = 12;
/** In an index word: the entry's offset in units of 8 bytes, and above it bits of the hash that the slot does not tell. */
const PLACE_BITS = 21;
const PLACE_MASK = (1 << PLACE_BITS) - 1;
/**
 * Reads that find their record earn the right to place others, so that a working set far beyond the cache's size does not
 * pay for entries that are gone before they are used; one in ADMITTED_ANYHOW is placed all the same.
 */
const CREDIT_PER_HIT = 2;
const CREDIT_MAX = INDEX_SLOTS;
const ADMITTED_ANYHOW = 16;

export class RecordCache {
  /** Memory that the cache takes at most, bytes. */
  static readonly maxBytes: number = RING_BYTES + INDEX_SLOTS * 8;
  private readonly stamps: Float64Array;
  private readonly key: Uint8Array;
  private readonly keyWords: Int32Array;
  private readonly valueWords: Int32Array;
  private readonly ringWords: Int32Array;
  private readonly ringNumbers: Float64Array;
  private readonly ring: Uint8Array;
  /** Two words per slot: place of the entry with bits of its hash, and its lap (0: none). */
  private readonly index: Int32Array;
  private head = 0;
  private lap = 1;
  private credit = CREDIT_MAX;
  private reads = 0;
  /** Number of a txn that had ended before the present snapshot was taken. */
  private known = -1;

  /** `key` and `value` are the store's buffers, both on 4 bytes. */
  constructor(stamps: Float64Array, key: Buffer, value: Buffer) {
    this.stamps = stamps;
    this.key = key;
    this.keyWords = new Int32Array(key.buffer, key.byteOffset, key.length >> 2);
    this.valueWords = new Int32Array(value.buffer, value.byteOffset, value.length >> 2);
    // Fresh pages of the system, which take memory when they are first written.
    const memory = new ArrayBuffer(RING_BYTES);
    this.ringWords = new Int32Array(memory);
    this.ringNumbers = new Float64Array(memory);
    this.ring = new Uint8Array(memory);
    this.index = new Int32Array(INDEX_SLOTS * 2);
  }

  /** Right before a snapshot is taken. */
  open(): void {
    this.known = this.stamps[0] as number;
  }

  /** Length of the value that it has put into the value buffer; -1 when it does not know. `open` came before. */
  find(keyLength: number): number {
    const { key, ringWords } = this;
    if (key[0] !== CACHED_TABLE || keyLength < KEY_MIN) return -1;
    const hash = hashIn(key);
    let slot = (hash & (INDEX_SLOTS - 1)) << 1;
    let offset = this.entryAt(slot, hash, keyLength);
    if (offset < 0) {
      slot ^= 2;
      offset = this.entryAt(slot, hash, keyLength);
      if (offset < 0) return -1;
    }
    const number = this.ringNumbers[offset >> 3] as number;
    if ((this.stamps[1 + (hash >>> 16)] as number) > number) return -1;
    if (this.credit < CREDIT_MAX) this.credit += CREDIT_PER_HIT;
    const length = (ringWords[(offset >> 2) + 2] as number) >>> 16;
    const { valueWords } = this;
    let from = (offset + HEADER_BYTES + keyLength + 3) >> 2;
    for (let to = 0, end = (length + 3) >> 2; to < end; to++, from++) valueWords[to] = ringWords[from] as number;
    return length;
  }

  /** Notes the record that was just read from the snapshot: the value buffer holds it. */
  remember(keyLength: number, valueLength: number): void {
    if (this.key[0] !== CACHED_TABLE || keyLength < KEY_MIN || keyLength > KEY_MAX || valueLength > VALUE_MAX) return;
    if (this.credit > 0) this.credit--;
    else if (++this.reads % ADMITTED_ANYHOW !== 0) return;
    this.place(keyLength, valueLength);
  }

  /** In a write txn, before the row `key[0..keyLength)` is written or deleted. */
  stamp(key: Uint8Array, keyLength: number): void {
    if (key[0] !== CACHED_TABLE || keyLength < KEY_MIN) return;
    this.stamps[1 + (hashIn(key) >>> 16)] = (this.stamps[0] as number) + 1;
  }

  /** The write txn is over, under the lock still. */
  end(): void {
    this.stamps[0] = (this.stamps[0] as number) + 1;
  }

  /** Offset of the entry in a slot if it is the key's; else -1. */
  private entryAt(slot: number, hash: number, keyLength: number): number {
    const { index, ringWords, keyWords } = this;
    const word = index[slot] as number;
    if ((word ^ hash) >>> PLACE_BITS !== 0) return -1;
    const offset = (word & PLACE_MASK) << 3;
    const lap = index[slot + 1] as number;
    if (lap !== this.lap && (lap === 0 || lap !== this.lap - 1 || offset < this.head)) return -1;
    let at = (offset >> 2) + 2;
    if (((ringWords[at] as number) & 0xffff) !== keyLength) return -1;
    at++;
    const whole = keyLength >> 2;
    for (let i = 0; i < whole; i++) if (ringWords[at + i] !== keyWords[i]) return -1;
    const { ring, key } = this;
    for (let i = whole << 2, from = (at << 2) + i; i < keyLength; i++, from++) if (ring[from] !== key[i]) return -1;
    return offset;
  }

  private place(keyLength: number, valueLength: number): void {
    const { index, ringWords, keyWords, valueWords } = this;
    const bytes = (HEADER_BYTES + ((keyLength + 3) & ~3) + ((valueLength + 3) & ~3) + 7) & ~7;
    const hash = hashIn(this.key);
    let slot = (hash & (INDEX_SLOTS - 1)) << 1;
    let offset = this.entryAt(slot, hash, keyLength);
    if (offset < 0) {
      const other = this.entryAt(slot ^ 2, hash, keyLength);
      // Of two foreign entries the older goes.
      if (other >= 0 || this.age(slot ^ 2) > this.age(slot)) slot ^= 2;
      offset = other;
    }
    const fits = offset >= 0 && (ringWords[(offset >> 2) + 2] as number) >>> 16 === valueLength;
    if (!fits) {
      if (this.head + bytes > RING_BYTES) {
        this.head = 0;
        this.lap++;
      }
      offset = this.head;
      this.head += bytes;
      index[slot] = (offset >> 3) | (hash & ~PLACE_MASK);
    }
    index[slot + 1] = offset < this.head ? this.lap : this.lap - 1;
    this.ringNumbers[offset >> 3] = this.known;
    let at = (offset >> 2) + 2;
    ringWords[at++] = keyLength | (valueLength << 16);
    for (let i = 0, end = (keyLength + 3) >> 2; i < end; i++) ringWords[at++] = keyWords[i] as number;
    for (let i = 0, end = (valueLength + 3) >> 2; i < end; i++) ringWords[at++] = valueWords[i] as number;
  }

  /** How much was written since the entry in a slot was; Infinity when it is gone. */
  private age(slot: number): number {
    const { index } = this;
    const lap = index[slot + 1] as number;
    const offset = ((index[slot] as number) & PLACE_MASK) << 3;
    if (lap === this.lap) return this.head - offset;
    return lap !== 0 && lap === this.lap - 1 && offset >= this.head ? RING_BYTES + this.head - offset : RING_BYTES * 2;
  }
}

function hashIn(key: Uint8Array): number {
  return (
    ((key[HASH_AT] as number) << 24) |
    ((key[HASH_AT + 1] as number) << 16) |
    ((key[HASH_AT + 2] as number) << 8) |
    (key[HASH_AT + 3] as number)
  );
}
