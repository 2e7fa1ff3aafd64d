/** Deadlines of hash fields, for what works on members of any type. */
import type { Entry } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { HashLimits } from "./collection-limits.ts";
import { HashReader } from "./hash.ts";
import { HashEditor } from "./hash-editor.ts";
import type { MemberKey, MemberType } from "./member-expiry.ts";

/** Deadlines change nothing that the limits decide, so a hash stays as it is. */
const NO_LIMITS: HashLimits = { maxEntries: Number.POSITIVE_INFINITY, maxValue: Number.POSITIVE_INFINITY };

function edit(keyspace: Keyspace, key: MemberKey): HashEditor {
  return new HashEditor(keyspace, NO_LIMITS, key.db, key.buffer, key.start, key.end, key.entry);
}

export const HASH_MEMBERS: MemberType = {
  deadline(keyspace: Keyspace, entry: Entry, member: Buffer): number | null {
    const reader = new HashReader(keyspace, entry);
    return reader.find(member, 0, member.length) ? reader.element.expireAtMs : null;
  },

  setDeadline(keyspace: Keyspace, key: MemberKey, member: Buffer, expireAtMs: number): boolean {
    const hash = edit(keyspace, key);
    const found = hash.has(member, 0, member.length);
    if (found) {
      hash.allowDeadlines();
      hash.setDeadline(member, 0, member.length, expireAtMs);
    }
    hash.finish();
    return found;
  },

  expireDue(keyspace: Keyspace, key: MemberKey, limit: number): number {
    const hash = edit(keyspace, key);
    const count = hash.expireDue(limit);
    hash.finish();
    return count;
  },

  expireOne(keyspace: Keyspace, key: MemberKey, member: Buffer): void {
    const hash = edit(keyspace, key);
    // Looking for a due field deletes it.
    hash.has(member, 0, member.length);
    hash.finish();
  },
};
