/**
 * Intersection, union and difference of sets, streamed: large inputs are never loaded, large results are handed over
 * member by member. Algorithms are chosen as Redis chooses them, since that decides the encoding of results.
 */
import { ENCODING_ID } from "../codec/format.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { SetLimits } from "./collection-limits.ts";
import { mergeMembers, shouldMerge } from "./member-merge.ts";
import type { MemberVisitor } from "./set.ts";
import { SetBuilder } from "./set-builder.ts";
import type { SetSource } from "./set-source.ts";

/**
 * A small result with its encoding and order, or a large one (in Redis a hashtable, without order), whose members `walk`
 * visits, once each.
 */
export type SetResult =
  | { readonly encoding: number; readonly members: readonly Buffer[] }
  | { readonly encoding: null; walk(visit: MemberVisitor): void };

/**
 * Visits the members that all sets have; `visit` returns false to stop. The smallest set is walked, the others are
 * asked, so O(smallest * sets); or, if they are not much larger, walked too. No set may be missing.
 */
export function intersectSets(
  keyspace: Keyspace,
  sources: readonly SetSource[],
  visit: (b: Buffer, start: number, end: number) => boolean,
): void {
  const [smallest, ...others] = [...sources].sort((a, b) => a.size - b.size);
  if (smallest === undefined) return;
  const { generation } = smallest.entry;
  const asked = others.filter((other) => generation === 0 || other.entry.generation !== generation);
  if (asked.length > 0 && shouldMerge(smallest, asked)) {
    mergeMembers(
      keyspace,
      [smallest, ...asked],
      false,
      (b, start, end, scores) => !inAll(scores) || visit(b, start, end),
    );
    return;
  }
  while (smallest.next()) {
    const { buffer, start, end } = smallest;
    let isCommon = true;
    for (const other of asked) {
      if (other.has(buffer, start, end)) continue;
      isCommon = false;
      break;
    }
    if (isCommon && !visit(buffer, start, end)) return;
  }
}

export function uniteSets(keyspace: Keyspace, limits: SetLimits, sources: readonly SetSource[]): SetResult {
  const builder = new SetBuilder(limits);
  if (addAll(builder, sources)) return { encoding: builder.encoding, members: builder.list() };
  return { encoding: null, walk: (visit) => visitUnion(keyspace, sources, visit) };
}

function visitUnion(keyspace: Keyspace, sources: readonly SetSource[], visit: MemberVisitor): void {
  mergeMembers(keyspace, sources, false, (b, start, end) => {
    visit(b, start, end);
    return true;
  });
}

/** Adds all members; false as soon as the result is no small set. */
function addAll(builder: SetBuilder, sources: readonly SetSource[]): boolean {
  for (const source of sources) {
    source.rewind();
    while (source.next()) {
      if (!builder.add(source.buffer, source.start, source.end)) {
        source.release();
        return false;
      }
    }
    source.release();
  }
  return true;
}

/** Members of the first set that no other one has. Null stands for a missing key; `sameKey`: the first one again. */
export function subtractSets(
  keyspace: Keyspace,
  limits: SetLimits,
  first: SetSource | null,
  others: readonly SetSource[],
  sameKey: boolean,
): SetResult {
  const builder = new SetBuilder(limits);
  if (first === null || sameKey) return { encoding: ENCODING_ID.intset, members: [] };
  const subtrahends = [...others].sort((a, b) => b.size - a.size);
  // Redis walks the first set and asks the others, or (when that is more work) adds up and takes away.
  const askingWork = (first.size * (others.length + 1)) / 2;
  const walkingWork = others.reduce((sum, other) => sum + other.size, first.size);
  if (askingWork <= walkingWork) {
    if (subtractByAsking(builder, first, subtrahends)) return { encoding: builder.encoding, members: builder.list() };
    if (shouldMerge(first, others)) {
      return { encoding: null, walk: (visit) => visitDifference(keyspace, first, others, visit) };
    }
    return {
      encoding: null,
      walk: (visit) =>
        walkDifference(first, subtrahends, (b, start, end) => {
          visit(b, start, end);
          return true;
        }),
    };
  }
  if (!addAll(builder, [first])) {
    return { encoding: null, walk: (visit) => visitDifference(keyspace, first, others, visit) };
  }
  for (const other of others) {
    other.rewind();
    while (builder.size > 0 && other.next()) builder.remove(other.buffer, other.start, other.end);
    other.release();
  }
  return { encoding: builder.encoding, members: builder.list() };
}

function visitDifference(
  keyspace: Keyspace,
  first: SetSource,
  others: readonly SetSource[],
  visit: MemberVisitor,
): void {
  mergeMembers(keyspace, [first, ...others], false, (b, start, end, scores) => {
    if (!Number.isNaN(scores[0] as number) && !inOthers(scores)) visit(b, start, end);
    return true;
  });
}

/** Whether a member is in all sources. */
export function inAll(scores: Float64Array): boolean {
  for (let i = 0; i < scores.length; i++) if (Number.isNaN(scores[i] as number)) return false;
  return true;
}

/** Whether a member is in any source but the first. */
export function inOthers(scores: Float64Array): boolean {
  for (let i = 1; i < scores.length; i++) if (!Number.isNaN(scores[i] as number)) return true;
  return false;
}

function subtractByAsking(builder: SetBuilder, first: SetSource, others: readonly SetSource[]): boolean {
  let fits = true;
  walkDifference(first, others, (b, start, end) => {
    fits = builder.add(b, start, end);
    return fits;
  });
  return fits;
}

function walkDifference(
  first: SetSource,
  others: readonly SetSource[],
  visit: (b: Buffer, start: number, end: number) => boolean,
): void {
  first.rewind();
  while (first.next()) {
    const { buffer, start, end } = first;
    if (others.some((other) => other.has(buffer, start, end))) continue;
    if (!visit(buffer, start, end)) break;
  }
  first.release();
}
