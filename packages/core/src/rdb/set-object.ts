/** Sets: an intset, a listpack, or number of members and members. Deadlines of members (KeyDB's) stand behind the object. */
import { ENCODING_ID } from "../codec/format.ts";
import { type Entry, NO_EXPIRY } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { IntValue, intsetAt, intsetSize } from "../types/intset.ts";
import { ownMember } from "../types/keyed-elements.ts";
import { ElementCursor, hasDeadlines } from "../types/keyed-elements-walk.ts";
import { liveSize, walkSet } from "../types/set.ts";
import { initialSetEncoding, SetEditor } from "../types/set-editor.ts";
import { ByteList } from "./byte-list.ts";
import { ListpackWriter, readListpack } from "./listpack.ts";
import { RDB_TYPE } from "./rdb-format.ts";
import type { MemberDeadline, NewKey, RdbObject } from "./rdb-object.ts";
import { DamagedPayload, type RdbReader } from "./rdb-reader.ts";
import type { RdbWriter } from "./rdb-writer.ts";

const INTSET_HEADER = 8;

/** Returns the deadlines of members. */
export function writeSetObject(keyspace: Keyspace, entry: Entry, to: RdbWriter): MemberDeadline[] {
  if (entry.encoding === ENCODING_ID.intset) {
    to.byte(RDB_TYPE.setIntset);
    to.string(intsetBytes(keyspace.store.valueBuffer, entry));
    return [];
  }
  if (entry.encoding === ENCODING_ID.listpack) {
    to.byte(RDB_TYPE.setListpack);
    const pack = new ListpackWriter();
    walkSet(keyspace, entry, (b, start, end) => pack.add(b, start, end));
    to.string(pack.finish());
    return [];
  }
  to.byte(RDB_TYPE.set);
  to.length(liveSize(keyspace, entry));
  return writeRows(keyspace, entry, to);
}

function writeRows(keyspace: Keyspace, entry: Entry, to: RdbWriter): MemberDeadline[] {
  const deadlines: MemberDeadline[] = [];
  const cursor = new ElementCursor(keyspace, entry.generation, hasDeadlines(entry));
  try {
    const { element } = cursor;
    while (cursor.next()) {
      to.string(element.member, element.memberStart, element.memberEnd);
      const { expireAtMs } = element;
      if (expireAtMs !== NO_EXPIRY) deadlines.push({ member: ownMember(element), expireAtMs });
    }
  } finally {
    cursor.close();
  }
  return deadlines;
}

/** Redis' intset: u32 width | u32 values | values in order, little endian. */
function intsetBytes(b: Buffer, { payloadStart, payloadEnd }: Entry): Buffer {
  const width = b[payloadStart] as number;
  const size = intsetSize(b, payloadStart, payloadEnd);
  const bytes = Buffer.allocUnsafe(INTSET_HEADER + size * width);
  bytes.writeUInt32LE(width, 0);
  bytes.writeUInt32LE(size, 4);
  const value = new IntValue();
  for (let i = 0; i < size; i++) {
    intsetAt(b, payloadStart, i, value);
    const at = INTSET_HEADER + i * width;
    if (width === 2) bytes.writeUInt16LE(value.low & 0xffff, at);
    else {
      bytes.writeUInt32LE(value.low, at);
      if (width === 8) bytes.writeInt32LE(value.high, at + 4);
    }
  }
  return bytes;
}

export function readSetObject(type: number, from: RdbReader): RdbObject {
  const members = new ByteList();
  if (type === RDB_TYPE.set) {
    for (let left = from.count(); left > 0; left--) from.stringInto(members);
  } else {
    from.readString();
    const { text, textStart, textEnd } = from;
    if (type === RDB_TYPE.setListpack) readListpack(text, textStart, textEnd, members);
    else readIntset(text.subarray(textStart, textEnd), members);
  }
  if (members.count === 0 || members.hasTwins()) throw new DamagedPayload();
  return { store: (key) => storeSet(members, type === RDB_TYPE.setListpack, key) };
}

function readIntset(b: Buffer, members: ByteList): void {
  if (b.length < INTSET_HEADER) throw new DamagedPayload();
  const width = b.readUInt32LE(0);
  const size = b.readUInt32LE(4);
  const isKnown = width === 2 || width === 4 || width === 8;
  if (!isKnown || b.length !== INTSET_HEADER + size * width) throw new DamagedPayload();
  let last: bigint | number = Number.NEGATIVE_INFINITY;
  for (let at = INTSET_HEADER; at < b.length; at += width) {
    const value: bigint | number =
      width === 2 ? b.readInt16LE(at) : width === 4 ? b.readInt32LE(at) : b.readBigInt64LE(at);
    if (!(value > last)) throw new DamagedPayload();
    last = value;
    members.addInteger(value);
  }
}

function storeSet(members: ByteList, wasListpack: boolean, key: NewKey): void {
  const { keyspace, db, buffer, start, end } = key;
  const limits = key.limits.set;
  const { count } = members;
  // A listpack of integers stays one.
  const isListpack = wasListpack && count <= limits.maxEntries;
  const encoding = isListpack
    ? ENCODING_ID.listpack
    : initialSetEncoding(limits, members.buffer, members.start(0), members.end(0), count);
  const set = new SetEditor(keyspace, limits, db, buffer, start, end, null, encoding);
  for (let i = 0; i < count; i++) set.add(members.buffer, members.start(i), members.end(i));
  set.finish();
}
