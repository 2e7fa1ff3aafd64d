/**
 * Publish and subscribe over all processes. Each process knows how many subscribers each other has (a subscriber's reply
 * waits until all have been told), so PUBLISH is synchronous, works inside MULTI and scripts, and sends a message only to
 * processes that want it. Messages of one turn leave together after its commit, in the order of publishing.
 */
import type { Client } from "../command/client.ts";
import { type PubSub, type SubscriptionKind, subscriptionCount } from "../command/pubsub.ts";
import type { Bus } from "../ports/bus.ts";
import { COUNTER } from "../ports/counters.ts";
import type { SharedState } from "../ports/shared-state.ts";
import type { Session } from "../session/session.ts";
import { bulk, PUSH, RESP2_ARRAY } from "./push-frames.ts";
import { type SubscriberCount, Subscriptions } from "./subscriptions.ts";

const COUNTS = "pubsub.counts";
const TABLE = "pubsub.table";
const MESSAGES = "pubsub.messages";
/** A process that takes longer to note a subscription is stuck; the subscriber goes on without it. */
const ANSWER_MS = 5000;

type Message = readonly [kind: "channel" | "shard", channel: Buffer, message: Buffer];

export interface PubSubParts {
  readonly bus: Bus;
  readonly shared: SharedState;
  readonly sessions: ReadonlyMap<number, Session>;
  /** Queues bytes for a session. */
  push(session: Session, frame: Buffer): void;
  /** Holds back a session's replies, and what comes behind them, until the promise resolves. */
  hold(session: Session, until: Promise<unknown>): void;
  /** Something waits for `flush`. */
  wake(): void;
}

export class BusPubSub implements PubSub {
  private readonly parts: PubSubParts;
  private readonly table = new Subscriptions();
  private readonly counters: Float64Array;
  /** Processes that have told of their subscribers. */
  private readonly known: Set<number> = new Set();
  private readonly outbox: Map<number, Message[]> = new Map();

  constructor(parts: PubSubParts) {
    const { bus, shared } = parts;
    this.parts = parts;
    this.counters = shared.counters(shared.slot);
    bus.on(COUNTS, (payload, from) => {
      this.table.setRemote(from, payload as SubscriberCount[]);
      return true;
    });
    bus.on(TABLE, (payload, from) => {
      this.known.add(from);
      this.table.setRemote(from, payload as SubscriberCount[]);
    });
    bus.on(MESSAGES, (payload) => {
      for (const [kind, channel, message] of payload as Message[]) this.deliver(kind, channel, message);
    });
    bus.onPeers((joined, left) => this.peersChanged(joined, left));
  }

  private peersChanged(joined: readonly number[], left: readonly number[]): void {
    for (const slot of left) {
      this.known.delete(slot);
      this.outbox.delete(slot);
      this.table.dropRemote(slot);
    }
    if (joined.length === 0) return;
    const counts = this.table.localCounts();
    for (const slot of joined) this.parts.bus.send(slot, TABLE, counts);
  }

  // ------------------------------------------------------------------------------------------ subscribing

  subscribe(client: Client, kind: SubscriptionKind, name: string): boolean {
    const session = this.parts.sessions.get(client.id);
    if (session === undefined) return false;
    if (client.subscriptions === null) {
      client.subscriptions = { channel: new Set(), pattern: new Set(), shard: new Set() };
      this.countClient(1);
    }
    const names = client.subscriptions[kind];
    if (names.has(name)) return false;
    names.add(name);
    this.table.add(kind, name, session);
    this.announce(session, [this.countNow(kind, name)]);
    return true;
  }

  unsubscribe(client: Client, kind: SubscriptionKind, name: string): boolean {
    const { subscriptions } = client;
    const session = this.parts.sessions.get(client.id);
    if (session === undefined || subscriptions === null || !subscriptions[kind].delete(name)) return false;
    this.table.remove(kind, name, session);
    this.announce(session, [this.countNow(kind, name)]);
    if (subscriptionCount(client) === 0) this.forget(client);
    return true;
  }

  private countNow(kind: SubscriptionKind, name: string): SubscriberCount {
    return [kind, name, this.table.localCount(kind, name)];
  }

  private announce(session: Session, counts: readonly SubscriberCount[]): void {
    const { bus } = this.parts;
    if (bus.peers().length > 0) this.parts.hold(session, bus.requestAll(COUNTS, counts, ANSWER_MS));
  }

  unsubscribeAll(client: Client): void {
    const session = this.parts.sessions.get(client.id);
    if (session !== undefined && client.subscriptions !== null) this.announce(session, this.endAll(client, session));
  }

  /** The session is over. */
  gone(session: Session): void {
    const { client } = session;
    if (client.subscriptions !== null) this.parts.bus.broadcast(COUNTS, this.endAll(client, session));
  }

  private endAll(client: Client, session: Session): SubscriberCount[] {
    const counts: SubscriberCount[] = [];
    for (const [kind, names] of Object.entries(client.subscriptions ?? {}) as Array<[SubscriptionKind, Set<string>]>) {
      for (const name of names) {
        this.table.remove(kind, name, session);
        counts.push(this.countNow(kind, name));
      }
    }
    this.forget(client);
    return counts;
  }

  private forget(client: Client): void {
    client.subscriptions = null;
    this.countClient(-1);
  }

  private countClient(by: number): void {
    this.counters[COUNTER.pubsub_clients] = (this.counters[COUNTER.pubsub_clients] as number) + by;
  }

  get hasListeners(): boolean {
    return this.table.hasListeners || this.known.size < this.parts.bus.peers().length;
  }

  names(kind: SubscriptionKind): string[] {
    return this.table.names(kind);
  }

  countOf(kind: SubscriptionKind, name: string): number {
    return this.table.countOf(kind, name);
  }

  // ------------------------------------------------------------------------------------------ publishing

  publish(kind: "channel" | "shard", channel: Buffer, message: Buffer): number {
    let count = this.deliver(kind, channel, message);
    const targets = new Set<number>();
    const addRemote = (of: SubscriptionKind, name: string): void => {
      for (const [slot, subscribers] of this.table.remoteOf(of, name) ?? []) {
        targets.add(slot);
        count += subscribers;
      }
    };
    addRemote(kind, channel.latin1Slice());
    if (kind === "channel") for (const pattern of this.table.matching(channel)) addRemote("pattern", pattern);
    // A process that has just joined may have subscribers that it could not tell of yet.
    for (const slot of this.parts.bus.peers()) if (!this.known.has(slot)) targets.add(slot);
    for (const slot of targets) this.post(slot, [kind, channel, message]);
    return count;
  }

  private post(slot: number, message: Message): void {
    const messages = this.outbox.get(slot);
    if (messages !== undefined) messages.push(message);
    else this.outbox.set(slot, [message]);
    this.parts.wake();
  }

  /** Queues a message for the subscribers of this process and returns their number. */
  private deliver(kind: "channel" | "shard", channel: Buffer, message: Buffer): number {
    const name = channel.latin1Slice();
    const word = kind === "shard" ? "smessage" : "message";
    let count = this.pushAll(this.table.sessionsOf(kind, name), [Buffer.from(word), channel, message]);
    if (kind === "shard") return count;
    for (const pattern of this.table.matching(channel)) {
      const sessions = this.table.sessionsOf("pattern", pattern);
      count += this.pushAll(sessions, [PMESSAGE, Buffer.from(pattern, "latin1"), channel, message]);
    }
    return count;
  }

  private pushAll(sessions: ReadonlySet<Session> | undefined, parts: readonly Buffer[]): number {
    if (sessions === undefined) return 0;
    const body = Buffer.concat([Buffer.from(`${parts.length}\r\n`), ...parts.flatMap(bulk)]);
    let resp2: Buffer | null = null;
    let resp3: Buffer | null = null;
    for (const session of sessions) {
      if (session.client.resp === 2) {
        resp2 ??= Buffer.concat([RESP2_ARRAY, body]);
        this.parts.push(session, resp2);
      } else {
        resp3 ??= Buffer.concat([PUSH, body]);
        this.parts.push(session, resp3);
      }
    }
    return sessions.size;
  }

  push(client: Client, frame: Buffer): void {
    const session = this.parts.sessions.get(client.id);
    if (session !== undefined) this.parts.push(session, frame);
  }

  /** Sends what was published in this turn to the other processes. */
  flush(): void {
    if (this.outbox.size === 0) return;
    for (const [slot, messages] of this.outbox) this.parts.bus.send(slot, MESSAGES, messages);
    this.outbox.clear();
  }

  /** The write txn was dropped, and with it what its commands published. */
  drop(): void {
    this.outbox.clear();
  }
}

const PMESSAGE: Buffer = Buffer.from("pmessage");
