/**
 * Hashes: a listpack of fields and values, or number of fields, fields and values. With deadlines as in Redis 7.4: the earliest
 * one, then a listpack of fields, values and deadlines (0: none), or number of fields, and each with its deadline in front
 * (0: none, else what it is above the earliest, and one).
 */
import { parseSafeInt } from "../base/numbers.ts";
import { ENCODING_ID } from "../codec/format.ts";
import { type Entry, NO_EXPIRY } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { walkHash } from "../types/hash.ts";
import { HashEditor } from "../types/hash-editor.ts";
import { ownMember, ownValue } from "../types/keyed-elements.ts";
import { ByteList } from "./byte-list.ts";
import { ListpackWriter, readListpack } from "./listpack.ts";
import { readZiplist, readZipmap } from "./old-encodings.ts";
import { RDB_TYPE } from "./rdb-format.ts";
import type { NewKey, RdbObject } from "./rdb-object.ts";
import { DamagedPayload, type RdbReader } from "./rdb-reader.ts";
import { RdbWriter } from "./rdb-writer.ts";

/** Returns whether fields have deadlines, which takes a newer version of the format. */
export function writeHashObject(keyspace: Keyspace, entry: Entry, to: RdbWriter): boolean {
  const earliest = earliestLive(keyspace, entry);
  if (entry.encoding === ENCODING_ID.hashtable) writeFields(keyspace, entry, earliest, to);
  else writePacked(keyspace, entry, earliest, to);
  return earliest !== NO_EXPIRY;
}

/** The earliest deadline of a field that is there; NO_EXPIRY when none has one. */
function earliestLive(keyspace: Keyspace, entry: Entry): number {
  if (entry.memberExpireAtMs === NO_EXPIRY) return NO_EXPIRY;
  let earliest = Number.POSITIVE_INFINITY;
  walkHash(keyspace, entry, false, ({ expireAtMs }) => {
    if (expireAtMs !== NO_EXPIRY) earliest = Math.min(earliest, expireAtMs);
  });
  return earliest === Number.POSITIVE_INFINITY ? NO_EXPIRY : earliest;
}

function writePacked(keyspace: Keyspace, entry: Entry, earliest: number, to: RdbWriter): void {
  const withDeadlines = earliest !== NO_EXPIRY;
  to.byte(withDeadlines ? RDB_TYPE.hashListpackDeadlines : RDB_TYPE.hashListpack);
  if (withDeadlines) to.milliseconds(earliest);
  const pack = new ListpackWriter();
  walkHash(keyspace, entry, true, (field) => {
    pack.add(field.member, field.memberStart, field.memberEnd);
    pack.add(field.value, field.valueStart, field.valueEnd);
    if (withDeadlines) pack.addInteger(field.expireAtMs === NO_EXPIRY ? 0 : field.expireAtMs);
  });
  to.string(pack.finish());
}

function writeFields(keyspace: Keyspace, entry: Entry, earliest: number, to: RdbWriter): void {
  const withDeadlines = earliest !== NO_EXPIRY;
  to.byte(withDeadlines ? RDB_TYPE.hashDeadlines : RDB_TYPE.hash);
  if (withDeadlines) to.milliseconds(earliest);
  const fields = new RdbWriter(to.compresses);
  let count = 0;
  walkHash(keyspace, entry, true, (field) => {
    if (withDeadlines) fields.length(field.expireAtMs === NO_EXPIRY ? 0 : field.expireAtMs - earliest + 1);
    fields.string(ownMember(field));
    fields.string(ownValue(keyspace, entry.generation, field));
    count++;
  });
  to.length(count);
  to.raw(fields.bytes);
}

/** Fields and values in turn, and the fields' deadlines if there are any. */
interface Pairs {
  readonly items: ByteList;
  readonly deadlines: number[];
}

export function readHashObject(type: number, from: RdbReader): RdbObject {
  const pairs: Pairs = { items: new ByteList(), deadlines: [] };
  if (type === RDB_TYPE.hash) readFields(from, pairs.items);
  else if (type === RDB_TYPE.hashDeadlines) readFieldsWithDeadlines(from, pairs);
  else if (type === RDB_TYPE.hashListpackDeadlines) readPackedWithDeadlines(from, pairs);
  else readPacked(type, from, pairs.items);
  const { count } = pairs.items;
  if (count === 0 || count % 2 !== 0 || pairs.items.hasTwins(2)) throw new DamagedPayload();
  return { store: (key) => storeHash(pairs, key) };
}

function readFields(from: RdbReader, items: ByteList): void {
  for (let left = 2 * from.count(2); left > 0; left--) from.stringInto(items);
}

function readPacked(type: number, from: RdbReader, items: ByteList): void {
  from.readString();
  const { text, textStart, textEnd } = from;
  if (type === RDB_TYPE.hashZipmap) readZipmap(text, textStart, textEnd, items);
  else (type === RDB_TYPE.hashListpack ? readListpack : readZiplist)(text, textStart, textEnd, items);
}

function readFieldsWithDeadlines(from: RdbReader, { items, deadlines }: Pairs): void {
  const earliest = Number(from.milliseconds());
  for (let left = from.count(3); left > 0; left--) {
    const above = from.length();
    deadlines.push(above === 0 ? NO_EXPIRY : checkDeadline(earliest + above - 1));
    from.stringInto(items);
    from.stringInto(items);
  }
}

function readPackedWithDeadlines(from: RdbReader, { items, deadlines }: Pairs): void {
  // The earliest deadline, which the listpack tells too.
  from.milliseconds();
  from.readString();
  const triples = new ByteList();
  const count = readListpack(from.text, from.textStart, from.textEnd, triples);
  if (count % 3 !== 0) throw new DamagedPayload();
  for (let i = 0; i < count; i += 3) {
    items.addFrom(triples, i);
    items.addFrom(triples, i + 1);
    const deadline = parseSafeInt(triples.buffer, triples.start(i + 2), triples.end(i + 2));
    deadlines.push(deadline === 0 ? NO_EXPIRY : checkDeadline(deadline));
  }
}

function checkDeadline(ms: number): number {
  if (!(ms > 0 && ms <= Number.MAX_SAFE_INTEGER)) throw new DamagedPayload();
  return ms;
}

function storeHash({ items, deadlines }: Pairs, key: NewKey): void {
  const { keyspace, limits, db, buffer, start, end } = key;
  const hash = new HashEditor(keyspace, limits.hash, db, buffer, start, end, null);
  hash.prepare(items.count / 2, items.longest());
  for (let i = 0; i < items.count; i += 2) {
    const { buffer: b } = items;
    hash.set(b, items.start(i), items.end(i), b, items.start(i + 1), items.end(i + 1));
  }
  if (deadlines.length > 0) hash.allowDeadlines();
  deadlines.forEach((expireAtMs, i) => {
    if (expireAtMs !== NO_EXPIRY) {
      hash.setDeadline(items.buffer, items.start(2 * i), items.end(2 * i), expireAtMs);
    }
  });
  hash.finish();
}
