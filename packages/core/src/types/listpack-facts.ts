/** The listpack that Redis would hold a small collection in: its entries and its bytes. */
import { formatShortest } from "../base/double-format.ts";
import { ENCODING_ID, TYPE_ID } from "../codec/format.ts";
import { type Entry, NO_EXPIRY } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { walkHash } from "./hash.ts";
import { ownValue } from "./keyed-elements.ts";
import { eachElement } from "./list.ts";
import { LISTPACK_EMPTY, listpackEntryBytes } from "./listpack-size.ts";
import { walkSet } from "./set.ts";
import { Zset } from "./zset.ts";

export interface ListpackFacts {
  entries: number;
  bytes: number;
}

/** Null when the value's encoding is no listpack. The entry is what `find` just returned. */
export function listpackFacts(keyspace: Keyspace, entry: Entry): ListpackFacts | null {
  const { listpack, listpackex } = ENCODING_ID;
  if (entry.encoding !== listpack && entry.encoding !== listpackex) return null;
  const facts = { entries: 0, bytes: LISTPACK_EMPTY };
  const add = (b: Uint8Array, start = 0, end = b.length): void => {
    facts.entries++;
    facts.bytes += listpackEntryBytes(b, start, end);
  };
  if (entry.type === TYPE_ID.list) eachElement(keyspace, entry, add);
  else if (entry.type === TYPE_ID.set) walkSet(keyspace, entry, add);
  else if (entry.type === TYPE_ID.zset) addMembers(keyspace, entry, add);
  else {
    walkHash(keyspace, entry, true, (element) => {
      add(element.member, element.memberStart, element.memberEnd);
      add(ownValue(keyspace, entry.generation, element));
      if (entry.encoding === listpackex) add(deadlineText(element.expireAtMs));
    });
  }
  return facts;
}

function addMembers(
  keyspace: Keyspace,
  entry: Entry,
  add: (b: Uint8Array, start?: number, end?: number) => void,
): void {
  const zset = new Zset(keyspace, entry);
  for (let found = zset.seek(0); found; found = zset.next()) {
    zset.read();
    add(zset.memberBuffer, zset.memberStart, zset.memberEnd);
    add(Buffer.from(formatShortest(zset.memberScore), "latin1"));
  }
  zset.release();
}

/** A field without a deadline has 0 there. */
function deadlineText(expireAtMs: number): Buffer {
  return Buffer.from(String(expireAtMs === NO_EXPIRY ? 0 : expireAtMs), "latin1");
}
