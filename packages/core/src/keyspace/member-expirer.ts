/** Members of collections that are due, between the keyspace, which meets them, and the types, which delete them. */

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
