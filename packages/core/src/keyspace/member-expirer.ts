/** Members of collections that are due, between the keyspace, which meets them, and the types, which delete them. */
import type { Keyspace } from "./keyspace.ts";

/** A member of a collection that is due; a null member stands for all due ones of the key. */
export interface DueMember {
  readonly db: number;
  readonly key: Buffer;
  readonly member: Buffer | null;
}

/** Deletes due members of collections, in a write txn; implemented by types/member-expiry.ts. */
export interface MemberExpirer {
  /** Deletes up to `limit` due members of a key, the key too when none is left; returns how many. */
  expireMembers(db: number, key: Buffer, limit: number): number;
  expireMember(db: number, key: Buffer, member: Buffer): void;
}

/** A member `mb[ms..me)` of the key `kb[ks..ke)` of a type was deleted because it was due: counts it, and tells who wants it. */
export function noteExpiredMember(
  keyspace: Keyspace,
  type: number,
  db: number,
  kb: Buffer,
  ks: number,
  ke: number,
  mb: Buffer,
  ms: number,
  me: number,
): void {
  keyspace.countExpiredMember();
  const { listener } = keyspace;
  if (listener?.wantsMember) listener.memberExpired(db, kb.subarray(ks, ke), type, mb.subarray(ms, me));
}
