/**
 * Sets as inputs of set operations: several open at once, stepped over member by member. A small one is held as a copy
 * of its payload, a large one as a cursor; nothing else is in memory.
 */
import { MAX_INT64_CHARS } from "../base/numbers.ts";
import { ENCODING_ID } from "../codec/format.ts";
import { readVarint, varintSize } from "../codec/packed.ts";
import type { Entry } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { IntValue, intsetAt, intsetSize } from "./intset.ts";
import { ElementCursor, hasDeadlines } from "./keyed-elements-walk.ts";
import type { MemberSource } from "./member-source.ts";
import { MEMBER, ownBytes, setMember, setSize, smallHas } from "./set.ts";
import { PACKED_SET_HEADER } from "./set-packed.ts";

const NOTHING = Buffer.alloc(0);

export class SetSource implements MemberSource {
  readonly entry: Entry;
  readonly size: number;
  /** The present member `buffer[start..end)`, borrowed until the next call. */
  buffer: Buffer;
  start: number;
  end: number;
  /** In operations on sorted sets every member counts 1. */
  readonly score: number;
  private readonly keyspace: Keyspace;
  private readonly payload: Buffer;
  private readonly text: Buffer;
  private readonly value: IntValue;
  private position: number;
  private cursor: ElementCursor | null;

  /** `entry` is what a lookup just returned. */
  constructor(keyspace: Keyspace, entry: Entry) {
    this.keyspace = keyspace;
    this.entry = entry;
    this.size = setSize(keyspace, entry);
    this.payload = entry.generation === 0 ? keyspace.copyPayload(entry) : NOTHING;
    this.text = entry.encoding === ENCODING_ID.intset ? Buffer.allocUnsafe(MAX_INT64_CHARS) : NOTHING;
    this.value = new IntValue();
    this.buffer = NOTHING;
    this.start = 0;
    this.end = 0;
    this.score = 1;
    this.position = 0;
    this.cursor = null;
    this.rewind();
  }

  get isIntset(): boolean {
    return this.entry.encoding === ENCODING_ID.intset;
  }

  /** Before the first member again. */
  rewind(): void {
    this.release();
    this.position = this.entry.encoding === ENCODING_ID.intset ? 0 : PACKED_SET_HEADER;
  }

  /** Goes to the next member that is not due; false at the end. */
  next(): boolean {
    const { generation, encoding } = this.entry;
    if (generation !== 0) return this.nextElement();
    return encoding === ENCODING_ID.intset ? this.nextInteger() : this.nextPacked();
  }

  private nextElement(): boolean {
    this.cursor ??= new ElementCursor(this.keyspace, this.entry.generation, hasDeadlines(this.entry));
    if (!this.cursor.next()) return false;
    const { element } = this.cursor;
    this.buffer = element.member;
    this.start = element.memberStart;
    this.end = element.memberEnd;
    if (this.buffer === this.keyspace.store.valueBuffer) {
      // A long member: other sets, asked for it, would overwrite it.
      this.buffer = ownBytes(this.buffer, this.start, this.end);
      this.end -= this.start;
      this.start = 0;
    }
    return true;
  }

  private nextInteger(): boolean {
    if (this.position >= intsetSize(this.payload, 0, this.payload.length)) return false;
    intsetAt(this.payload, 0, this.position++, this.value);
    this.buffer = this.text;
    this.start = 0;
    this.end = this.value.writeText(this.text, 0);
    return true;
  }

  private nextPacked(): boolean {
    if (this.position >= this.payload.length) return false;
    const length = readVarint(this.payload, this.position);
    this.buffer = this.payload;
    this.start = this.position + varintSize(length);
    this.end = this.start + length;
    this.position = this.end;
    return true;
  }

  /** Whether a member is in the set and not due. Leaves the present member as it is. */
  has(mb: Buffer, ms: number, me: number): boolean {
    const { entry, payload } = this;
    if (entry.generation === 0) return smallHas(payload, 0, payload.length, entry.encoding, mb, ms, me);
    return setMember(this.keyspace, entry, mb, ms, me) === MEMBER.live;
  }

  scoreOf(mb: Buffer, ms: number, me: number): number {
    return this.has(mb, ms, me) ? 1 : Number.NaN;
  }

  release(): void {
    this.cursor?.close();
    this.cursor = null;
  }
}
