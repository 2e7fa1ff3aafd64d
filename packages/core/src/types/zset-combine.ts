/**
 * Union, intersection and difference of collections of members with scores. Large inputs are walked through cursors, side by
 * side in the order of the members' hashes (member-merge.ts); the result is held until it is in order. The sums come out
 * as Redis' to the last bit: inputs are taken from the smallest to the largest, and where infinities cancel out the score
 * is 0.
 */
import type { Keyspace } from "../keyspace/keyspace.ts";
import { Combined } from "./combined.ts";
import { mergeMembers, shouldMerge } from "./member-merge.ts";
import type { MemberSource } from "./member-source.ts";
import { inAll, inOthers } from "./set-operations.ts";
import { LISTPACK, SKIPLIST, Zset } from "./zset.ts";
import type { ZsetLimits } from "./zset-add.ts";

export type Aggregate = "sum" | "min" | "max";

export interface Input {
  /** Null: a key that does not exist. */
  readonly source: MemberSource | null;
  weight: number;
}

interface PresentInput {
  readonly source: MemberSource;
  readonly weight: number;
}

function sizeOf(input: Input): number {
  return input.source === null ? 0 : input.source.size;
}

/** The inputs from the smallest to the largest; equal ones as they were given. */
function bySize(inputs: readonly Input[]): Input[] {
  return [...inputs].sort((a, b) => sizeOf(a) - sizeOf(b));
}

/** Those of keys that exist. */
function present(inputs: readonly Input[]): PresentInput[] {
  return inputs.filter((input): input is PresentInput => input.source !== null);
}

function sourcesOf(inputs: readonly PresentInput[]): MemberSource[] {
  return inputs.map(({ source }) => source);
}

function weighted(score: number, weight: number): number {
  const product = score * weight;
  return Number.isNaN(product) ? 0 : product;
}

function aggregated(total: number, value: number, aggregate: Aggregate): number {
  if (aggregate === "min") return value < total ? value : total;
  if (aggregate === "max") return value > total ? value : total;
  const sum = total + value;
  return Number.isNaN(sum) ? 0 : sum;
}

/** O(N) for N members in all. */
export function zsetUnion(keyspace: Keyspace, inputs: readonly Input[], aggregate: Aggregate): Combined {
  const ordered = present(bySize(inputs));
  const result = new Combined();
  mergeMembers(keyspace, sourcesOf(ordered), true, (b, start, end, scores) => {
    let total = Number.NaN;
    for (let i = 0; i < scores.length; i++) {
      const score = scores[i] as number;
      if (Number.isNaN(score)) continue;
      const value = weighted(score, (ordered[i] as PresentInput).weight);
      total = Number.isNaN(total) ? value : aggregated(total, value, aggregate);
    }
    result.add(b, start, end, total);
    return true;
  });
  return result;
}

/** The next total of an intersection. Not `weighted`: Redis lets an undefined product through to the aggregate here. */
function joined(total: number, score: number, weight: number, aggregate: Aggregate): number {
  return aggregated(total, score * weight, aggregate);
}

/** Visits the members that all inputs have, until it returns false. */
function intersect(
  keyspace: Keyspace,
  inputs: readonly Input[],
  aggregate: Aggregate,
  visit: (b: Buffer, start: number, end: number, score: number) => boolean,
): void {
  const ordered = present(bySize(inputs));
  const [first, ...others] = ordered;
  if (first === undefined || ordered.length < inputs.length) return;
  const { source } = first;
  if (shouldMerge(source, sourcesOf(others))) {
    mergeMembers(keyspace, sourcesOf(ordered), true, (b, start, end, scores) => {
      if (!inAll(scores)) return true;
      let total = weighted(scores[0] as number, first.weight);
      for (let i = 1; i < scores.length; i++) {
        total = joined(total, scores[i] as number, (ordered[i] as PresentInput).weight, aggregate);
      }
      return visit(b, start, end, total);
    });
    return;
  }
  while (source.next()) {
    const total = commonScore(first, others, aggregate);
    if (!Number.isNaN(total) && !visit(source.buffer, source.start, source.end, total)) return;
  }
}

/** The score that the present member of the first input has in all of them together; NaN when one lacks it. */
function commonScore(first: PresentInput, others: readonly PresentInput[], aggregate: Aggregate): number {
  const { source } = first;
  let total = weighted(source.score, first.weight);
  for (const { source: other, weight } of others) {
    const score = other.scoreOf(source.buffer, source.start, source.end);
    if (Number.isNaN(score)) return score;
    total = joined(total, score, weight, aggregate);
  }
  return total;
}

/** O(N*K): the smallest input is walked, its members are looked up in the others (or those are walked too). */
export function zsetInter(keyspace: Keyspace, inputs: readonly Input[], aggregate: Aggregate): Combined {
  const result = new Combined();
  intersect(keyspace, inputs, aggregate, (b, start, end, score) => {
    result.add(b, start, end, score);
    return true;
  });
  return result;
}

/** Number of common members; stops at `limit` unless that is 0. */
export function zsetInterCount(keyspace: Keyspace, inputs: readonly Input[], limit: number): number {
  let count = 0;
  intersect(keyspace, inputs, "max", () => ++count !== limit);
  return count;
}

/** Members of the first input that no other has: the first is walked, the others are asked or walked. */
export function zsetDiff(keyspace: Keyspace, inputs: readonly Input[]): Combined {
  const [first, ...rest] = inputs;
  const source = first?.source ?? null;
  const result = new Combined();
  if (source === null) return result;
  // Large ones first: what is not wanted is found early.
  const others = sourcesOf(present(bySize(rest))).reverse();
  if (shouldMerge(source, others)) {
    mergeMembers(keyspace, [source, ...others], true, (b, start, end, scores) => {
      const score = scores[0] as number;
      if (!Number.isNaN(score) && !inOthers(scores)) result.add(b, start, end, score);
      return true;
    });
    return result;
  }
  while (source.next()) {
    const { buffer, start, end, score } = source;
    const isElsewhere = others.some((other) => !Number.isNaN(other.scoreOf(buffer, start, end)));
    if (!isElsewhere) result.add(buffer, start, end, score);
  }
  return result;
}

/** A new sorted set of the members, written in bulk. In a write txn. */
export function combinedZset(keyspace: Keyspace, limits: ZsetLimits, members: Combined): Zset {
  const { bytes, length } = members;
  const isSmall = length <= limits.maxEntries && members.longest <= limits.maxValue;
  const zset = new Zset(keyspace, null, isSmall ? LISTPACK : SKIPLIST);
  const order = members.inOrder();
  if (isSmall) {
    for (const i of order) zset.append(bytes, members.start(i), members.end(i), members.score(i));
    return zset;
  }
  for (const i of order) zset.appendItem(bytes, members.start(i), members.end(i), members.score(i));
  // Neighbours share a page of the store.
  for (const i of members.inRowOrder(keyspace)) {
    zset.putMemberRow(bytes, members.start(i), members.end(i), members.score(i));
  }
  return zset;
}
