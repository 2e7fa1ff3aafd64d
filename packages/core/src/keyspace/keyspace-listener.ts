/** Told of what happens to keys below the commands: for events and propagation. Inside a write txn. */
export interface KeyspaceListener {
  /** A key was deleted because it was due. The name may be missing while not `wantsExpired`: then it is not told. */
  readonly wantsExpired: boolean;
  expired(db: number, key: Buffer, start: number, end: number): void;
  /** A key was deleted because memory was short. */
  evicted(db: number, key: Buffer): void;
  /** Told of new keys while `wantsCreated`. */
  created(db: number, key: Buffer, start: number, end: number): void;
  readonly wantsCreated: boolean;
  /** Told of due members deleted from a collection of the type while `wantsMembers`; the key may have gone with them. */
  membersExpired(db: number, key: Buffer, type: number, isGone: boolean): void;
  readonly wantsMembers: boolean;
  /** Told of each due member that is deleted while `wantsMember`. */
  memberExpired(db: number, key: Buffer, type: number, member: Buffer): void;
  readonly wantsMember: boolean;
}
