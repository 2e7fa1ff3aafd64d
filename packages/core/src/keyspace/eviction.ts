/**
 * Which key goes when memory is short (`maxmemory-policy`), as Redis does it: of some random keys the one that was used
 * least recently or least often, kept in a pool of good candidates from one eviction to the next; or the one that
 * expires first, which the expires table tells exactly; or any. Inside a write txn.
 */
import { randomBelow } from "../base/random.ts";
import { TABLE } from "../codec/format.ts";
import { EXPIRES_TAIL, HASH_SPACE, KEY_TAIL } from "../codec/key-codec.ts";
import { NO_EXPIRY, readRecord, readU32, readU64 } from "../codec/record.ts";
import type { AccessClock } from "./access-clock.ts";
import { keyspaceEntryBytes } from "./entry-bytes.ts";
import type { Keyspace } from "./keyspace.ts";
import { randomKey } from "./scan.ts";

export type EvictionPolicy =
  | "noeviction"
  | "volatile-lru"
  | "volatile-lfu"
  | "volatile-random"
  | "volatile-ttl"
  | "allkeys-lru"
  | "allkeys-lfu"
  | "allkeys-random";

interface Candidate {
  /** The key's row of the keys table. */
  readonly row: Buffer;
  /** The higher, the sooner it goes. */
  readonly score: number;
}

/** Candidates kept, as in Redis. */
const POOL_SIZE = 16;
/** Elements measured to tell how much memory a key gives back. */
const MEASURED_ELEMENTS = 5;

export class Eviction {
  policy: EvictionPolicy = "noeviction";
  /** `maxmemory-samples`. */
  samples = 5;
  private readonly keyspace: Keyspace;
  private readonly clock: AccessClock;
  /** By score, ascending. */
  private pool: Candidate[] = [];
  private lastDb = 0;

  constructor(keyspace: Keyspace, clock: AccessClock) {
    this.keyspace = keyspace;
    this.clock = clock;
  }

  /** Deletes one key. Returns the bytes that it took, about; 0 when the policy leaves no key to delete. */
  evictOne(): number {
    const { keyspace } = this;
    const chosen = this.choose();
    if (chosen === null) return 0;
    const { db, name } = chosen;
    const bytes = keyspaceEntryBytes(keyspace, db, name, 0, name.length, MEASURED_ELEMENTS);
    const entry = keyspace.find(db, name, 0, name.length);
    // It was due: `find` has deleted it.
    if (entry === null || bytes === null) return 1;
    keyspace.remove(db, name, 0, name.length, entry, "evict");
    keyspace.listener?.evicted(db, name);
    return bytes;
  }

  /** Forgets what was seen under another policy. */
  forget(): void {
    this.pool = [];
  }

  private choose(): { db: number; name: Buffer } | null {
    switch (this.policy) {
      case "noeviction":
        return null;
      case "allkeys-random":
        return this.randomOfAll();
      case "volatile-random":
        return this.named(this.sampleVolatile(1)[0]);
      case "volatile-ttl":
        return this.named(this.firstVolatile());
      default:
        return this.bestOfPool();
    }
  }

  /** A random key of the next database that has any. */
  private randomOfAll(): { db: number; name: Buffer } | null {
    const { keyspace } = this;
    const { count } = keyspace.databases;
    for (let i = 1; i <= count; i++) {
      const db = (this.lastDb + i) % count;
      const name = keyspace.size(db) === 0 ? null : randomKey(keyspace, db);
      if (name === null) continue;
      this.lastDb = db;
      return { db, name };
    }
    return null;
  }

  private bestOfPool(): { db: number; name: Buffer } | null {
    for (;;) {
      if (this.fillPool() === 0 && this.pool.length === 0) return null;
      for (let best = this.pool.pop(); best !== undefined; best = this.pool.pop()) {
        const found = this.named(best.row);
        if (found !== null) return found;
      }
    }
  }

  /** Adds samples of every database to the pool; returns how many keys were met. */
  private fillPool(): number {
    const rows = this.policy.startsWith("volatile") ? this.sampleVolatile(this.samples) : this.sampleAll();
    const nowMs = this.keyspace.nowMs;
    for (const row of rows) {
      const hash = readU32(row, KEY_TAIL - 4);
      const score = this.policy.endsWith("-lfu")
        ? 255 - this.clock.frequency(hash, nowMs)
        : this.clock.unusedSeconds(hash, nowMs);
      this.addCandidate({ row, score });
    }
    return rows.length;
  }

  private addCandidate(candidate: Candidate): void {
    const { pool } = this;
    if (pool.some(({ row }) => row.equals(candidate.row))) return;
    let place = 0;
    while (place < pool.length && (pool[place] as Candidate).score < candidate.score) place++;
    pool.splice(place, 0, candidate);
    if (pool.length > POOL_SIZE) pool.shift();
  }

  /** Keys from a random place of each database. */
  private sampleAll(): Buffer[] {
    const { keyspace, samples } = this;
    const rows: Buffer[] = [];
    for (let db = 0; db < keyspace.databases.count; db++) {
      if (keyspace.size(db) === 0) continue;
      const epoch = keyspace.epochOf(db);
      const isOfDb = (row: Buffer): boolean => row[0] === TABLE.keys && readU32(row, 1) === epoch;
      const wanted = Math.min(samples, keyspace.size(db));
      const start = (): number => keyspace.codec.scanStart(epoch, randomBelow(HASH_SPACE));
      rows.push(...this.rowsFrom(start, () => keyspace.codec.scanStart(epoch, 0), isOfDb, wanted));
    }
    return rows;
  }

  /** Keys with an expiry, from a random time between the first and the last. */
  private sampleVolatile(wanted: number): Buffer[] {
    const { store } = this.keyspace;
    const [first, last] = this.volatileTimes();
    const from = (time: number) => (): number => {
      store.keyBuffer[0] = TABLE.expires;
      store.keyBuffer.writeBigUInt64BE(BigInt(time), 1);
      return 9;
    };
    const time = first + Math.floor(Math.random() * (last - first + 1));
    return this.rowsFrom(from(time), from(0), (row) => row[0] === TABLE.expires, wanted).map(toKeysRow);
  }

  /** Up to `wanted` rows that `isRow` from a random place on, going on at the beginning behind the last. */
  private rowsFrom(
    start: () => number,
    beginning: () => number,
    isRow: (row: Buffer) => boolean,
    wanted: number,
  ): Buffer[] {
    const { keyspace } = this;
    const rows: Buffer[] = [];
    const cursor = keyspace.store.openCursor();
    keyspace.forgetRow();
    try {
      for (const place of [start, beginning]) {
        let found = cursor.seek(place());
        while (found && rows.length < wanted && isRow(cursor.key)) {
          const row = Buffer.from(cursor.key.subarray(0, cursor.keyLength));
          if (rows[0]?.equals(row)) return rows;
          rows.push(row);
          found = cursor.next();
        }
      }
      return rows;
    } finally {
      cursor.close();
      keyspace.forgetRow();
    }
  }

  private firstVolatile(): Buffer | undefined {
    const { store } = this.keyspace;
    const beginning = (): number => {
      store.keyBuffer[0] = TABLE.expires;
      return 1;
    };
    const isVolatile = (row: Buffer): boolean => row[0] === TABLE.expires;
    return this.rowsFrom(beginning, beginning, isVolatile, 1).map(toKeysRow)[0];
  }

  /** The first and the last expiry. */
  private volatileTimes(): [number, number] {
    const { keyspace } = this;
    const { store } = keyspace;
    const cursor = store.openCursor();
    keyspace.forgetRow();
    try {
      store.keyBuffer[0] = TABLE.expires;
      if (!cursor.seek(1) || cursor.key[0] !== TABLE.expires) return [0, 0];
      const first = readU64(cursor.key, 1);
      store.keyBuffer[0] = TABLE.expires + 1;
      return [first, cursor.seekBefore(1) ? readU64(cursor.key, 1) : first];
    } finally {
      cursor.close();
    }
  }

  /** The key of a row of the keys table that may be gone; null when it is, or has lost the expiry that it must have. */
  private named(row: Buffer | undefined): { db: number; name: Buffer } | null {
    if (row === undefined) return null;
    const { keyspace } = this;
    const { store } = keyspace;
    const db = keyspace.databases.databaseOf(readU32(row, 1));
    keyspace.forgetRow();
    row.copy(store.keyBuffer);
    // Databases beyond the configured number are out of reach.
    const n = db < 0 || db >= keyspace.databases.count ? -1 : store.get(row.length);
    if (n < 0) return null;
    const entry = readRecord(store.valueBuffer, n);
    if (entry.expireAtMs === NO_EXPIRY && this.policy.startsWith("volatile")) return null;
    return { db, name: Buffer.from(keyspace.nameOf(row, entry)) };
  }
}

/** `3 | expiry | epoch | hash | tail` as `1 | epoch | hash | tail`: the tag goes over the expiry's last byte. */
function toKeysRow(row: Buffer): Buffer {
  const keysRow = row.subarray(EXPIRES_TAIL - KEY_TAIL);
  keysRow[0] = TABLE.keys;
  return keysRow;
}
