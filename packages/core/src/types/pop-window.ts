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
const SIZE_MIN = 1000;

export class PopWindow {
  private generation = 0;
  private versionHigh = 0;
  private versionLow = 0;
  private members: Buffer[] = [];

  /** A random member of a set that a lookup just returned; null: pick it otherwise. Call `popped` once it is removed. */
  take(keyspace: Keyspace, entry: Entry): Buffer | null {
    const { generation, versionHigh, versionLow, size } = entry;
    const isSame = generation === this.generation && versionHigh === this.versionHigh && versionLow === this.versionLow;
    if (!isSame) this.members.length = 0;
    this.generation = 0;
    if (generation === 0 || size < SIZE_MIN || hasDeadlines(entry)) return null;
    if (this.members.length === 0) {
      const sampler = new ElementSampler(keyspace, generation, size, false);
      try {
        this.members = sampler.pickTogether(POP_TOGETHER);
      } finally {
        sampler.close();
      }
    }
    return this.members.pop() ?? null;
  }

  /** The member is gone from the set `entry`, and the record is written: its stamp is the last one given. */
  popped(keyspace: Keyspace, entry: Entry): void {
    this.generation = entry.generation;
    this.versionHigh = keyspace.versions.high;
    this.versionLow = keyspace.versions.low;
  }
}

const windows = new WeakMap<Keyspace, PopWindow>();

/** The one of a keyspace, that is of a process. */
export function popWindowOf(keyspace: Keyspace): PopWindow {
  let window = windows.get(keyspace);
  if (window === undefined) {
    window = new PopWindow();
    windows.set(keyspace, window);
  }
  return window;
}
