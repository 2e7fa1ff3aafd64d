/** `notify-keyspace-events`: publishes changes of keys on the channels that Redis names for them. */
import { TYPE_ID } from "../codec/format.ts";
import { type KeyspaceEvents, NOTIFY, notifyFlags } from "../command/keyspace-events.ts";
import type { PubSub } from "../command/pubsub.ts";
import type { KeyspaceListener } from "../keyspace/keyspace-listener.ts";

const MEMBER_EVENTS: ReadonlyMap<number, readonly [kind: number, event: string]> = new Map([
  [TYPE_ID.hash, [NOTIFY.hash, "hexpired"]],
  [TYPE_ID.set, [NOTIFY.set, "srem"]],
  [TYPE_ID.zset, [NOTIFY.zset, "zrem"]],
]);

export class KeyspaceNotifier implements KeyspaceEvents, KeyspaceListener {
  flags = 0;
  /** There is one event for all members of a key. */
  readonly wantsMember = false;
  private readonly pubsub: PubSub;

  constructor(pubsub: PubSub) {
    this.pubsub = pubsub;
  }

  /** `text`: the directive's value. */
  configure(text: string): void {
    this.flags = notifyFlags(text);
  }

  publish(event: string, db: number, key: Buffer): void {
    if (!this.pubsub.hasListeners) return;
    const name = Buffer.from(event);
    if ((this.flags & NOTIFY.keyspace) !== 0) {
      this.pubsub.publish("channel", Buffer.concat([Buffer.from(`__keyspace@${db}__:`), key]), name);
    }
    if ((this.flags & NOTIFY.keyevent) !== 0) {
      this.pubsub.publish("channel", Buffer.from(`__keyevent@${db}__:${event}`), Buffer.from(key));
    }
  }

  get wantsExpired(): boolean {
    return (this.flags & NOTIFY.expired) !== 0;
  }

  get wantsCreated(): boolean {
    return (this.flags & NOTIFY.new) !== 0;
  }

  get wantsMembers(): boolean {
    return this.flags !== 0;
  }

  /** Hashes as in Redis 7.4; sets and sorted sets as their removals, and KeyDB's `expired` for the last member. */
  membersExpired(db: number, key: Buffer, type: number, isGone: boolean): void {
    const [kind, event] = MEMBER_EVENTS.get(type) ?? [0, ""];
    if ((this.flags & kind) !== 0) this.publish(event, db, key);
    if (!isGone) return;
    if (type !== TYPE_ID.hash) this.expired(db, key, 0, key.length);
    else if ((this.flags & NOTIFY.generic) !== 0) this.publish("del", db, key);
  }

  memberExpired(): void {}

  evicted(db: number, key: Buffer): void {
    if ((this.flags & NOTIFY.evicted) !== 0) this.publish("evicted", db, key);
  }

  created(db: number, key: Buffer, start: number, end: number): void {
    this.publish("new", db, key.subarray(start, end));
  }

  expired(db: number, key: Buffer, start: number, end: number): void {
    if (this.wantsExpired) this.publish("expired", db, key.subarray(start, end));
  }
}
