/** Checks the rows of a large hash or set against its record, for keyspace/check.ts. */
import { TABLE } from "../codec/format.ts";
import { ELEMENT_SUBKEY } from "../codec/key-codec.ts";
import { type Entry, NO_EXPIRY, readU64 } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { ownMember } from "./keyed-elements.ts";
import { ElementCursor } from "./keyed-elements-walk.ts";

const DEADLINE_MARK = 0x81;

/**
 * The size is the number of member rows, each at the place of its member; every deadline has its row, no row is without a
 * deadline, and the earliest is in the record. O(members).
 */
export function checkKeyedElements(keyspace: Keyspace, entry: Entry, problem: (text: string) => void): void {
  const { generation } = entry;
  const deadlines = new Map<string, number>();
  let members = 0;
  let earliest = NO_EXPIRY;
  const cursor = new ElementCursor(keyspace, generation, true);
  try {
    while (cursor.step()) {
      members++;
      const row = cursor.row.latin1Slice(0, cursor.rowLength);
      const { expireAtMs } = cursor.element;
      if (expireAtMs !== NO_EXPIRY) {
        deadlines.set(row.slice(ELEMENT_SUBKEY), expireAtMs);
        if (earliest === NO_EXPIRY || expireAtMs < earliest) earliest = expireAtMs;
      }
      const member = ownMember(cursor.element);
      const length = keyspace.codec.memberRow(generation, member, 0, member.length);
      if (keyspace.store.keyBuffer.latin1Slice(0, length) !== row)
        problem(`a member of ${member.length} bytes is misplaced`);
    }
  } finally {
    cursor.close();
  }
  if (members !== entry.size) problem(`${members} members, its record says ${entry.size}`);
  if (earliest !== entry.memberExpireAtMs) problem(`earliest deadline ${earliest}, not ${entry.memberExpireAtMs}`);
  checkDeadlineRows(keyspace, generation, deadlines, problem);
}

function checkDeadlineRows(
  keyspace: Keyspace,
  generation: number,
  deadlines: Map<string, number>,
  problem: (text: string) => void,
): void {
  const { store, codec } = keyspace;
  const cursor = store.openCursor();
  try {
    codec.elementRow(generation);
    store.keyBuffer[ELEMENT_SUBKEY] = DEADLINE_MARK;
    for (let found = cursor.seek(ELEMENT_SUBKEY + 1); found; found = cursor.next()) {
      const { key } = cursor;
      if (key[0] !== TABLE.elements || readU64(key, 1) !== generation || key[ELEMENT_SUBKEY] !== DEADLINE_MARK) break;
      const subkey = key.latin1Slice(ELEMENT_SUBKEY + 9, cursor.keyLength);
      if (deadlines.get(subkey) !== readU64(key, ELEMENT_SUBKEY + 1)) problem("a deadline row of no member");
      deadlines.delete(subkey);
    }
  } finally {
    cursor.close();
  }
  if (deadlines.size > 0) problem(`${deadlines.size} members lack their deadline rows`);
}
