/**
 * Union, intersection and difference of collections of members with scores. Inputs are walked through cursors, the
 * result is held until it is in order. The sums come out as Redis' to the last bit: inputs are taken from the smallest
 * to the largest, and where infinities cancel out the score is 0.
 */
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { MemberSource } from "./member-source.ts";
import { LISTPACK, SKIPLIST, Zset } from "./zset.ts";
import type { ZsetLimits } from "./zset-add.ts";

export type Aggregate = "sum" | "min" | "max";

export interface Input {
  /** Null: a key that does not exist. */
  readonly source: MemberSource | null;
  weight: number;
}

/** A member as Latin-1 text, which compares as its bytes do. */
export interface CombinedMember {
  readonly text: string;
  readonly score: number;
}

/** The members of a result, in any order. */
export class Combined {
  private readonly members: CombinedMember[] = [];

  add(text: string, score: number): void {
    this.members.push({ text, score });
  }

  /** In the order of a sorted set. */
  inOrder(): CombinedMember[] {
    return this.members.sort(compareMembers);
  }
}

function compareMembers(a: CombinedMember, b: CombinedMember): number {
  if (a.score !== b.score) return a.score < b.score ? -1 : 1;
  return a.text < b.text ? -1 : a.text > b.text ? 1 : 0;
}

function sizeOf(input: Input): number {
  return input.source === null ? 0 : input.source.size;
}

/** The inputs from the smallest to the largest; equal ones as they were given. */
function bySize(inputs: readonly Input[]): Input[] {
  return [...inputs].sort((a, b) => sizeOf(a) - sizeOf(b));
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

function memberText(source: MemberSource): string {
  return source.buffer.latin1Slice(source.start, source.end);
}

/** O(N) for N members in all. */
export function zsetUnion(inputs: readonly Input[], aggregate: Aggregate): Combined {
  const scores = new Map<string, number>();
  for (const { source, weight } of bySize(inputs)) {
    while (source?.next()) {
      const text = memberText(source);
      const score = weighted(source.score, weight);
      const before = scores.get(text);
      scores.set(text, before === undefined ? score : aggregated(before, score, aggregate));
    }
  }
  const result = new Combined();
  for (const [text, score] of scores) result.add(text, score);
  return result;
}

/** The score that the present member of the first input has in all of them together; NaN when one lacks it. */
function commonScore(source: MemberSource, inputs: readonly Input[], aggregate: Aggregate): number {
  let total = weighted(source.score, (inputs[0] as Input).weight);
  for (let i = 1; i < inputs.length; i++) {
    const { source: other, weight } = inputs[i] as Input;
    const score = other === null ? Number.NaN : other.scoreOf(source.buffer, source.start, source.end);
    if (Number.isNaN(score)) return score;
    // Not `weighted`: Redis lets an undefined product through to the aggregate here.
    total = aggregated(total, score * weight, aggregate);
  }
  return total;
}

/** O(N*K): the smallest input is walked, its members are looked up in the others. */
export function zsetInter(inputs: readonly Input[], aggregate: Aggregate): Combined {
  const result = new Combined();
  const ordered = bySize(inputs);
  const source = ordered[0]?.source ?? null;
  while (source?.next()) {
    const score = commonScore(source, ordered, aggregate);
    if (!Number.isNaN(score)) result.add(memberText(source), score);
  }
  return result;
}

/** Number of common members; stops at `limit` unless that is 0. */
export function zsetInterCount(inputs: readonly Input[], limit: number): number {
  const ordered = bySize(inputs);
  const source = ordered[0]?.source ?? null;
  let count = 0;
  while (source?.next()) {
    if (Number.isNaN(commonScore(source, ordered, "max"))) continue;
    count++;
    if (count === limit) break;
  }
  return count;
}

/**
 * Members of the first input that no other has. As in Redis either the first input is walked and its members are looked
 * up in the others, or all inputs are walked, whichever is less work.
 */
export function zsetDiff(inputs: readonly Input[]): Combined {
  const [first, ...others] = inputs;
  const source = first?.source ?? null;
  const result = new Combined();
  if (source === null) return result;
  const lookups = (source.size * inputs.length) / 2;
  const walks = inputs.reduce((sum, input) => sum + sizeOf(input), 0);
  if (lookups > walks) return diffByWalking(source, others);
  // Large ones first: what is not wanted is found early.
  const ordered = bySize(others).reverse();
  while (source.next()) {
    const isElsewhere = ordered.some(
      ({ source: other }) => other !== null && !Number.isNaN(other.scoreOf(source.buffer, source.start, source.end)),
    );
    if (!isElsewhere) result.add(memberText(source), source.score);
  }
  return result;
}

function diffByWalking(source: MemberSource, others: readonly Input[]): Combined {
  const scores = new Map<string, number>();
  while (source.next()) scores.set(memberText(source), source.score);
  for (const { source: other } of others) {
    while (scores.size > 0 && other?.next()) scores.delete(memberText(other));
  }
  const result = new Combined();
  for (const [text, score] of scores) result.add(text, score);
  return result;
}

/** A new sorted set of the members, which are in order; written in bulk. In a write txn. */
export function combinedZset(keyspace: Keyspace, limits: ZsetLimits, members: readonly CombinedMember[]): Zset {
  const longest = members.reduce((most, { text }) => Math.max(most, text.length), 0);
  const isSmall = members.length <= limits.maxEntries && longest <= limits.maxValue;
  const zset = new Zset(keyspace, null, isSmall ? LISTPACK : SKIPLIST);
  for (const { text, score } of members) {
    const bytes = Buffer.from(text, "latin1");
    zset.append(bytes, 0, bytes.length, score);
  }
  return zset;
}
