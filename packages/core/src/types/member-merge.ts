/**
 * Walks over several sets and sorted sets at once, member by member in the order of their hashes: O(all members * log
 * collections), with one cursor for each large one and nothing of it in memory.
 */
import { LONG_TAIL, MEMBER_TAIL } from "../codec/key-codec.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { LANE_MEMBER, type Lane, LaneHeap, openLane } from "./member-lanes.ts";
import type { MemberSource } from "./member-source.ts";

/**
 * Told of a member and of its score in each of the sources, NaN where it is not; all borrowed until it returns. It may write
 * to other collections. False: enough.
 */
export type MergeVisitor = (b: Buffer, start: number, end: number, scores: Float64Array) => boolean;

/**
 * Up to so many members of the other sources for each member of the first, walking over all of them takes less than asking
 * them for the members of the first.
 */
const WALKED_PER_MEMBER = 4;

/** Whether to walk over `others` together with `first` rather than to ask each of them for the members of `first`. */
export function shouldMerge(first: MemberSource, others: readonly MemberSource[]): boolean {
  if (first.entry.generation === 0) return false;
  const walked = others.reduce((sum, other) => sum + other.size, 0);
  return walked <= WALKED_PER_MEMBER * others.length * first.size;
}

/** Visits every member of the sources once. Without scores every one is 1. */
export function mergeMembers(
  keyspace: Keyspace,
  sources: readonly MemberSource[],
  withScores: boolean,
  visit: MergeVisitor,
): void {
  const lanes: Lane[] = [];
  const heap = new LaneHeap();
  const scores = new Float64Array(sources.length);
  const row = Buffer.allocUnsafe(MEMBER_TAIL + LONG_TAIL);
  try {
    for (const [index, source] of sources.entries()) {
      const lane = openLane(keyspace, source, index, withScores);
      lanes.push(lane);
      if (lane.advance()) heap.push(lane);
    }
    for (let lane = heap.first; lane !== undefined; lane = heap.first) {
      scores.fill(Number.NaN);
      if (!heap.isTied) {
        scores[lane.index] = lane.score;
        if (!visit(lane.member, lane.start, lane.end, scores)) return;
        heap.update(!lane.advance());
        continue;
      }
      // The lane's buffers change when it goes on.
      const rowLength = lane.row.copy(row, 0, lane.rowStart, lane.rowEnd);
      const isLong = rowLength === LANE_MEMBER + LONG_TAIL;
      const member = isLong ? lane.member : row;
      const start = isLong ? lane.start : LANE_MEMBER;
      const end = isLong ? lane.end : rowLength;
      for (let same: Lane | undefined = lane; same !== undefined && isAt(same, row, rowLength); same = heap.first) {
        scores[same.index] = same.score;
        heap.update(!same.advance());
      }
      if (!visit(member, start, end, scores)) return;
    }
  } finally {
    for (const lane of lanes) lane.close();
  }
}

function isAt(lane: Lane, row: Buffer, rowLength: number): boolean {
  return lane.row.compare(row, 0, rowLength, lane.rowStart, lane.rowEnd) === 0;
}
