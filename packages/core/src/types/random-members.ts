/**
 * Random members of a collection, as SRANDMEMBER, HRANDFIELD and SPOP want them: all members equally likely, with or
 * without repeats, O(members returned).
 */
import type { Keyspace } from "../keyspace/keyspace.ts";
import { type Element, isDue, ownMember, ownValue } from "./keyed-elements.ts";
import { ElementCursor, ElementSampler } from "./keyed-elements-walk.ts";

/**
 * A random pick costs as much as this many steps of a walk: from this share of the members on, walking over all of them
 * is cheaper than picking.
 */
const PICK_COST_STEPS = 20;

/** A large collection as a source of random members. */
export interface RandomSource {
  readonly generation: number;
  /** Members, due ones included. */
  readonly size: number;
  readonly needsValue: boolean;
  /** Some members may be due, and are not to be returned. */
  readonly mayBeDue: boolean;
}

/** A member that outlives the next store call. */
export interface OwnedMember {
  readonly member: Buffer;
  /** Empty unless values were asked for. */
  readonly value: Buffer;
}

export const NO_VALUE = Buffer.alloc(0);

function own(keyspace: Keyspace, source: RandomSource, element: Element): OwnedMember {
  const member = ownMember(element);
  return { member, value: source.needsValue ? ownValue(keyspace, source.generation, element) : NO_VALUE };
}

/** `count` members, repeats allowed; fewer only when there is no live member at all. */
export function pickWithRepeats(
  keyspace: Keyspace,
  source: RandomSource,
  count: number,
  emit: (picked: OwnedMember) => void,
): number {
  if (count * PICK_COST_STEPS < source.size && pickSeparately(keyspace, source, count, emit)) return count;
  const all = liveMembers(keyspace, source);
  if (all.length === 0) return 0;
  for (let i = 0; i < count; i++) emit(all[Math.floor(Math.random() * all.length)] as OwnedMember);
  return count;
}

/** False, with nothing emitted, when live members are too rare to be met by chance. */
function pickSeparately(
  keyspace: Keyspace,
  source: RandomSource,
  count: number,
  emit: (picked: OwnedMember) => void,
): boolean {
  const sampler = new ElementSampler(keyspace, source.generation, source.size, source.needsValue || source.mayBeDue);
  try {
    for (let i = 0; i < count; i++) {
      const element = sampler.pick();
      if (element === null) {
        if (i === 0) return false;
        throw new Error("no live member after others were picked");
      }
      emit(own(keyspace, source, element));
    }
    return true;
  } finally {
    sampler.close();
  }
}

function liveMembers(keyspace: Keyspace, source: RandomSource): OwnedMember[] {
  const members: OwnedMember[] = [];
  const cursor = new ElementCursor(keyspace, source.generation, source.needsValue || source.mayBeDue);
  try {
    while (cursor.next()) members.push(own(keyspace, source, cursor.element));
    return members;
  } finally {
    cursor.close();
  }
}

/** `count` different members, or all when there are not more. Returns how many were emitted. */
export function pickDistinct(
  keyspace: Keyspace,
  source: RandomSource,
  count: number,
  emit: (picked: OwnedMember) => void,
): number {
  if (count * PICK_COST_STEPS < source.size && pickUnseen(keyspace, source, count, emit)) return count;
  return source.mayBeDue ? pickFromReservoir(keyspace, source, count, emit) : pickByWalk(keyspace, source, count, emit);
}

/** For counts far below the size: repeats are rare and picked again. */
function pickUnseen(
  keyspace: Keyspace,
  source: RandomSource,
  count: number,
  emit: (picked: OwnedMember) => void,
): boolean {
  const sampler = new ElementSampler(keyspace, source.generation, source.size, source.needsValue || source.mayBeDue);
  const picked = new Map<string, OwnedMember>();
  try {
    for (let tries = 0; picked.size < count; tries++) {
      const element = sampler.pick();
      if (element === null || tries > 20 * count + 100) return false;
      const row = sampler.rowText();
      if (!picked.has(row)) picked.set(row, own(keyspace, source, element));
    }
  } finally {
    sampler.close();
  }
  for (const member of picked.values()) emit(member);
  return true;
}

/** One walk that takes each member with the probability (still wanted) / (still to come): Knuth's selection sampling. */
function pickByWalk(
  keyspace: Keyspace,
  source: RandomSource,
  count: number,
  emit: (picked: OwnedMember) => void,
): number {
  const cursor = new ElementCursor(keyspace, source.generation, source.needsValue);
  let wanted = Math.min(count, source.size);
  let left = source.size;
  let emitted = 0;
  try {
    while (wanted > 0 && cursor.step()) {
      if (Math.random() * left < wanted) {
        emit(own(keyspace, source, cursor.element));
        wanted--;
        emitted++;
      }
      left--;
    }
    return emitted;
  } finally {
    cursor.close();
  }
}

/** As `pickByWalk`, when the number of live members is not known: reservoir sampling. */
function pickFromReservoir(
  keyspace: Keyspace,
  source: RandomSource,
  count: number,
  emit: (picked: OwnedMember) => void,
): number {
  const kept: OwnedMember[] = [];
  const cursor = new ElementCursor(keyspace, source.generation, true);
  try {
    for (let seen = 0; cursor.step(); ) {
      if (isDue(keyspace, cursor.element.expireAtMs)) continue;
      seen++;
      if (kept.length < count) kept.push(own(keyspace, source, cursor.element));
      else {
        const place = Math.floor(Math.random() * seen);
        if (place < count) kept[place] = own(keyspace, source, cursor.element);
      }
    }
  } finally {
    cursor.close();
  }
  for (const member of kept) emit(member);
  return kept.length;
}

/** As above, from members that are all in memory (a small collection, in its order). Returns how many were emitted. */
export function emitRandom<T>(all: readonly T[], count: number, distinct: boolean, emit: (picked: T) => void): number {
  if (all.length === 0) return 0;
  if (!distinct) {
    for (let i = 0; i < count; i++) emit(all[Math.floor(Math.random() * all.length)] as T);
    return count;
  }
  let wanted = Math.min(count, all.length);
  const total = wanted;
  for (let place = 0; wanted > 0; place++) {
    if (Math.random() * (all.length - place) >= wanted) continue;
    emit(all[place] as T);
    wanted--;
  }
  return total;
}
