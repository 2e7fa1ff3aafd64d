/** Deadlines of set members, for what works on members of any type. */
import { type Entry, NO_EXPIRY } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { SetLimits } from "./collection-limits.ts";
import { Element, findElement, isDue } from "./keyed-elements.ts";
import type { MemberKey, MemberType } from "./member-expiry.ts";
import { MEMBER, setMember } from "./set.ts";
import { SetEditor } from "./set-editor.ts";

/** Nothing is added, so the limits decide nothing. */
const NO_LIMITS: SetLimits = {
  maxIntset: Number.POSITIVE_INFINITY,
  maxEntries: Number.POSITIVE_INFINITY,
  maxValue: Number.POSITIVE_INFINITY,
};

function edit(keyspace: Keyspace, key: MemberKey): SetEditor {
  return new SetEditor(keyspace, NO_LIMITS, key.db, key.buffer, key.start, key.end, key.entry);
}

export const SET_MEMBERS: MemberType = {
  deadline(keyspace: Keyspace, entry: Entry, member: Buffer): number | null {
    if (entry.generation === 0) {
      return setMember(keyspace, entry, member, 0, member.length) === MEMBER.live ? NO_EXPIRY : null;
    }
    const element = new Element(member);
    if (!findElement(keyspace, entry.generation, member, 0, member.length, element)) return null;
    return isDue(keyspace, element.expireAtMs) ? null : element.expireAtMs;
  },

  setDeadline(keyspace: Keyspace, key: MemberKey, member: Buffer, expireAtMs: number): boolean {
    const set = edit(keyspace, key);
    const found = set.setDeadline(member, 0, member.length, expireAtMs);
    set.finish();
    return found;
  },

  expireDue(keyspace: Keyspace, key: MemberKey, limit: number): number {
    const set = edit(keyspace, key);
    const count = set.expireDue(limit);
    set.finish();
    return count;
  },

  expireOne(keyspace: Keyspace, key: MemberKey, member: Buffer): void {
    const set = edit(keyspace, key);
    // Looking for a due member deletes it.
    set.has(member, 0, member.length);
    set.finish();
  },
};
