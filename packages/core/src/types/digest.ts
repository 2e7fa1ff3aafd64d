/**
 * The signature of data that DEBUG DIGEST shows, built exactly as Redis builds it, so that two servers can be compared:
 * SHA-1 sums that are either xored (order does not matter) or mixed (it does).
 */
import { formatShortest } from "../base/double-format.ts";
import { sha1 } from "../base/sha1.ts";
import { TYPE_ID } from "../codec/format.ts";
import { type Entry, NO_EXPIRY, writeU32 } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { readCron } from "./cron-job.ts";
import { walkHash } from "./hash.ts";
import { ownValue } from "./keyed-elements.ts";
import { eachElement } from "./list.ts";
import { nestedJson, readNested } from "./nested-hash.ts";
import { walkSet } from "./set.ts";
import { Stream } from "./stream.ts";
import { StreamCursor } from "./stream-cursor.ts";
import { StreamId } from "./stream-id.ts";
import { readString } from "./string.ts";
import { Zset } from "./zset.ts";

export class Digest {
  private readonly bytes = Buffer.alloc(20);

  /** Adds data whose place does not matter. */
  xor(data: Uint8Array): void {
    const sum = sha1(data);
    for (let i = 0; i < 20; i++) this.bytes[i] = (this.bytes[i] as number) ^ (sum[i] as number);
  }

  /** Adds another digest whose place does not matter. */
  add(other: Digest): void {
    this.xor(other.bytes);
  }

  /** Adds data whose place matters. */
  mix(data: Uint8Array): void {
    this.xor(data);
    sha1(this.bytes).copy(this.bytes);
  }

  mixU32(n: number): void {
    const bytes = Buffer.alloc(4);
    writeU32(bytes, 0, n);
    this.mix(bytes);
  }

  hex(): string {
    return this.bytes.toString("hex");
  }
}

/** Adds the elements of a value to a digest. The entry is what `find` just returned. */
type ValueDigester = (keyspace: Keyspace, entry: Entry, digest: Digest) => void;

/** Redis' number of each type, and what its values add. */
const TYPES: Readonly<Record<number, { readonly redisType: number; readonly digest: ValueDigester }>> = {
  [TYPE_ID.cron]: { redisType: 64, digest: mixCron },
  [TYPE_ID.hash]: { redisType: 4, digest: mixHash },
  [TYPE_ID.list]: {
    redisType: 1,
    digest: (keyspace, entry, digest) =>
      eachElement(keyspace, entry, (buffer, start, end) => digest.mix(buffer.subarray(start, end))),
  },
  [TYPE_ID.nested]: {
    redisType: 65,
    digest: (keyspace, entry, digest) => digest.mix(nestedJson(readNested(keyspace, entry))),
  },
  [TYPE_ID.set]: {
    redisType: 2,
    digest: (keyspace, entry, digest) =>
      walkSet(keyspace, entry, (b, start, end) => digest.xor(b.subarray(start, end))),
  },
  [TYPE_ID.stream]: { redisType: 6, digest: mixStream },
  [TYPE_ID.string]: {
    redisType: 0,
    digest: (keyspace, entry, digest) => digest.mix(readString(keyspace, entry)),
  },
  [TYPE_ID.zset]: { redisType: 3, digest: mixZset },
};

/** What a job is, not what became of its runs. */
function mixCron(keyspace: Keyspace, entry: Entry, digest: Digest): void {
  const { repeats, start, interval, script, keys, args } = readCron(keyspace, entry);
  digest.mix(Buffer.from(`${repeats ? "repeat" : "single"} ${start} ${interval} ${keys.length}`));
  for (const part of [script, ...keys, ...args]) digest.mix(part);
}

/** As Redis 7.4: a field's deadline adds a mark, not its time. */
function mixHash(keyspace: Keyspace, entry: Entry, digest: Digest): void {
  walkHash(keyspace, entry, true, (element) => {
    const field = new Digest();
    field.mix(element.member.subarray(element.memberStart, element.memberEnd));
    field.mix(ownValue(keyspace, entry.generation, element));
    if (element.expireAtMs !== NO_EXPIRY) field.xor(FIELD_EXPIRE_MARK);
    digest.add(field);
  });
}

function mixZset(keyspace: Keyspace, entry: Entry, digest: Digest): void {
  const zset = new Zset(keyspace, entry);
  for (let found = zset.seek(0); found; found = zset.next()) {
    zset.read();
    const member = new Digest();
    member.mix(zset.memberBuffer.subarray(zset.memberStart, zset.memberEnd));
    member.mix(Buffer.from(formatShortest(zset.memberScore), "latin1"));
    digest.add(member);
  }
  zset.release();
}

/** As Redis, entries only: consumer groups add nothing. */
function mixStream(keyspace: Keyspace, entry: Entry, digest: Digest): void {
  const cursor = new StreamCursor(new Stream(keyspace, entry));
  cursor.range(StreamId.min(), StreamId.max(), false);
  while (cursor.next()) {
    digest.mix(Buffer.from(cursor.id.text("."), "latin1"));
    for (let left = cursor.readFields(); left > 0; left--) {
      cursor.nextField();
      digest.mix(cursor.fieldBytes.subarray(cursor.fieldStart, cursor.fieldEnd));
      digest.mix(cursor.valueBytes.subarray(cursor.valueStart, cursor.valueEnd));
    }
  }
  cursor.close();
}

const EXPIRE_MARK = Buffer.from("!!expire!!");
const FIELD_EXPIRE_MARK = Buffer.from("!!hexpire!!");

function mixEntry(keyspace: Keyspace, entry: Entry, digest: Digest): void {
  const type = TYPES[entry.type];
  if (type === undefined) throw new Error(`no digest for values of type ${entry.type}`);
  digest.mixU32(type.redisType);
  type.digest(keyspace, entry, digest);
  if (entry.expireAtMs !== NO_EXPIRY) digest.xor(EXPIRE_MARK);
}

/** The signature of a key's value; all zeros when there is none. O(value). */
export function valueDigest(keyspace: Keyspace, db: number, buf: Buffer, start: number, end: number): Digest {
  const digest = new Digest();
  const entry = keyspace.find(db, buf, start, end);
  if (entry !== null) mixEntry(keyspace, entry, digest);
  return digest;
}

/** Adds a key and its value to the signature of a database, if the key is there. */
export function addKeyDigest(keyspace: Keyspace, db: number, key: Buffer, total: Digest): void {
  keyspace.forgetRow();
  const entry = keyspace.find(db, key, 0, key.length);
  if (entry === null) return;
  const digest = new Digest();
  digest.mix(key);
  mixEntry(keyspace, entry, digest);
  total.add(digest);
}
