/** Reading hashes of either form. Changes go through HashEditor. */
import { ENCODING_ID, TYPE_ID } from "../codec/format.ts";
import type { Entry } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { PACKED_HEADER, PackedField, packedCount, packedFind } from "./hash-packed.ts";
import { Element, findElement, isDue, ownMember, ownValue } from "./keyed-elements.ts";
import { ElementCursor, scanElements } from "./keyed-elements-walk.ts";
import { emitRandom, NO_VALUE, type OwnedMember, pickDistinct, pickWithRepeats } from "./random-members.ts";

/** Type id of hashes, for lookups. */
export const HASH = TYPE_ID.hash;

function withDeadlines(entry: Entry): boolean {
  return entry.encoding === ENCODING_ID.listpackex;
}

/** Fields, those due but not yet removed included (as Redis' HLEN). The payload must still be borrowed. */
export function hashLength(keyspace: Keyspace, entry: Entry): number {
  return entry.generation !== 0 ? entry.size : packedCount(keyspace.store.valueBuffer, entry.payloadStart);
}

/**
 * Reads fields of one hash. A small hash's payload stays borrowed from the lookup on: no other store call may come
 * between. Reads of a large one borrow the value buffer in turn.
 */
export class HashReader {
  /** What `find` found; the value is borrowed. */
  readonly element: Element;
  /** Whether the field that `find` did not return is there but due. */
  foundDue: boolean;
  private readonly keyspace: Keyspace;
  private readonly entry: Entry;
  private readonly packed: PackedField;

  constructor(keyspace: Keyspace, entry: Entry) {
    this.keyspace = keyspace;
    this.entry = entry;
    this.packed = new PackedField();
    this.element = new Element(keyspace.store.valueBuffer);
    this.foundDue = false;
  }

  find(fb: Buffer, fs: number, fe: number): boolean {
    const { keyspace, entry, packed, element } = this;
    if (entry.generation !== 0) {
      if (!findElement(keyspace, entry.generation, fb, fs, fe, element)) return false;
    } else {
      const b = keyspace.store.valueBuffer;
      const { payloadStart, payloadEnd } = entry;
      if (!packedFind(b, payloadStart, payloadEnd, withDeadlines(entry), fb, fs, fe, packed)) return false;
      setFromPacked(element, b, packed);
    }
    if (!isDue(keyspace, element.expireAtMs)) return true;
    this.foundDue = true;
    return false;
  }
}

function setFromPacked(element: Element, b: Buffer, packed: PackedField): void {
  element.member = b;
  element.memberStart = packed.fieldStart;
  element.memberEnd = packed.fieldEnd;
  element.value = b;
  element.valueStart = packed.valueStart;
  element.valueEnd = packed.valueEnd;
  element.valueLength = packed.valueEnd - packed.valueStart;
  element.expireAtMs = packed.expireAtMs;
}

/** Visits the fields of a hash that are not due. O(fields), nothing is held in memory. */
export function walkHash(
  keyspace: Keyspace,
  entry: Entry,
  needsValue: boolean,
  visit: (element: Element) => void,
): void {
  if (entry.generation === 0) {
    walkPacked(keyspace, entry, visit);
    return;
  }
  const cursor = new ElementCursor(keyspace, entry.generation, needsValue || entry.memberExpireAtMs >= 0);
  try {
    while (cursor.next()) visit(cursor.element);
  } finally {
    cursor.close();
  }
}

/** Visits the fields of a small hash that are not due; `visit` must make no store call. */
function walkPacked(keyspace: Keyspace, entry: Entry, visit: (element: Element) => void): void {
  const b = keyspace.store.valueBuffer;
  const packed = new PackedField();
  const element = new Element(b);
  for (let p = entry.payloadStart + PACKED_HEADER; p < entry.payloadEnd; ) {
    p = packed.read(b, p, withDeadlines(entry));
    if (isDue(keyspace, packed.expireAtMs)) continue;
    setFromPacked(element, b, packed);
    visit(element);
  }
}

/**
 * Visits fields that are not due from cursor `from` on, about `limit` of them; returns the next cursor, 0 at the end. A
 * small hash is visited whole, whatever the cursor.
 */
export function scanHash(
  keyspace: Keyspace,
  entry: Entry,
  from: number,
  limit: number,
  visit: (element: Element) => void,
): number {
  if (entry.generation !== 0) return scanElements(keyspace, entry.generation, true, from, limit, visit);
  walkPacked(keyspace, entry, visit);
  return 0;
}

/** A field and its value that outlive the next store call. */
export function ownField(keyspace: Keyspace, entry: Entry, element: Element, withValue: boolean): OwnedMember {
  return {
    member: ownMember(element),
    value: withValue ? ownValue(keyspace, entry.generation, element) : NO_VALUE,
  };
}

/**
 * Emits random fields that are not due: `count` with repeats, or up to `count` different ones. Returns how many.
 */
export function randomFields(
  keyspace: Keyspace,
  entry: Entry,
  count: number,
  distinct: boolean,
  withValues: boolean,
  emit: (picked: OwnedMember) => void,
): number {
  if (entry.generation !== 0) {
    const source = {
      generation: entry.generation,
      size: entry.size,
      needsValue: withValues,
      mayBeDue: isDue(keyspace, entry.memberExpireAtMs),
    };
    return (distinct ? pickDistinct : pickWithRepeats)(keyspace, source, count, emit);
  }
  const all: OwnedMember[] = [];
  walkPacked(keyspace, entry, (element) => all.push(ownField(keyspace, entry, element, withValues)));
  return emitRandom(all, count, distinct, emit);
}
