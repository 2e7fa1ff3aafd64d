/** `notify-keyspace-events`: publishes changes of keys on the channels that Redis names for them. */
import { type KeyspaceEvents, NOTIFY, notifyFlags } from "../command/keyspace-events.ts";
import type { PubSub } from "../command/pubsub.ts";
import type { KeyspaceListener } from "../keyspace/keyspace-listener.ts";

export class KeyspaceNotifier implements KeyspaceEvents, KeyspaceListener {
  flags = 0;
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

  created(db: number, key: Buffer, start: number, end: number): void {
    this.publish("new", db, key.subarray(start, end));
  }

  expired(db: number, key: Buffer, start: number, end: number): void {
    if (this.wantsExpired) this.publish("expired", db, key.subarray(start, end));
  }
}
