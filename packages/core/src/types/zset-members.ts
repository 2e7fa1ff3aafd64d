/**
 * Deadlines of members of sorted sets, for what works on members of any type. A member with a deadline has a row, so its
 * set is not inline. The record's earliest deadline may be one of a member that is gone; the cycle puts it right.
 */
import { TYPE_ID } from "../codec/format.ts";
import { type Entry, NO_EXPIRY } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { noteExpiredMember } from "../keyspace/member-expirer.ts";
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

function expireMember(keyspace: Keyspace, key: MemberKey, zset: Zset, member: Buffer): void {
  zset.remove(member, 0, member.length);
  noteExpiredMember(keyspace, TYPE_ID.zset, key.db, key.buffer, key.start, key.end, member, 0, member.length);
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
        expireMember(keyspace, key, zset, member);
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
      expireMember(keyspace, key, zset, member);
      zset.memberExpireAtMs = earliestDeadline(keyspace, generation);
      return true;
    });
  },
};
