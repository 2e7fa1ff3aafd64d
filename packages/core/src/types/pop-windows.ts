/**
 * Members that the next SPOPs of a large set will take. A random pick costs several seeks, and a deletion the copy of a
 * page of the store; members whose hashes are neighbours lie on one page. So what a pick finds beside its member is
 * kept for the following SPOPs, POP_TOGETHER in all. Each of them is as likely to be any member as with a pick of its
 * own, and that they belong together shows only to who knows the seed of the hash.
 *
 * The rest is good as long as nothing but those SPOPs has changed the set: the record's version stamp tells. It dies with
 * the process; nothing is lost by that.
 */
import type { Entry } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { ElementSampler, hasDeadlines } from "./keyed-elements-walk.ts";

const POP_TOGETHER = 4;
/** In smaller sets neighbours would be met again too soon. */
const SIZE_MIN = 200;
/** Sets of which a rest is kept; the oldest goes first. */
const RESTS_MAX = 256;

interface Rest {
  versionHigh: number;
  versionLow: number;
  readonly members: Buffer[];
}

export class PopWindows {
  /** By generation, in order of the last change. */
  private readonly rests: Map<number, Rest> = new Map();
  private taken: Buffer[] = [];

  /** A random member of a set that a lookup just returned; null: pick it otherwise. Call `popped` once it is removed. */
  take(keyspace: Keyspace, entry: Entry): Buffer | null {
    const { generation, size } = entry;
    if (generation === 0 || size < SIZE_MIN || hasDeadlines(entry)) return null;
    const rest = this.rests.get(generation);
    this.rests.delete(generation);
    const isGood = rest?.versionHigh === entry.versionHigh && rest.versionLow === entry.versionLow;
    this.taken = isGood ? rest.members : pickTogether(keyspace, entry);
    return this.taken.pop() ?? null;
  }

  /** The member is gone from the set `entry`, and the record is written: its stamp is the last one given. */
  popped(keyspace: Keyspace, entry: Entry): void {
    const { rests } = this;
    if (this.taken.length === 0) return;
    const { high, low } = keyspace.versions;
    rests.set(entry.generation, { versionHigh: high, versionLow: low, members: this.taken });
    if (rests.size <= RESTS_MAX) return;
    const [oldest] = rests.keys();
    if (oldest !== undefined) rests.delete(oldest);
  }
}

function pickTogether(keyspace: Keyspace, entry: Entry): Buffer[] {
  const sampler = new ElementSampler(keyspace, entry.generation, entry.size, false);
  try {
    return sampler.pickTogether(POP_TOGETHER);
  } finally {
    sampler.close();
  }
}

const windows = new WeakMap<Keyspace, PopWindows>();

/** The one of a keyspace, that is of a process. */
export function popWindowsOf(keyspace: Keyspace): PopWindows {
  let own = windows.get(keyspace);
  if (own === undefined) {
    own = new PopWindows();
    windows.set(keyspace, own);
  }
  return own;
}
