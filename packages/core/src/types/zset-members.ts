/**
 * Deadlines of members of sorted sets, for what works on members of any type. A member with a deadline has a row, so its
 * set is not inline. The record's earliest deadline may be one of a member that is gone; the cycle puts it right.
 */
import { type Entry, NO_EXPIRY } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { Element, earliestDeadline, findElement, firstDueMember, isDue } from "./keyed-elements.ts";
import type { MemberKey, MemberType } from "./member-expiry.ts";
import { Zset } from "./zset.ts";

/** Runs `use` on the sorted set and saves it if that returns true. */
function change(keyspace: Keyspace, key: MemberKey, use: (zset: Zset) => boolean): void {
  const zset = new Zset(keyspace, key.entry);
  try {
    if (use(zset)) zset.save(key.db, key.buffer, key.start, key.end);
  } finally {
    zset.release();
  }
}

export const ZSET_MEMBERS: MemberType = {
  deadline(keyspace: Keyspace, entry: Entry, member: Buffer): number | null {
    if (entry.generation === 0) {
      const zset = new Zset(keyspace, entry);
      const isMember = !Number.isNaN(zset.score(member, 0, member.length));
      zset.release();
      return isMember ? NO_EXPIRY : null;
    }
    const element = new Element(member);
    if (!findElement(keyspace, entry.generation, member, 0, member.length, element)) return null;
    return isDue(keyspace, element.expireAtMs) ? null : element.expireAtMs;
  },

  setDeadline(keyspace: Keyspace, key: MemberKey, member: Buffer, expireAtMs: number): boolean {
    let found = false;
    change(keyspace, key, (zset) => {
      found = zset.setDeadline(member, 0, member.length, expireAtMs);
      return found;
    });
    return found;
  },

  expireDue(keyspace: Keyspace, key: MemberKey, limit: number): number {
    const { generation } = key.entry;
    let count = 0;
    change(keyspace, key, (zset) => {
      const element = new Element(key.buffer);
      for (; count < limit && generation !== 0; count++) {
        const member = firstDueMember(keyspace, generation, element);
        if (member === null) break;
        zset.remove(member, 0, member.length);
        keyspace.countExpiredMember();
      }
      zset.memberExpireAtMs = generation === 0 ? NO_EXPIRY : earliestDeadline(keyspace, generation);
      return count > 0 || zset.memberExpireAtMs !== key.entry.memberExpireAtMs;
    });
    return count;
  },

  expireOne(keyspace: Keyspace, key: MemberKey, member: Buffer): void {
    const { generation } = key.entry;
    const element = new Element(member);
    if (generation === 0 || !findElement(keyspace, generation, member, 0, member.length, element)) return;
    if (!isDue(keyspace, element.expireAtMs)) return;
    change(keyspace, key, (zset) => {
      zset.remove(member, 0, member.length);
      zset.memberExpireAtMs = earliestDeadline(keyspace, generation);
      keyspace.countExpiredMember();
      return true;
    });
  },
};
