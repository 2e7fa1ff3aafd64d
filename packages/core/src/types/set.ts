/** Reading sets of any encoding. Changes go through SetEditor. */
import { MAX_INT64_CHARS } from "../base/numbers.ts";
import { ENCODING_ID, TYPE_ID } from "../codec/format.ts";
import { readVarint, varintSize } from "../codec/packed.ts";
import type { Entry } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { IntValue, intsetAt, intsetSearch, intsetSize } from "./intset.ts";
import { countDue, Element, findElement, hasElement, isDue } from "./keyed-elements.ts";
import { ElementCursor, hasDeadlines, scanElements } from "./keyed-elements-walk.ts";
import { emitRandom, pickDistinct, pickWithRepeats } from "./random-members.ts";
import { PACKED_SET_HEADER, packedSetFind, packedSetSize } from "./set-packed.ts";

/** Type id of sets, for lookups. */
export const SET = TYPE_ID.set;

/** Called with a member's bytes, borrowed until it returns. */
export type MemberVisitor = (b: Buffer, start: number, end: number) => void;

/** Members, those due but not yet removed included. The payload must still be borrowed. */
export function setSize(keyspace: Keyspace, entry: Entry): number {
  if (entry.generation !== 0) return entry.size;
  const b = keyspace.store.valueBuffer;
  return smallSize(b, entry.payloadStart, entry.payloadEnd, entry.encoding);
}

/** Members that are not due. O(1) while none is. The payload must still be borrowed. */
export function liveSize(keyspace: Keyspace, entry: Entry): number {
  const size = setSize(keyspace, entry);
  return isDue(keyspace, entry.memberExpireAtMs) ? size - countDue(keyspace, entry.generation) : size;
}

function smallSize(b: Buffer, start: number, end: number, encoding: number): number {
  return encoding === ENCODING_ID.intset ? intsetSize(b, start, end) : packedSetSize(b, start);
}

/** Whether a member is in the small set `b[start..end)`. */
export function smallHas(
  b: Buffer,
  start: number,
  end: number,
  encoding: number,
  mb: Buffer,
  ms: number,
  me: number,
): boolean {
  if (encoding !== ENCODING_ID.intset) return packedSetFind(b, start, end, mb, ms, me) >= 0;
  const value = new IntValue();
  return value.parse(mb, ms, me) && intsetSearch(b, start, end, value) >= 0;
}

/** Visits the members of a small set in their order; `visit` may do anything when `b` is not a buffer of the store. */
export function walkPacked(b: Buffer, start: number, end: number, encoding: number, visit: MemberVisitor): void {
  if (encoding === ENCODING_ID.intset) {
    const value = new IntValue();
    const text = Buffer.allocUnsafe(MAX_INT64_CHARS);
    const size = intsetSize(b, start, end);
    for (let i = 0; i < size; i++) {
      intsetAt(b, start, i, value);
      visit(text, 0, value.writeText(text, 0));
    }
    return;
  }
  for (let p = start + PACKED_SET_HEADER; p < end; ) {
    const length = readVarint(b, p);
    p += varintSize(length);
    visit(b, p, p + length);
    p += length;
  }
}

export const MEMBER = { none: 0, live: 1, due: 2 } as const;

/** Whether a member is in a set that a lookup just returned, or is there but due. */
export function setMember(
  keyspace: Keyspace,
  entry: Entry,
  mb: Buffer,
  ms: number,
  me: number,
): (typeof MEMBER)[keyof typeof MEMBER] {
  const b = keyspace.store.valueBuffer;
  const { generation, payloadStart, payloadEnd, encoding } = entry;
  if (generation === 0) {
    return smallHas(b, payloadStart, payloadEnd, encoding, mb, ms, me) ? MEMBER.live : MEMBER.none;
  }
  if (!hasDeadlines(entry)) return hasElement(keyspace, generation, mb, ms, me) ? MEMBER.live : MEMBER.none;
  const element = new Element(b);
  if (!findElement(keyspace, generation, mb, ms, me, element)) return MEMBER.none;
  return isDue(keyspace, element.expireAtMs) ? MEMBER.due : MEMBER.live;
}

/** Visits the members of a set that are not due; `visit` must make no store call when the set is small. */
export function walkSet(keyspace: Keyspace, entry: Entry, visit: MemberVisitor): void {
  const { generation, payloadStart, payloadEnd, encoding } = entry;
  if (generation === 0) {
    walkPacked(keyspace.store.valueBuffer, payloadStart, payloadEnd, encoding, visit);
    return;
  }
  const cursor = new ElementCursor(keyspace, generation, hasDeadlines(entry));
  try {
    const { element } = cursor;
    while (cursor.next()) visit(element.member, element.memberStart, element.memberEnd);
  } finally {
    cursor.close();
  }
}

/**
 * Visits members that are not due from cursor `from` on, about `limit` of them; returns the next cursor, 0 at the end. A
 * small set is visited whole, whatever the cursor.
 */
export function scanSet(keyspace: Keyspace, entry: Entry, from: number, limit: number, visit: MemberVisitor): number {
  if (entry.generation === 0) {
    walkSet(keyspace, entry, visit);
    return 0;
  }
  return scanElements(keyspace, entry.generation, hasDeadlines(entry), from, limit, (element) =>
    visit(element.member, element.memberStart, element.memberEnd),
  );
}

/** Emits random members that are not due: `count` with repeats, or up to `count` different ones. Returns how many. */
export function randomMembers(
  keyspace: Keyspace,
  entry: Entry,
  count: number,
  distinct: boolean,
  emit: (member: Buffer) => void,
): number {
  if (entry.generation !== 0) {
    const source = {
      generation: entry.generation,
      size: entry.size,
      needsValue: false,
      mayBeDue: isDue(keyspace, entry.memberExpireAtMs),
    };
    return (distinct ? pickDistinct : pickWithRepeats)(keyspace, source, count, (picked) => emit(picked.member));
  }
  if (count === 1) {
    emit(smallRandom(keyspace.store.valueBuffer, entry));
    return 1;
  }
  const all: Buffer[] = [];
  walkSet(keyspace, entry, (b, start, end) => all.push(ownBytes(b, start, end)));
  return emitRandom(all, count, distinct, emit);
}

/** Own copy of bytes that may lie in the store's value buffer. */
export function ownBytes(b: Buffer, start: number, end: number): Buffer {
  const copy = Buffer.allocUnsafe(end - start);
  b.copy(copy, 0, start, end);
  return copy;
}

function smallRandom(b: Buffer, entry: Entry): Buffer {
  const { payloadStart, payloadEnd, encoding } = entry;
  let place = Math.floor(Math.random() * smallSize(b, payloadStart, payloadEnd, encoding));
  if (encoding === ENCODING_ID.intset) {
    const value = new IntValue();
    const text = Buffer.allocUnsafe(MAX_INT64_CHARS);
    intsetAt(b, payloadStart, place, value);
    return text.subarray(0, value.writeText(text, 0));
  }
  for (let p = payloadStart + PACKED_SET_HEADER; ; place--) {
    const length = readVarint(b, p);
    p += varintSize(length);
    if (place === 0) return ownBytes(b, p, p + length);
    p += length;
  }
}
