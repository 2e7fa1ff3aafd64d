/**
 * Deadlines of members: Redis' hash field expiry and KeyDB's EXPIREMEMBER are one mechanism. A member's deadline lies
 * with the member; the key's record holds the earliest one, and the keyspace keeps a row for it, by which the active
 * cycle finds the key. What each type does is in its MemberType.
 */
import { TYPE_ID } from "../codec/format.ts";
import type { Entry } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { MemberExpirer } from "../keyspace/member-expirer.ts";
import { HASH_MEMBERS } from "./hash-members.ts";
import { SET_MEMBERS } from "./set-members.ts";
import { ZSET_MEMBERS } from "./zset-members.ts";

/** A key that a lookup returned, with its name. */
export interface MemberKey {
  readonly db: number;
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
  readonly entry: Entry;
}

/** How a type keeps deadlines of members. `member` is never borrowed from the store. */
export interface MemberType {
  /** Deadline of a member, unix ms; NO_EXPIRY when it has none, null when there is no such member or it is due. */
  deadline(keyspace: Keyspace, entry: Entry, member: Buffer): number | null;
  /** Sets or (NO_EXPIRY) drops a deadline, which may be past; false when there is no such member. In a write txn. */
  setDeadline(keyspace: Keyspace, key: MemberKey, member: Buffer, expireAtMs: number): boolean;
  /** Deletes up to `limit` due members, the key with the last one; returns how many. In a write txn. */
  expireDue(keyspace: Keyspace, key: MemberKey, limit: number): number;
  /** Deletes one member if it is due. In a write txn. */
  expireOne(keyspace: Keyspace, key: MemberKey, member: Buffer): void;
}

const MEMBER_TYPES: ReadonlyMap<number, MemberType> = new Map([
  [TYPE_ID.hash, HASH_MEMBERS],
  [TYPE_ID.set, SET_MEMBERS],
  [TYPE_ID.zset, ZSET_MEMBERS],
]);

/** What a type does with deadlines of members; null when its members cannot have any. */
export function memberTypeOf(entry: Entry): MemberType | null {
  return MEMBER_TYPES.get(entry.type) ?? null;
}

/** Deletes due members for the keyspace: of the active cycle, and of reads that met them. */
export class MemberExpiry implements MemberExpirer {
  private readonly keyspace: Keyspace;

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace;
  }

  expireMembers(db: number, key: Buffer, limit: number): number {
    const found = this.find(db, key);
    if (found === null) return 0;
    const { dirty } = this.keyspace;
    const expired = found.type.expireDue(this.keyspace, found.key, limit);
    if (expired > 0) this.tell(found.key);
    // As with keys, it is no change that anybody made.
    this.keyspace.dirty = dirty;
    return expired;
  }

  expireMember(db: number, key: Buffer, member: Buffer): void {
    const found = this.find(db, key);
    if (found === null) return;
    const { dirty } = this.keyspace;
    found.type.expireOne(this.keyspace, found.key, member);
    if (this.keyspace.dirty !== dirty) this.tell(found.key);
    this.keyspace.dirty = dirty;
  }

  private tell({ db, buffer, start, end, entry }: MemberKey): void {
    const { keyspace } = this;
    if (keyspace.listener === null || !keyspace.listener.wantsMembers) return;
    keyspace.forgetRow();
    const isGone = keyspace.find(db, buffer, start, end) === null;
    keyspace.listener.membersExpired(db, buffer.subarray(start, end), entry.type, isGone);
  }

  private find(db: number, buffer: Buffer): { type: MemberType; key: MemberKey } | null {
    const { keyspace } = this;
    keyspace.forgetRow();
    const entry = keyspace.find(db, buffer, 0, buffer.length);
    const type = entry === null ? null : memberTypeOf(entry);
    if (entry === null || type === null) return null;
    return { type, key: { db, buffer, start: 0, end: buffer.length, entry } };
  }
}
