/** What readers of objects give back: values that are whole and checked, but not in the keyspace yet. */
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { HashLimits, SetLimits } from "../types/collection-limits.ts";
import type { ListLimits } from "../types/list-nodes.ts";
import type { NodeLimits } from "../types/stream-node.ts";
import type { ZsetLimits } from "../types/zset-add.ts";

/** The directives that decide about encodings. */
export interface ValueLimits {
  readonly hash: HashLimits;
  readonly list: ListLimits;
  readonly set: SetLimits;
  readonly stream: NodeLimits;
  readonly zset: ZsetLimits;
}

/** A key under which nothing exists. */
export interface NewKey {
  readonly keyspace: Keyspace;
  readonly limits: ValueLimits;
  readonly db: number;
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}

export interface RdbObject {
  /** Makes it the value of a key, without expiry. In a write txn. */
  store(key: NewKey): void;
}

/** The deadline of a member for which the object's own format has no place. */
export interface MemberDeadline {
  readonly member: Buffer;
  /** Unix ms. */
  readonly expireAtMs: number;
}
