/**
 * DUMP's payload: kind 1 B | object | what the format has no place for | version u16 | CRC-64 of all before it, both little
 * endian. The third part is a row of pairs (opcode, name, value); KeyDB writes one too. Redis does not look at it.
 */
import { crc64 } from "../base/crc64.ts";
import { TYPE_ID } from "../codec/format.ts";
import type { Entry } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { memberTypeOf } from "../types/member-expiry.ts";
import { readHashObject, writeHashObject } from "./hash-object.ts";
import { readCronObject, readNestedObject, writeCronObject, writeNestedObject } from "./keydb-object.ts";
import { readListObject, writeListObject } from "./list-object.ts";
import { RDB_AUX, RDB_OPCODE, RDB_TYPE, RDB_VERSION, RDB_VERSION_FIELD_EXPIRY } from "./rdb-format.ts";
import type { MemberDeadline, NewKey, RdbObject, ValueLimits } from "./rdb-object.ts";
import { DamagedPayload, RdbReader } from "./rdb-reader.ts";
import { RdbWriter } from "./rdb-writer.ts";
import { readSetObject, writeSetObject } from "./set-object.ts";
import { readStreamObject, writeStreamObject } from "./stream-object.ts";
import { readStringObject, writeStringObject } from "./string-object.ts";
import { readZsetObject, writeZsetObject } from "./zset-object.ts";

const FOOTER_BYTES = 10;

/** Adds version and checksum to what was written, and returns all of it. */
export function sealPayload(to: RdbWriter, version: number): Buffer {
  to.u16(version);
  to.u64(BigInt.asUintN(64, crc64(to.bytes)));
  return to.bytes;
}

/** A reader of what is in front of version and checksum; null when one of them is wrong. `trusts`: any checksum will do. */
export function openPayload(payload: Buffer, newest: number, trusts = false): RdbReader | null {
  const end = payload.length - FOOTER_BYTES;
  if (end < 0 || payload.readUInt16LE(end) > newest) return null;
  if (!trusts && BigInt.asUintN(64, crc64(payload, 0, end + 2)) !== payload.readBigUInt64LE(end + 2)) return null;
  return new RdbReader(payload, 0, end);
}

/** The payload of a value. The entry is what a lookup just returned. O(value). */
export function dumpPayload(keyspace: Keyspace, entry: Entry, limits: ValueLimits, compresses: boolean): Buffer {
  const to = new RdbWriter(compresses);
  const version = writeObject(keyspace, entry, limits, to);
  return sealPayload(to, version);
}

/** How many bytes a value takes in its saved form, without kind and what stands behind. O(value). */
export function objectLength(keyspace: Keyspace, entry: Entry, limits: ValueLimits, compresses: boolean): number {
  const to = new RdbWriter(compresses);
  writeObject(keyspace, entry, limits, to);
  return to.bytes.length - 1;
}

/** Returns the version of the format that the object needs. */
function writeObject(keyspace: Keyspace, entry: Entry, limits: ValueLimits, to: RdbWriter): number {
  switch (entry.type) {
    case TYPE_ID.string:
      writeStringObject(keyspace, entry, to);
      break;
    case TYPE_ID.list:
      writeListObject(keyspace, entry, to, limits.list);
      break;
    case TYPE_ID.set:
      writeDeadlines(writeSetObject(keyspace, entry, to), to);
      break;
    case TYPE_ID.zset:
      writeDeadlines(writeZsetObject(keyspace, entry, to), to);
      break;
    case TYPE_ID.hash:
      return writeHashObject(keyspace, entry, to) ? RDB_VERSION_FIELD_EXPIRY : RDB_VERSION;
    case TYPE_ID.stream:
      writeStreamObject(keyspace, entry, to);
      break;
    case TYPE_ID.cron:
      writeAux(RDB_AUX.cronRepeats, writeCronObject(keyspace, entry, to) ? "1" : "0", to);
      break;
    case TYPE_ID.nested:
      writeNestedObject(keyspace, entry, to);
      break;
    default:
      throw new Error(`no form for values of type ${entry.type}`);
  }
  return RDB_VERSION;
}

function writeAux(name: string, value: string | Buffer, to: RdbWriter): void {
  to.byte(RDB_OPCODE.aux);
  to.text(name);
  to.string(typeof value === "string" ? Buffer.from(value, "latin1") : value);
}

function writeDeadlines(deadlines: readonly MemberDeadline[], to: RdbWriter): void {
  for (const { member, expireAtMs } of deadlines) {
    writeAux(RDB_AUX.member, member, to);
    writeAux(RDB_AUX.memberDeadline, String(expireAtMs), to);
  }
}

/** What stands behind an object. */
interface Behind {
  readonly deadlines: MemberDeadline[];
  repeats: boolean;
}

/** The value in the payload that `openPayload` opened. Throws DamagedPayload. */
export function readPayload(from: RdbReader): RdbObject {
  // KeyDB does not tell whether a job repeats; there, every one does once it was loaded.
  const behind: Behind = { deadlines: [], repeats: true };
  const object = readObject(from.byte(), from, behind);
  readBehind(from, behind);
  if (behind.deadlines.length === 0) return object;
  return {
    store: (key) => {
      object.store(key);
      for (const deadline of behind.deadlines) storeDeadline(key, deadline);
    },
  };
}

function readObject(type: number, from: RdbReader, behind: Behind): RdbObject {
  switch (type) {
    case RDB_TYPE.string:
      return readStringObject(from);
    case RDB_TYPE.list:
    case RDB_TYPE.listZiplist:
    case RDB_TYPE.quicklistZiplist:
    case RDB_TYPE.quicklist:
      return readListObject(type, from);
    case RDB_TYPE.set:
    case RDB_TYPE.setIntset:
    case RDB_TYPE.setListpack:
      return readSetObject(type, from);
    case RDB_TYPE.zset:
    case RDB_TYPE.zsetText:
    case RDB_TYPE.zsetZiplist:
    case RDB_TYPE.zsetListpack:
      return readZsetObject(type, from);
    case RDB_TYPE.hash:
    case RDB_TYPE.hashZipmap:
    case RDB_TYPE.hashZiplist:
    case RDB_TYPE.hashListpack:
    case RDB_TYPE.hashDeadlines:
    case RDB_TYPE.hashListpackDeadlines:
      return readHashObject(type, from);
    case RDB_TYPE.stream1:
    case RDB_TYPE.stream2:
    case RDB_TYPE.stream3:
      return readStreamObject(type, from);
    case RDB_TYPE.cron:
      return readCronObject(from, () => behind.repeats);
    case RDB_TYPE.nested:
      return readNestedObject(from);
    default:
      throw new DamagedPayload();
  }
}

/** Reads pairs up to the end, or to what is none. Names that are not known are passed over, as KeyDB's time stamp. */
function readBehind(from: RdbReader, behind: Behind): void {
  let member: Buffer | null = null;
  while (from.left > 0 && from.byte() === RDB_OPCODE.aux) {
    const name = from.string().latin1Slice();
    const value = from.string();
    if (name === RDB_AUX.cronRepeats) behind.repeats = value.latin1Slice() !== "0";
    else if (name === RDB_AUX.member) member = value;
    else if (name === RDB_AUX.memberDeadline && member !== null) {
      const expireAtMs = Number(value.latin1Slice());
      if (!Number.isSafeInteger(expireAtMs) || expireAtMs <= 0) throw new DamagedPayload();
      behind.deadlines.push({ member, expireAtMs });
      member = null;
    }
  }
}

/** Gives a member of the value that was just stored a deadline; that of a member it does not have is passed over. */
function storeDeadline({ keyspace, db, buffer, start, end }: NewKey, { member, expireAtMs }: MemberDeadline): void {
  keyspace.forgetRow();
  const entry = keyspace.find(db, buffer, start, end);
  if (entry === null) return;
  memberTypeOf(entry)?.setDeadline(keyspace, { db, buffer, start, end, entry }, member, expireAtMs);
}
