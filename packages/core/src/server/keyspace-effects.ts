/**
 * Tells the op log what happens to keys below the commands: deletions of what was due, and for want of memory. Takes the
 * place of the KeyspaceNotifier, which hears everything through it, while there is an op log.
 */
import { TYPE_ID } from "../codec/format.ts";
import type { Effects } from "../command/effects.ts";
import type { KeyspaceListener } from "../keyspace/keyspace-listener.ts";
import type { Config } from "../ports/config.ts";

const MEMBER_DELETIONS: ReadonlyMap<number, string> = new Map([
  [TYPE_ID.hash, "HDEL"],
  [TYPE_ID.set, "SREM"],
  [TYPE_ID.zset, "ZREM"],
]);

export class KeyspaceEffects implements KeyspaceListener {
  readonly wantsExpired = true;
  readonly wantsMember = true;
  private readonly effects: Effects;
  private readonly events: KeyspaceListener;
  private readonly config: Config;

  constructor(effects: Effects, events: KeyspaceListener, config: Config) {
    this.effects = effects;
    this.events = events;
    this.config = config;
  }

  get wantsCreated(): boolean {
    return this.events.wantsCreated;
  }

  get wantsMembers(): boolean {
    return this.events.wantsMembers;
  }

  created(db: number, key: Buffer, start: number, end: number): void {
    this.events.created(db, key, start, end);
  }

  membersExpired(db: number, key: Buffer, type: number, isGone: boolean): void {
    this.events.membersExpired(db, key, type, isGone);
  }

  expired(db: number, key: Buffer, start: number, end: number): void {
    this.events.expired(db, key, start, end);
    this.deleted(db, key.subarray(start, end), "lazyfree-lazy-expire");
  }

  evicted(db: number, key: Buffer): void {
    this.events.evicted(db, key);
    this.deleted(db, key, "lazyfree-lazy-eviction");
  }

  private deleted(db: number, key: Buffer, directive: string): void {
    this.effects.add(db, [this.config.boolean(directive) ? "UNLINK" : "DEL", key]);
  }

  /** One effect for each member, as Redis 7.4 tells of fields and KeyDB of members. */
  memberExpired(db: number, key: Buffer, type: number, member: Buffer): void {
    const deletion = MEMBER_DELETIONS.get(type);
    if (deletion !== undefined) this.effects.add(db, [deletion, key, member]);
  }
}
