/**
 * Collections of members walked side by side, each in the order of its members' hashes, which is the order of a large
 * one's rows. A large collection is a cursor, a small one is sorted in memory.
 */

import { TYPE_ID } from "../codec/format.ts";
import { ELEMENT_SUBKEY, LONG_TAIL, MEMBER_TAIL, memberHash } from "../codec/key-codec.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { ElementCursor, hasDeadlines } from "./keyed-elements-walk.ts";
import type { MemberSource } from "./member-source.ts";
import { ownBytes } from "./set.ts";
import { readScore } from "./zset-score.ts";

/** Where the member starts behind `rowStart`, unless it is a long one: there it is a digest. */
export const LANE_MEMBER = MEMBER_TAIL - ELEMENT_SUBKEY;

/** `row[rowStart..rowEnd)` is the present member's place in the order: its hash, then its bytes (or their digest). */
export interface Lane {
  /** 0 for the first collection. */
  readonly index: number;
  hash: number;
  row: Buffer;
  rowStart: number;
  rowEnd: number;
  member: Buffer;
  start: number;
  end: number;
  /** 1 in a set. */
  score: number;
  advance(): boolean;
  close(): void;
}

/** The members of a source that are not due. Scores are 1 unless wanted. */
export function openLane(keyspace: Keyspace, source: MemberSource, index: number, withScores: boolean): Lane {
  return source.entry.generation === 0
    ? new SmallLane(keyspace, source, index)
    : new LargeLane(keyspace, source, index, withScores);
}

class LargeLane implements Lane {
  readonly index: number;
  hash = 0;
  row: Buffer;
  readonly rowStart = ELEMENT_SUBKEY;
  rowEnd = 0;
  member: Buffer;
  start = 0;
  end = 0;
  score = 1;
  private readonly cursor: ElementCursor;
  private readonly readsScore: boolean;

  constructor(keyspace: Keyspace, source: MemberSource, index: number, withScores: boolean) {
    const { entry } = source;
    this.index = index;
    this.readsScore = withScores && entry.type === TYPE_ID.zset;
    this.cursor = new ElementCursor(keyspace, entry.generation, this.readsScore || hasDeadlines(entry));
    this.row = this.cursor.row;
    this.member = this.row;
  }

  advance(): boolean {
    if (!this.cursor.next()) return false;
    const { element } = this.cursor;
    this.hash = this.cursor.hash;
    this.rowEnd = this.cursor.rowLength;
    if (this.readsScore) this.score = readScore(element.value, element.valueStart);
    // A long member lies in the value buffer, which the other lanes use too.
    const isLong = this.rowEnd === MEMBER_TAIL + LONG_TAIL;
    this.member = isLong ? ownBytes(element.member, element.memberStart, element.memberEnd) : element.member;
    this.start = isLong ? 0 : element.memberStart;
    this.end = isLong ? this.member.length : element.memberEnd;
    return true;
  }

  close(): void {
    this.cursor.close();
  }
}

interface SmallMember {
  readonly hash: number;
  readonly row: Buffer;
  readonly member: Buffer;
  readonly score: number;
}

class SmallLane implements Lane {
  readonly index: number;
  hash = 0;
  row: Buffer;
  readonly rowStart = 0;
  rowEnd = 0;
  member: Buffer;
  readonly start = 0;
  end = 0;
  score = 1;
  private readonly members: SmallMember[] = [];
  private place = 0;

  constructor(keyspace: Keyspace, source: MemberSource, index: number) {
    this.index = index;
    this.row = source.buffer;
    this.member = source.buffer;
    const { keyBuffer } = keyspace.store;
    source.rewind();
    while (source.next()) {
      const length = keyspace.codec.memberRow(0, source.buffer, source.start, source.end);
      const row = ownBytes(keyBuffer, ELEMENT_SUBKEY, length);
      const member = ownBytes(source.buffer, source.start, source.end);
      this.members.push({ hash: memberHash(keyBuffer), row, member, score: source.score });
    }
    this.members.sort((a, b) => a.hash - b.hash || a.row.compare(b.row));
  }

  advance(): boolean {
    const next = this.members[this.place++];
    if (next === undefined) return false;
    this.hash = next.hash;
    this.row = next.row;
    this.rowEnd = next.row.length;
    this.member = next.member;
    this.end = next.member.length;
    this.score = next.score;
    return true;
  }

  close(): void {}
}

function isBefore(a: Lane, b: Lane): boolean {
  if (a.hash !== b.hash) return a.hash < b.hash;
  return a.row.compare(b.row, b.rowStart, b.rowEnd, a.rowStart, a.rowEnd) < 0;
}

/** Lanes by their present member, the first one at place 0: a binary heap. */
export class LaneHeap {
  private readonly lanes: Lane[] = [];

  get first(): Lane | undefined {
    return this.lanes[0];
  }

  /** Whether another lane than the first one may be at the same member. */
  get isTied(): boolean {
    const { lanes } = this;
    const hash = lanes[0]?.hash;
    return hash !== undefined && (lanes[1]?.hash === hash || lanes[2]?.hash === hash);
  }

  push(lane: Lane): void {
    const { lanes } = this;
    let place = lanes.length;
    lanes.push(lane);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!isBefore(lane, lanes[parent] as Lane)) break;
      lanes[place] = lanes[parent] as Lane;
      place = parent;
    }
    lanes[place] = lane;
  }

  /** The first lane went on to its next member, or (`ended`) has none. */
  update(ended: boolean): void {
    const { lanes } = this;
    let lane = lanes[0] as Lane;
    if (ended) {
      lane = lanes.pop() as Lane;
      if (lanes.length === 0) return;
    }
    let place = 0;
    for (;;) {
      let child = place * 2 + 1;
      if (child >= lanes.length) break;
      if (child + 1 < lanes.length && isBefore(lanes[child + 1] as Lane, lanes[child] as Lane)) child++;
      if (!isBefore(lanes[child] as Lane, lane)) break;
      lanes[place] = lanes[child] as Lane;
      place = child;
    }
    lanes[place] = lane;
  }
}
