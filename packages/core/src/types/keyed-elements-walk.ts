/**
 * Walks over the member rows of a large collection in hash order: from the start, from a scan cursor, or from random
 * places.
 */
import { TABLE } from "../codec/format.ts";
import { ELEMENT_SUBKEY, LONG_TAIL, MEMBER_HASH_SPACE, MEMBER_TAIL, memberHash } from "../codec/key-codec.ts";
import { NO_EXPIRY, readU64 } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { Cursor } from "../store/ordered-store.ts";
import { Element, isDue, ownMember, readElement } from "./keyed-elements.ts";

/**
 * Steps over members. `element` is good until the next step or (its value) the next store call; other store calls may
 * come between steps. Close it before the txn or snapshot ends.
 */
export class ElementCursor {
  readonly element: Element;
  private readonly keyspace: Keyspace;
  private readonly generation: number;
  /** Whether row values must be read: for values, for deadlines. Long members are always read. */
  private readonly needsValue: boolean;
  private readonly cursor: Cursor;
  private started: boolean;

  constructor(keyspace: Keyspace, generation: number, needsValue: boolean) {
    this.keyspace = keyspace;
    this.generation = generation;
    this.needsValue = needsValue;
    keyspace.forgetRow();
    this.cursor = keyspace.store.openCursor();
    this.element = new Element(this.cursor.key);
    this.started = false;
  }

  /** The present row: `row[0..rowLength)`. Its bytes from ELEMENT_SUBKEY on give the order. */
  get row(): Buffer {
    return this.cursor.key;
  }

  get rowLength(): number {
    return this.cursor.keyLength;
  }

  /** Hash of the present member. */
  get hash(): number {
    return memberHash(this.cursor.key);
  }

  /** Goes to the first member at `hash` or behind it; false when there is none. */
  seek(hash: number): boolean {
    this.started = true;
    return this.arrive(this.cursor.seek(this.keyspace.codec.memberScanStart(this.generation, hash)));
  }

  /** Goes to the next member, due or not (the first call: to the first); false at the end. */
  step(): boolean {
    return this.started ? this.arrive(this.cursor.next()) : this.seek(0);
  }

  /** As `step`, over members that are not due. */
  next(): boolean {
    while (this.step()) if (!isDue(this.keyspace, this.element.expireAtMs)) return true;
    return false;
  }

  private arrive(found: boolean): boolean {
    if (!found) return false;
    const { cursor, element } = this;
    const key = cursor.key;
    if (key[0] !== TABLE.elements || readU64(key, 1) !== this.generation) return false;
    if ((key[ELEMENT_SUBKEY] as number) >= 0x80) return false;
    element.member = key;
    element.memberStart = MEMBER_TAIL;
    element.memberEnd = cursor.keyLength;
    if (this.needsValue || cursor.keyLength === MEMBER_TAIL + LONG_TAIL) this.read();
    return true;
  }

  /** Reads the present row's value into `element`. */
  read(): void {
    const length = this.cursor.readValue();
    readElement(this.keyspace, this.generation, this.keyspace.store.valueBuffer, length, this.element);
  }

  close(): void {
    this.cursor.close();
  }
}

/**
 * Visits members that are not due from hash `from` on and stops after about `limit` members, never between two of the
 * same hash. Returns the hash to go on from, or 0 when all was visited.
 */
export function scanElements(
  keyspace: Keyspace,
  generation: number,
  needsValue: boolean,
  from: number,
  limit: number,
  visit: (element: Element) => void,
): number {
  if (from >= MEMBER_HASH_SPACE) return 0;
  const cursor = new ElementCursor(keyspace, generation, needsValue);
  try {
    let seen = 0;
    let lastHash = -1;
    for (let found = cursor.seek(from); found; found = cursor.step()) {
      const { hash } = cursor;
      if (seen >= limit && hash !== lastHash) return hash;
      seen++;
      lastHash = hash;
      if (!isDue(keyspace, cursor.element.expireAtMs)) visit(cursor.element);
    }
    return 0;
  } finally {
    cursor.close();
  }
}

/**
 * Expected members per window, and the number of places it is taken to have. A seek costs as much as a dozen steps, so
 * few and large windows are cheapest; with more places the odds of a window that overflows fall, but so do those of a hit.
 */
const WINDOW_MEMBERS = 8;
const WINDOW_PLACES = 18;
/** After so many tries in vain (four in nine succeed) there are hardly any members that are not due. */
const TRIES_MAX = 500;

/**
 * Picks members uniformly. A seek to a random hash alone would favour members behind wide gaps, so a window of the hash
 * space that holds WINDOW_MEMBERS on average is drawn, and one of its WINDOW_PLACES: the member there, if there is one,
 * is as likely as any other (a window with more members than places comes once in a thousand, and then the one or two
 * behind the last place have no chance). Expected two to three tries, each a seek and a few steps: O(1).
 */
export class ElementSampler {
  private readonly keyspace: Keyspace;
  private readonly cursor: ElementCursor;
  private readonly needsValue: boolean;
  private readonly windowSize: number;
  /** Where the window of the last try starts. */
  private windowStart: number;

  /** `size` is the number of members. */
  constructor(keyspace: Keyspace, generation: number, size: number, needsValue: boolean) {
    this.keyspace = keyspace;
    this.needsValue = needsValue;
    this.cursor = new ElementCursor(keyspace, generation, false);
    this.windowSize = Math.min(MEMBER_HASH_SPACE, Math.ceil((MEMBER_HASH_SPACE / Math.max(1, size)) * WINDOW_MEMBERS));
    this.windowStart = 0;
  }

  /** A random member that is not due, or null when there are few or none but due ones. */
  pick(): Element | null {
    const { cursor } = this;
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      if (!this.tryPick()) continue;
      if (this.needsValue) cursor.read();
      if (!isDue(this.keyspace, cursor.element.expireAtMs)) return cursor.element;
    }
    return null;
  }

  /**
   * Own copies of up to `limit` members from one window, in random order; the first is as likely to be any member as
   * `pick` makes it, and so is each of the others. Only for collections without deadlines. Empty when there are none.
   */
  pickTogether(limit: number): Buffer[] {
    const members: Buffer[] = [];
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      if (!this.tryPick()) continue;
      const start = this.windowStart;
      const end = start + this.windowSize;
      this.collect(start, end, members);
      if (end > MEMBER_HASH_SPACE) this.collect(0, end - MEMBER_HASH_SPACE, members);
      break;
    }
    const wanted = Math.min(limit, members.length);
    for (let i = 0; i < wanted; i++) {
      const other = i + Math.floor(Math.random() * (members.length - i));
      const picked = members[other] as Buffer;
      members[other] = members[i] as Buffer;
      members[i] = picked;
    }
    members.length = wanted;
    return members;
  }

  private collect(from: number, to: number, members: Buffer[]): void {
    const { cursor } = this;
    for (let found = cursor.seek(from); found && cursor.hash < to; found = cursor.step()) {
      members.push(ownMember(cursor.element));
    }
  }

  /** The picked member's hash and bytes: its row from ELEMENT_SUBKEY on. */
  rowText(): string {
    return this.cursor.row.latin1Slice(ELEMENT_SUBKEY, this.cursor.rowLength);
  }

  private tryPick(): boolean {
    const { cursor } = this;
    let place = Math.floor(Math.random() * WINDOW_PLACES);
    const start = Math.floor(Math.random() * MEMBER_HASH_SPACE);
    const end = start + this.windowSize;
    this.windowStart = start;
    for (let found = cursor.seek(start); found; found = cursor.step()) {
      if (cursor.hash >= end) return false;
      if (place-- === 0) return true;
    }
    // The window goes on at the other end of the hash space.
    if (end <= MEMBER_HASH_SPACE) return false;
    for (let found = cursor.seek(0); found; found = cursor.step()) {
      if (cursor.hash >= end - MEMBER_HASH_SPACE) return false;
      if (place-- === 0) return true;
    }
    return false;
  }

  close(): void {
    this.cursor.close();
  }
}

/** Whether the members of a collection have deadlines, so that its rows' values must be read to know who is due. */
export function hasDeadlines(entry: { readonly memberExpireAtMs: number }): boolean {
  return entry.memberExpireAtMs !== NO_EXPIRY;
}
