/** Members that are due do not exist. What a lookup does so that commands which cannot tell them apart never meet one. */
import { TYPE_ID } from "../codec/format.ts";
import type { Entry } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { RUN_AGAIN, RUN_IN_WRITE } from "./run-in-write.ts";

/** Due members deleted in a write txn: a few milliseconds' work. */
const STEP_MEMBERS = 64;

/**
 * `entry`, which was just found at key `buf[start..end)` and has members with deadlines, rid of those that are due; null
 * when none is left. Commands that ask for a hash or a set (`type`) hide due members themselves, as Redis does with fields;
 * positions and counts of a sorted set are right only without them. When the command's effects are told (`isTold`) it meets none
 * of any type: elsewhere they are not due, and it could do something else. On a snapshot the command must run in a write txn. When
 * there are many, it is run once more for each step, if it `mayBeginAnew`: the lock is free in between. Else all go at once.
 */
export function withoutDueMembers(
  keyspace: Keyspace,
  entry: Entry,
  type: number,
  db: number,
  buf: Buffer,
  start: number,
  end: number,
  mayBeginAnew: boolean,
  isTold: boolean,
): Entry | null {
  const { memberExpirer } = keyspace;
  if (entry.memberExpireAtMs >= keyspace.nowMs || memberExpirer === null) return entry;
  const hidesDue = entry.type !== TYPE_ID.zset && (entry.type !== TYPE_ID.set || type === TYPE_ID.set);
  if (hidesDue && !isTold) return entry;
  if (!keyspace.store.inWriteTxn) throw RUN_IN_WRITE;
  const key = Buffer.from(buf.subarray(start, end));
  while (memberExpirer.expireMembers(db, key, STEP_MEMBERS) === STEP_MEMBERS) if (mayBeginAnew) throw RUN_AGAIN;
  keyspace.forgetRow();
  return keyspace.find(db, buf, start, end);
}
