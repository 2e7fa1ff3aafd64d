/**
 * Sorted sets: a listpack of members and scores in order, or number of members, and members with scores from the highest
 * down. Deadlines of members (KeyDB's) stand behind the object.
 */
import { formatDouble } from "../base/double-format.ts";
import { parseDouble } from "../base/double-parse.ts";
import { type Entry, NO_EXPIRY } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { countDue, Element, findElement, isDue } from "../types/keyed-elements.ts";
import { LISTPACK, Zset } from "../types/zset.ts";
import { newZsetEncoding } from "../types/zset-add.ts";
import { ByteList } from "./byte-list.ts";
import { ListpackWriter, readListpack } from "./listpack.ts";
import { readZiplist } from "./old-encodings.ts";
import { RDB_TYPE } from "./rdb-format.ts";
import type { MemberDeadline, NewKey, RdbObject } from "./rdb-object.ts";
import { DamagedPayload, type RdbReader } from "./rdb-reader.ts";
import type { RdbWriter } from "./rdb-writer.ts";

/** First bytes of scores as texts. */
const SCORE_TEXT = { nan: 253, positiveInfinity: 254, negativeInfinity: 255 } as const;

/** Returns the deadlines of members. */
export function writeZsetObject(keyspace: Keyspace, entry: Entry, to: RdbWriter): MemberDeadline[] {
  const zset = new Zset(keyspace, entry);
  try {
    if (zset.encoding !== LISTPACK) return writeMembers(zset, entry, to);
    // A listpack with deadlines has rows, and may have members that are due.
    if (entry.memberExpireAtMs !== NO_EXPIRY) return writeMembers(zset, entry, to);
    writePacked(zset, to);
    return [];
  } finally {
    zset.release();
  }
}

function writePacked(zset: Zset, to: RdbWriter): void {
  to.byte(RDB_TYPE.zsetListpack);
  const pack = new ListpackWriter();
  for (let found = zset.seek(0); found; found = zset.next()) {
    zset.read();
    pack.add(zset.memberBuffer, zset.memberStart, zset.memberEnd);
    const score = Buffer.from(formatDouble(zset.memberScore), "latin1");
    pack.add(score, 0, score.length);
  }
  to.string(pack.finish());
}

function writeMembers(zset: Zset, entry: Entry, to: RdbWriter): MemberDeadline[] {
  const { keyspace } = zset;
  const { generation, memberExpireAtMs } = entry;
  const deadlines: MemberDeadline[] = [];
  const due = isDue(keyspace, memberExpireAtMs) ? countDue(keyspace, generation) : 0;
  to.byte(RDB_TYPE.zset);
  to.length(zset.length - due);
  for (let found = zset.seek(zset.length - 1); found; found = zset.prev()) {
    zset.read();
    const { memberBuffer, memberStart, memberEnd, memberScore } = zset;
    if (memberExpireAtMs !== NO_EXPIRY) {
      const member = Buffer.from(memberBuffer.subarray(memberStart, memberEnd));
      const expireAtMs = deadlineOf(keyspace, generation, member);
      if (isDue(keyspace, expireAtMs)) continue;
      if (expireAtMs !== NO_EXPIRY) deadlines.push({ member, expireAtMs });
      to.string(member);
    } else to.string(memberBuffer, memberStart, memberEnd);
    to.double(memberScore);
  }
  return deadlines;
}

function deadlineOf(keyspace: Keyspace, generation: number, member: Buffer): number {
  const element = new Element(member);
  return findElement(keyspace, generation, member, 0, member.length, element) ? element.expireAtMs : NO_EXPIRY;
}

/** Members and scores by their place in the payload. */
class Scored {
  readonly members: ByteList = new ByteList();
  readonly scores: number[] = [];

  /** Orders as a sorted set does: less than 0, 0, more than 0. */
  readonly compare = (a: number, b: number): number => {
    const { members, scores } = this;
    const [left, right] = [scores[a] as number, scores[b] as number];
    if (left !== right) return left < right ? -1 : 1;
    return members.buffer.compare(members.buffer, members.start(b), members.end(b), members.start(a), members.end(a));
  };

  /** Places in the order of the set. */
  order(): Uint32Array {
    const places = Uint32Array.from(this.scores, (_, i) => i);
    if (this.compare(0, places.length - 1) > 0) places.reverse();
    for (let i = 1; i < places.length; i++) {
      if (this.compare(places[i - 1] as number, places[i] as number) > 0) return places.sort(this.compare);
    }
    return places;
  }
}

export function readZsetObject(type: number, from: RdbReader): RdbObject {
  const found = new Scored();
  if (type === RDB_TYPE.zset || type === RDB_TYPE.zsetText) {
    for (let left = from.count(2); left > 0; left--) {
      from.stringInto(found.members);
      found.scores.push(type === RDB_TYPE.zset ? from.double() : scoreText(from));
    }
  } else {
    from.readString();
    readPacked(type === RDB_TYPE.zsetListpack, from, found);
  }
  if (found.members.count === 0 || found.scores.some(Number.isNaN)) throw new DamagedPayload();
  if (found.members.hasTwins()) throw new DamagedPayload();
  return { store: (key) => storeZset(found, key) };
}

function readPacked(isListpack: boolean, from: RdbReader, into: Scored): void {
  const items = new ByteList();
  const count = (isListpack ? readListpack : readZiplist)(from.text, from.textStart, from.textEnd, items);
  if (count % 2 !== 0) throw new DamagedPayload();
  for (let i = 0; i < count; i += 2) {
    into.members.addFrom(items, i);
    into.scores.push(parseDouble(items.buffer, items.start(i + 1), items.end(i + 1)));
  }
}

function scoreText(from: RdbReader): number {
  const length = from.byte();
  if (length === SCORE_TEXT.nan) return Number.NaN;
  if (length === SCORE_TEXT.positiveInfinity) return Number.POSITIVE_INFINITY;
  if (length === SCORE_TEXT.negativeInfinity) return Number.NEGATIVE_INFINITY;
  const start = from.skip(length);
  return parseDouble(from.bytes, start, from.at);
}

function storeZset(found: Scored, key: NewKey): void {
  const { members, scores } = found;
  const zset = new Zset(key.keyspace, null, newZsetEncoding(key.limits.zset, members.count, members.longest()));
  try {
    for (const place of found.order()) {
      zset.append(members.buffer, members.start(place), members.end(place), scores[place] as number);
    }
    zset.save(key.db, key.buffer, key.start, key.end);
  } finally {
    zset.release();
  }
}
