/** Results of set operations as new values of keys. Rows of a large result are written one after the other. */
import { ENCODING_ID, TYPE_ID } from "../codec/format.ts";
import { NO_EXPIRY } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { SetLimits } from "./collection-limits.ts";
import { IntValue } from "./intset.ts";
import { putElement } from "./keyed-elements.ts";
import { ownBytes } from "./set.ts";
import { sortIntegers } from "./set-builder.ts";
import { SetEditor } from "./set-editor.ts";
import type { SetResult } from "./set-operations.ts";

const NO_VALUE = Buffer.alloc(0);
/** The encoding is decided already. */
const NO_LIMITS: SetLimits = {
  maxIntset: Number.POSITIVE_INFINITY,
  maxEntries: Number.POSITIVE_INFINITY,
  maxValue: Number.POSITIVE_INFINITY,
};

/**
 * Makes a result the value of key `kb[ks..ke)`, whatever was there, or deletes the key when the result is empty. Returns
 * the number of members.
 */
export function storeSet(
  keyspace: Keyspace,
  db: number,
  kb: Buffer,
  ks: number,
  ke: number,
  result: SetResult,
): number {
  if (result.encoding === null) {
    const rows = new RowWriter(keyspace);
    result.walk((b, start, end) => rows.add(b, start, end));
    return rows.finish(db, kb, ks, ke);
  }
  const { members, encoding } = result;
  if (encoding === ENCODING_ID.hashtable) {
    const rows = new RowWriter(keyspace);
    for (const member of members) rows.add(member, 0, member.length);
    return rows.finish(db, kb, ks, ke);
  }
  keyspace.delete(db, kb, ks, ke);
  if (members.length === 0) return 0;
  const set = new SetEditor(keyspace, NO_LIMITS, db, kb, ks, ke, null, encoding);
  for (const member of members) set.add(member, 0, member.length);
  set.finish();
  return members.length;
}

/** Writes members, none of them twice, as the rows of a new generation. */
class RowWriter {
  private readonly keyspace: Keyspace;
  private readonly generation: number;
  private size: number;

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace;
    this.generation = keyspace.databases.newGeneration();
    this.size = 0;
  }

  /** The bytes must not lie in the store's value buffer, but for a cursor's. */
  add(b: Buffer, start: number, end: number): void {
    const { keyspace } = this;
    const safe = b === keyspace.store.valueBuffer ? ownBytes(b, start, end) : b;
    const from = safe === b ? start : 0;
    putElement(keyspace, this.generation, safe, from, from + end - start, NO_VALUE, 0, 0, NO_EXPIRY, null);
    this.size++;
  }

  finish(db: number, kb: Buffer, ks: number, ke: number): number {
    const { keyspace, generation, size } = this;
    keyspace.delete(db, kb, ks, ke);
    if (size === 0) {
      keyspace.discard(generation);
      return 0;
    }
    const encoding = ENCODING_ID.hashtable;
    const p = keyspace.startRecord(kb, ks, ke, null, TYPE_ID.set, encoding, NO_EXPIRY, generation, size);
    keyspace.endRecord(db, kb, ks, ke, null, NO_EXPIRY, p, generation);
    return size;
  }
}

/**
 * Gathers the members of an intersection: in memory while it may be a small set, then as rows. Its encoding is that of
 * Redis' sinterGenericCommand: an intset if all are integers, else what the limits say.
 */
export class IntersectionStore {
  private readonly keyspace: Keyspace;
  private readonly limits: SetLimits;
  private readonly fromIntset: boolean;
  private readonly members: Buffer[];
  private rows: RowWriter | null;
  private onlyIntegers: boolean;
  private onlyShort: boolean;
  private readonly value: IntValue;

  /** `fromIntset`: the smallest input is an intset, and so is the result, or a hashtable. */
  constructor(keyspace: Keyspace, limits: SetLimits, fromIntset: boolean) {
    this.keyspace = keyspace;
    this.limits = limits;
    this.fromIntset = fromIntset;
    this.members = [];
    this.rows = null;
    this.onlyIntegers = true;
    this.onlyShort = true;
    this.value = new IntValue();
  }

  add(b: Buffer, start: number, end: number): void {
    if (this.rows !== null) {
      this.rows.add(b, start, end);
      return;
    }
    const { members, limits } = this;
    if (this.onlyIntegers && !this.value.parse(b, start, end)) this.onlyIntegers = false;
    if (end - start > limits.maxValue) this.onlyShort = false;
    members.push(ownBytes(b, start, end));
    if (members.length <= Math.max(limits.maxIntset, limits.maxEntries)) return;
    this.rows = new RowWriter(this.keyspace);
    for (const member of members) this.rows.add(member, 0, member.length);
    members.length = 0;
  }

  finish(db: number, kb: Buffer, ks: number, ke: number): number {
    if (this.rows !== null) return this.rows.finish(db, kb, ks, ke);
    const { members, limits } = this;
    const size = members.length;
    let encoding: number = ENCODING_ID.hashtable;
    if (this.onlyIntegers && size <= limits.maxIntset) encoding = ENCODING_ID.intset;
    else if (!this.fromIntset && this.onlyShort && size <= limits.maxEntries) encoding = ENCODING_ID.listpack;
    const ordered = encoding === ENCODING_ID.intset ? sortIntegers(members) : members;
    return storeSet(this.keyspace, db, kb, ks, ke, { encoding, members: ordered });
  }
}
