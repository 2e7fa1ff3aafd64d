/**
 * Walks over several sets at once in the order of the members' hashes, which is the order of a large set's rows: O(all
 * members * log sets), with one cursor per large set and the small sets sorted in memory.
 */
import { ELEMENT_SUBKEY, LONG_TAIL, MEMBER_TAIL } from "../codec/key-codec.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { ElementCursor, hasDeadlines } from "./keyed-elements-walk.ts";
import { type MemberVisitor, ownBytes } from "./set.ts";
import type { SetSource } from "./set-source.ts";

/** A set's members in row order. `row[rowStart..rowEnd)` is the present member's place in that order. */
interface Lane {
  /** 0 for the first set. */
  readonly index: number;
  row: Buffer;
  rowStart: number;
  rowEnd: number;
  member: Buffer;
  start: number;
  end: number;
  advance(): boolean;
  close(): void;
}

class LargeLane implements Lane {
  readonly index: number;
  row: Buffer;
  readonly rowStart = ELEMENT_SUBKEY;
  rowEnd = 0;
  member: Buffer;
  start = 0;
  end = 0;
  private readonly cursor: ElementCursor;

  constructor(keyspace: Keyspace, source: SetSource, index: number) {
    this.index = index;
    this.cursor = new ElementCursor(keyspace, source.entry.generation, hasDeadlines(source.entry));
    this.row = this.cursor.row;
    this.member = this.row;
  }

  advance(): boolean {
    if (!this.cursor.next()) return false;
    const { element } = this.cursor;
    this.rowEnd = this.cursor.rowLength;
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

class SmallLane implements Lane {
  readonly index: number;
  row: Buffer;
  readonly rowStart = 0;
  rowEnd = 0;
  member: Buffer;
  readonly start = 0;
  end = 0;
  private readonly rows: { readonly row: Buffer; readonly member: Buffer }[];
  private place = 0;

  constructor(keyspace: Keyspace, source: SetSource, index: number) {
    this.index = index;
    this.row = source.buffer;
    this.member = source.buffer;
    this.rows = [];
    const { keyBuffer } = keyspace.store;
    source.rewind();
    while (source.next()) {
      const length = keyspace.codec.memberRow(0, source.buffer, source.start, source.end);
      const row = ownBytes(keyBuffer, ELEMENT_SUBKEY, length);
      this.rows.push({ row, member: ownBytes(source.buffer, source.start, source.end) });
    }
    this.rows.sort((a, b) => a.row.compare(b.row));
  }

  advance(): boolean {
    const next = this.rows[this.place++];
    if (next === undefined) return false;
    this.row = next.row;
    this.rowEnd = next.row.length;
    this.member = next.member;
    this.end = next.member.length;
    return true;
  }

  close(): void {}
}

function compareLanes(a: Lane, b: Lane): number {
  return a.row.compare(b.row, b.rowStart, b.rowEnd, a.rowStart, a.rowEnd);
}

/** Lanes by their present member, the first one at place 0: a binary heap. */
class LaneHeap {
  private readonly lanes: Lane[] = [];

  get first(): Lane | undefined {
    return this.lanes[0];
  }

  push(lane: Lane): void {
    const { lanes } = this;
    let place = lanes.length;
    lanes.push(lane);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (compareLanes(lanes[parent] as Lane, lane) <= 0) break;
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
      if (child + 1 < lanes.length && compareLanes(lanes[child + 1] as Lane, lanes[child] as Lane) < 0) child++;
      if (compareLanes(lane, lanes[child] as Lane) <= 0) break;
      lanes[place] = lanes[child] as Lane;
      place = child;
    }
    lanes[place] = lane;
  }
}

/** Visits every member that is in any of the sets (union), or in the first and no other one (diff), once each. */
export function mergeSets(
  keyspace: Keyspace,
  sources: readonly SetSource[],
  operation: "union" | "diff",
  visit: MemberVisitor,
): void {
  const lanes: Lane[] = [];
  const heap = new LaneHeap();
  try {
    for (const [index, source] of sources.entries()) {
      const lane = source.isSmall ? new SmallLane(keyspace, source, index) : new LargeLane(keyspace, source, index);
      lanes.push(lane);
      if (lane.advance()) heap.push(lane);
    }
    const row = Buffer.allocUnsafe(MEMBER_TAIL + LONG_TAIL);
    for (let lane = heap.first; lane !== undefined; lane = heap.first) {
      const rowLength = lane.row.copy(row, 0, lane.rowStart, lane.rowEnd);
      const { member, start, end } = lane;
      // The lane's buffers change when it goes on, so the member is visited as soon as all lanes with it are known.
      let inFirst = lane.index === 0;
      let inOthers = lane.index !== 0;
      if (operation === "union") visit(member, start, end);
      const kept = operation === "diff" && inFirst ? ownBytes(member, start, end) : null;
      for (let same: Lane | undefined = lane; same !== undefined && isAt(same, row, rowLength); same = heap.first) {
        if (same.index === 0) inFirst = true;
        else inOthers = true;
        heap.update(!same.advance());
      }
      if (kept !== null && inFirst && !inOthers) visit(kept, 0, kept.length);
    }
  } finally {
    for (const lane of lanes) lane.close();
  }
}

function isAt(lane: Lane, row: Buffer, rowLength: number): boolean {
  return lane.row.compare(row, 0, rowLength, lane.rowStart, lane.rowEnd) === 0;
}
