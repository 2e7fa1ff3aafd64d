/**
 * A checker of the whole store, for DEBUG and tests: every row must belong to something and every count be right.
 *
 *   keys      the record can be read, the hash (and the digest of a long key) is the key's, its epoch is a database's or
 *             in the trash, its expiry has a row
 *   elements  every generation has exactly one owner: a record's value, a record's long name, or the trash
 *   expires   the record of every row exists and has that expiry; so for the earliest deadlines of members and for jobs
 *   trash     nothing in it is in use
 *   functions, scripts   see check-scripts.ts
 *   meta      counts per epoch equal what was counted; the next epoch and generation are beyond all that exist
 *
 * Works on the present snapshot (or write txn), in one pass per table; memory is two numbers per collection.
 */
import { deadlineTable, isChunked, isKnownType, TABLE, TRASH_KIND } from "../codec/format.ts";
import { ELEMENT_SUBKEY, EXPIRES_TAIL, KEY_TAIL, SHORT_KEY_MAX } from "../codec/key-codec.ts";
import { type Entry, NO_EXPIRY, readRecord, readU32, readU64 } from "../codec/record.ts";
import type { Cursor } from "../store/ordered-store.ts";
import { checkScripts } from "./check-scripts.ts";
import { CHUNK_BYTES } from "./chunks.ts";
import type { Keyspace } from "./keyspace.ts";

export interface CheckReport {
  /** What is wrong, at most MAX_PROBLEMS lines. */
  readonly problems: string[];
  /** How many things are wrong. */
  problemCount: number;
  keys: number;
  expires: number;
  /** Generations with elements, owned or in the trash. */
  generations: number;
  elements: number;
  trash: number;
}

/** A type's own check of a value with elements; calls `problem` with what is wrong. */
export type ValueChecker = (keyspace: Keyspace, entry: Entry, problem: (text: string) => void) => void;

const MAX_PROBLEMS = 100;
/** What owns a generation. */
const OWNER = { value: 1, name: 2, trash: 3 } as const;

interface EpochCount {
  keys: number;
  expires: number;
}

class Checker {
  readonly report: CheckReport = {
    problems: [],
    problemCount: 0,
    keys: 0,
    expires: 0,
    generations: 0,
    elements: 0,
    trash: 0,
  };
  private readonly keyspace: Keyspace;
  private readonly valueCheckers: ReadonlyMap<number, ValueChecker>;
  private readonly owners: Map<number, number> = new Map();
  /** Length in bytes of long names and of chunked strings, by generation. */
  private readonly nameBytes: Map<number, number> = new Map();
  private readonly stringBytes: Map<number, number> = new Map();
  private readonly trashEpochs: Set<number> = new Set();
  private readonly epochs: Map<number, EpochCount> = new Map();
  private lastGeneration = 0;

  constructor(keyspace: Keyspace, valueCheckers: ReadonlyMap<number, ValueChecker>) {
    this.keyspace = keyspace;
    this.valueCheckers = valueCheckers;
  }

  run(): CheckReport {
    this.eachRow(TABLE.trash, (cursor) => this.trashRow(cursor));
    this.eachRow(TABLE.keys, (cursor) => this.keyRow(cursor));
    this.eachRow(TABLE.expires, (cursor) => this.expiresRow(cursor, TABLE.expires));
    this.eachRow(TABLE.memberExpires, (cursor) => this.expiresRow(cursor, TABLE.memberExpires));
    this.eachRow(TABLE.cron, (cursor) => this.expiresRow(cursor, TABLE.cron));
    this.eachRow(TABLE.elements, (cursor) => this.elementRow(cursor));
    this.counts();
    checkScripts(this.keyspace, (text) => this.problem(text));
    this.keyspace.forgetRow();
    return this.report;
  }

  private problem(text: string): void {
    this.report.problemCount++;
    if (this.report.problems.length < MAX_PROBLEMS) this.report.problems.push(text);
  }

  private eachRow(table: number, visit: (cursor: Cursor) => void): void {
    const { store } = this.keyspace;
    const cursor = store.openCursor();
    try {
      store.keyBuffer[0] = table;
      for (let found = cursor.seek(1); found && cursor.key[0] === table; found = cursor.next()) visit(cursor);
    } finally {
      cursor.close();
    }
  }

  private own(generation: number, owner: number, what: string): void {
    if (this.owners.has(generation)) this.problem(`generation ${generation} has a second owner: ${what}`);
    this.owners.set(generation, owner);
  }

  private trashRow(cursor: Cursor): void {
    const kind = cursor.key[1] as number;
    const id = readU64(cursor.key, 2);
    this.report.trash++;
    if (cursor.keyLength !== 10 || (kind !== TRASH_KIND.generation && kind !== TRASH_KIND.epoch)) {
      this.problem(`trash row of unknown kind ${kind}`);
    } else if (kind === TRASH_KIND.generation) this.own(id, OWNER.trash, "trash");
    else {
      this.trashEpochs.add(id);
      if (this.keyspace.databases.databaseOf(id) >= 0) this.problem(`epoch ${id} is in the trash and in use`);
    }
  }

  private countOf(epoch: number): EpochCount {
    let count = this.epochs.get(epoch);
    if (count === undefined) {
      count = { keys: 0, expires: 0 };
      this.epochs.set(epoch, count);
    }
    return count;
  }

  private keyRow(cursor: Cursor): void {
    const { keyspace, report } = this;
    const { store, codec } = keyspace;
    const row = Buffer.from(cursor.key.subarray(0, cursor.keyLength));
    const epoch = readU32(row, 1);
    const name = describe(row, KEY_TAIL);
    report.keys++;
    this.countOf(epoch).keys++;
    const isLive = keyspace.databases.databaseOf(epoch) >= 0;
    if (!isLive && !this.trashEpochs.has(epoch)) {
      this.problem(`key ${name} is of epoch ${epoch}, which is neither a database's nor in the trash`);
    }
    const length = cursor.readValue();
    let entry: Entry;
    try {
      entry = readRecord(store.valueBuffer, length);
    } catch (error) {
      this.problem(`key ${name}: ${error instanceof Error ? error.message : error}`);
      return;
    }
    if (!isKnownType(entry.type) || entry.payloadStart > length) this.problem(`key ${name}: broken record`);
    const isLong = row.length - KEY_TAIL > SHORT_KEY_MAX;
    if (isLong !== (entry.keyGeneration !== 0)) this.problem(`key ${name}: long name lost or out of place`);
    if (entry.keyGeneration !== 0) this.own(entry.keyGeneration, OWNER.name, `name of ${name}`);
    if (entry.generation !== 0) {
      this.own(entry.generation, OWNER.value, `value of ${name}`);
      if (isChunked(entry.type)) this.stringBytes.set(entry.generation, entry.size);
      this.valueCheckers.get(entry.type)?.(keyspace, entry, (text) => this.problem(`key ${name}: ${text}`));
    }
    const userKey = keyspace.nameOf(row, entry);
    if (isLong) this.nameBytes.set(entry.keyGeneration, userKey.length);
    if (entry.expireAtMs !== NO_EXPIRY) {
      report.expires++;
      this.countOf(epoch).expires++;
      if (isLive) this.needExpiresRow(row, entry.expireAtMs, TABLE.expires, name);
    }
    if (entry.memberExpireAtMs !== NO_EXPIRY && isLive) {
      this.needExpiresRow(row, entry.memberExpireAtMs, deadlineTable(entry.type), name);
    }
    const expected = codec.keyRow(epoch, userKey, 0, userKey.length);
    if (expected !== row.length || store.keyBuffer.compare(row, 0, row.length, 0, expected) !== 0) {
      this.problem(`key ${name} is not at its place`);
    }
  }

  /** Not for flushed databases: of those the active cycle may have removed the row. */
  private needExpiresRow(row: Buffer, atMs: number, table: number, name: string): void {
    const { store, codec } = this.keyspace;
    row.copy(store.keyBuffer);
    if (!store.has(codec.toExpiresRow(row.length, atMs, table)))
      this.problem(`key ${name} lacks its row in table ${table}`);
  }

  private expiresRow(cursor: Cursor, table: number): void {
    const { store } = this.keyspace;
    const { key, keyLength } = cursor;
    const name = describe(key.subarray(0, keyLength), EXPIRES_TAIL);
    const atMs = readU64(key, 1);
    store.keyBuffer[0] = TABLE.keys;
    key.copy(store.keyBuffer, 1, 1 + EXPIRES_TAIL - KEY_TAIL, keyLength);
    const n = store.get(keyLength - (EXPIRES_TAIL - KEY_TAIL));
    if (n < 0) {
      this.problem(`a row of ${name} in table ${table}, but no such key`);
      return;
    }
    const entry = readRecord(store.valueBuffer, n);
    const expected = table === TABLE.expires ? entry.expireAtMs : entry.memberExpireAtMs;
    if (atMs !== expected) this.problem(`the row of ${name} in table ${table} says ${atMs}, its record ${expected}`);
  }

  private elementRow(cursor: Cursor): void {
    const generation = readU64(cursor.key, 1);
    this.report.elements++;
    if (generation !== this.lastGeneration) {
      this.lastGeneration = generation;
      this.report.generations++;
      if (!this.owners.has(generation)) this.problem(`generation ${generation} has no owner`);
    }
    const nameBytes = this.nameBytes.get(generation);
    const bytes = nameBytes ?? this.stringBytes.get(generation);
    if (bytes === undefined) return;
    const index = readU32(cursor.key, ELEMENT_SUBKEY);
    const whole = Math.min(CHUNK_BYTES, bytes - index * CHUNK_BYTES);
    const length = cursor.readValue();
    // A string's chunk may end early: the rest is zero bytes.
    const isRight = nameBytes === undefined ? length <= whole : length === whole;
    if (!isRight) this.problem(`chunk ${index} of generation ${generation} has ${length} bytes instead of ${whole}`);
  }

  private counts(): void {
    const { databases } = this.keyspace;
    for (const epoch of databases.epochs) this.countOf(epoch);
    for (const [epoch, counted] of this.epochs) {
      if (this.trashEpochs.has(epoch)) continue;
      const { keys, expires } = databases.countsOf(epoch);
      if (keys !== counted.keys) this.problem(`epoch ${epoch} has ${counted.keys} keys, counted as ${keys}`);
      if (expires !== counted.expires)
        this.problem(`epoch ${epoch} has ${counted.expires} expiries, counted as ${expires}`);
      if (epoch >= databases.upcomingEpoch) this.problem(`epoch ${epoch} is in use and would be given again`);
    }
    const next = databases.upcomingGeneration();
    for (const generation of this.owners.keys()) {
      if (generation >= next) this.problem(`generation ${generation} is in use and would be given again`);
    }
  }
}

/** A key for a problem's text: printable, not too long. */
function describe(row: Buffer, tail: number): string {
  const text = JSON.stringify(row.toString("latin1", tail, tail + 40));
  return row.length > tail + 40 ? `${text}...` : text;
}

/** Checks everything; `valueCheckers` by type id. O(rows). */
export function checkKeyspace(
  keyspace: Keyspace,
  valueCheckers: ReadonlyMap<number, ValueChecker> = new Map(),
): CheckReport {
  return new Checker(keyspace, valueCheckers).run();
}
