/**
 * Publish and subscribe over all processes. Each process knows how many subscribers each other has, so PUBLISH works
 * inside MULTI and scripts, and sends a message only to processes that want it. Messages of one turn leave together
 * after its commit, in the order of publishing.
 *
 * A process tells its changes to the others at the end of the turn, then shows in shared memory that it has told them
 * (interests.ts), then replies to the subscriber. So nobody is waited for: a turn that finds a process behind whose news
 * it has not read puts itself off for one poll, which reads them; should they be late nevertheless, every message goes
 * to the process that they come from.
 *
 * A message whose receivers are to be counted is delivered when everything has been served that had reached this process'
 * sockets before it: the reply of a PUBLISH that can wait is the sum of these counts (publish-counts.ts). For all others
 * (events of keys, EXEC, scripts) no reply waits, so their order must be kept by other means: they leave before the
 * replies of the commands that caused them, and are delivered, in the order in which they were sent, before this process
 * serves what has come since. So a client that has its reply, or sees one, finds nothing overtaken.
 */
import type { Client } from "../command/client.ts";
import { type PubSub, type SubscriptionKind, subscriptionCount } from "../command/pubsub.ts";
import type { Bus } from "../ports/bus.ts";
import { COUNTER, SHARED_WORD64 } from "../ports/counters.ts";
import { isOccupied, type SharedState } from "../ports/shared-state.ts";
import type { Gap, Session } from "../session/session.ts";
import type { Interests } from "./interests.ts";
import { PublishCounts } from "./publish-counts.ts";
import { messageFrame, PUSH, RESP2_ARRAY } from "./push-frames.ts";
import { type SubscriberCount, Subscriptions } from "./subscriptions.ts";

const NEWS = "pubsub.news";
const MESSAGES = "pubsub.messages";
const RECEIVERS = "pubsub.receivers";

/** Bits of a message on the bus. */
const SHARD = 1;
const COUNTED = 2;
type Message = readonly [bits: number, channel: Buffer, message: Buffer];

/** Messages of one turn of another process. */
interface Arrival {
  readonly from: number;
  /** Grows over all processes. */
  readonly order: number;
  readonly isCounted: boolean;
  /** Number of the question for the receivers of those that are COUNTED; 0: there is none. */
  readonly question: number;
  readonly messages: readonly Message[];
}

export interface PubSubParts {
  readonly bus: Bus;
  readonly shared: SharedState;
  readonly interests: Interests;
  readonly sessions: ReadonlyMap<number, Session>;
  /** Queues bytes for a session. */
  push(session: Session, frame: Buffer): void;
  /** Holds back a session's replies, and what comes behind them, until the promise resolves. */
  hold(session: Session, until: Promise<unknown>): void;
  /** Keeps the place of the reply of the command that runs for a session, and fills it. */
  reserve(session: Session): Gap;
  fill(gap: Gap, reply: Buffer): void;
  cancel(gap: Gap): void;
  /** Keeps what a command tells until it is certain; false: it is to be told now. */
  keep(tell: () => void): boolean;
  /** What is queued for other processes must leave before any reply. */
  owe(): void;
  /** Something waits for the end of a turn. */
  wake(): void;
}

export class BusPubSub implements PubSub {
  private readonly parts: PubSubParts;
  private readonly table = new Subscriptions();
  private readonly counters: Float64Array;
  /** Of each other process, the number of the last news that were read. */
  private readonly read: Map<number, number> = new Map();
  /** Processes whose last news were not read. */
  private readonly behind: Set<number> = new Set();
  /** Changed subscriptions that the others are to be told of, the last of each name, by kind and name. */
  private readonly news: Map<string, SubscriberCount> = new Map();
  private newsCount = 0;
  /** Whose replies leave when the news are told. */
  private readonly held: Map<Session, () => void> = new Map();
  private readonly outbox: Map<number, Message[]> = new Map();
  private readonly counts: PublishCounts;
  /** Came since the last turn, and before. */
  private arrived: Arrival[] = [];
  private due: Arrival[] = [];

  constructor(parts: PubSubParts) {
    const { bus, shared } = parts;
    this.parts = parts;
    this.counters = shared.counters(shared.slot);
    this.counts = new PublishCounts({
      isOccupied: (slot) => isOccupied(shared, slot, Date.now()),
      fill: parts.fill,
      cancel: parts.cancel,
    });
    bus.on(NEWS, (payload, from) => {
      const [count, changes] = payload as [number, SubscriberCount[]];
      this.read.set(from, count);
      this.table.setRemote(from, changes);
      this.compare();
    });
    bus.on(MESSAGES, (payload, from) => {
      const [question, order, messages] = payload as [number, number, Message[]];
      const isCounted = messages.some(([bits]) => (bits & COUNTED) !== 0);
      this.arrived.push({ from, question, order, isCounted, messages });
      parts.wake();
    });
    bus.on(RECEIVERS, (payload, from) => {
      const [question, counts] = payload as [number, number[]];
      this.counts.answered(question, from, counts);
    });
    bus.onPeers((joined, left) => this.peersChanged(joined, left));
    parts.interests.onChange.push(() => this.compare());
  }

  private peersChanged(joined: readonly number[], left: readonly number[]): void {
    for (const slot of left) {
      this.read.delete(slot);
      this.outbox.delete(slot);
      this.counts.left(slot);
      this.table.dropRemote(slot);
    }
    this.compare();
    if (joined.length > 0) this.parts.bus.sendEach(joined, NEWS, [this.newsCount, this.table.localCounts()]);
  }

  /** Looks which processes have told news that were not read, or have just joined and told nothing yet. */
  private compare(): void {
    const { bus, interests } = this.parts;
    this.behind.clear();
    for (const slot of bus.peers()) {
      if (this.read.get(slot) !== interests.of(slot, COUNTER.subscription_news)) this.behind.add(slot);
    }
  }

  /** Whether news of another process lie unread in a socket. */
  get isBehind(): boolean {
    return this.behind.size > 0;
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
    this.announce(kind, name);
    this.hold(session);
    return true;
  }

  unsubscribe(client: Client, kind: SubscriptionKind, name: string): boolean {
    const { subscriptions } = client;
    const session = this.parts.sessions.get(client.id);
    if (session === undefined || subscriptions === null || !subscriptions[kind].delete(name)) return false;
    this.table.remove(kind, name, session);
    this.announce(kind, name);
    this.hold(session);
    if (subscriptionCount(client) === 0) this.forget(client);
    return true;
  }

  /** Puts a changed number of subscribers among the news of this turn. */
  private announce(kind: SubscriptionKind, name: string): void {
    if (this.parts.bus.peers().length === 0) return;
    this.news.set(`${kind} ${name}`, [kind, name, this.table.localCount(kind, name)]);
    this.parts.wake();
  }

  /** Keeps a session's replies until the news of this turn are told. */
  private hold(session: Session): void {
    if (this.news.size === 0 || this.held.has(session)) return;
    this.parts.hold(session, new Promise<void>((resolve) => this.held.set(session, resolve)));
  }

  private tellNews(): void {
    const { bus, interests } = this.parts;
    this.newsCount++;
    bus.broadcast(NEWS, [this.newsCount, [...this.news.values()]]);
    this.news.clear();
    // With the kernel before anybody is told that there are any.
    bus.flush();
    interests.show(COUNTER.subscription_news, this.newsCount);
    for (const release of this.held.values()) release();
    this.held.clear();
  }

  unsubscribeAll(client: Client): void {
    const session = this.parts.sessions.get(client.id);
    if (session === undefined || client.subscriptions === null) return;
    this.endAll(client, session);
    this.hold(session);
  }

  /** The session is over. */
  gone(session: Session): void {
    if (session.client.subscriptions === null) return;
    this.endAll(session.client, session);
    if (this.news.size > 0) this.parts.owe();
  }

  private endAll(client: Client, session: Session): void {
    for (const [kind, names] of Object.entries(client.subscriptions ?? {}) as Array<[SubscriptionKind, Set<string>]>) {
      for (const name of names) {
        this.table.remove(kind, name, session);
        this.announce(kind, name);
      }
    }
    this.forget(client);
  }

  private forget(client: Client): void {
    client.subscriptions = null;
    this.countClient(-1);
  }

  private countClient(by: number): void {
    this.counters[COUNTER.pubsub_clients] = (this.counters[COUNTER.pubsub_clients] as number) + by;
  }

  get hasListeners(): boolean {
    return this.table.hasListeners || this.behind.size > 0;
  }

  names(kind: SubscriptionKind): string[] {
    return this.table.names(kind);
  }

  countOf(kind: SubscriptionKind, name: string): number {
    return this.table.countOf(kind, name);
  }

  // ------------------------------------------------------------------------------------------ publishing

  publish(kind: "channel" | "shard", channel: Buffer, message: Buffer): number {
    const isKept = this.parts.keep(() => void this.send(kind, channel, message));
    return isKept ? this.receiversOf(kind, channel) : this.send(kind, channel, message);
  }

  /** Subscribers of all processes that a message would reach, as far as known. */
  private receiversOf(kind: "channel" | "shard", channel: Buffer): number {
    const { table } = this;
    let count = table.sessionsOf(kind, channel.latin1Slice())?.size ?? 0;
    for (const pattern of kind === "channel" ? table.matching(channel) : []) {
      count += table.sessionsOf("pattern", pattern)?.size ?? 0;
    }
    for (const known of this.remoteReceivers(kind, channel)?.values() ?? []) count += known;
    return count;
  }

  private send(kind: "channel" | "shard", channel: Buffer, message: Buffer): number {
    let count = this.deliver(kind, channel, message);
    const receivers = this.remoteReceivers(kind, channel);
    if (receivers === null) return count;
    const posted: Message = [kind === "shard" ? SHARD : 0, channel, message];
    for (const [slot, known] of receivers) {
      count += known;
      this.post(slot, posted);
    }
    return count;
  }

  publishFor(client: Client, kind: "channel" | "shard", channel: Buffer, message: Buffer): number | null {
    const session = this.parts.sessions.get(client.id);
    const receivers = this.remoteReceivers(kind, channel);
    if (session === undefined || receivers === null) return this.send(kind, channel, message);
    let count = this.deliver(kind, channel, message);
    const bits = kind === "shard" ? SHARD : 0;
    const counted: Message = [bits | COUNTED, channel, message];
    for (const [slot, known] of receivers) {
      if (this.counts.canAnswer(slot)) this.post(slot, counted);
      else {
        this.post(slot, [bits, channel, message]);
        count += known;
        receivers.delete(slot);
      }
    }
    if (receivers.size === 0) return count;
    this.counts.ask(receivers, this.parts.reserve(session), count);
    return null;
  }

  /** The processes that are to get a message, with the number of their subscribers as far as known; null: none. */
  private remoteReceivers(kind: "channel" | "shard", channel: Buffer): Map<number, number> | null {
    const { table } = this;
    const receivers = new Map(table.remoteOf(kind, channel.latin1Slice()));
    for (const pattern of kind === "channel" ? table.matching(channel) : []) {
      for (const [slot, subscribers] of table.remoteOf("pattern", pattern) ?? []) {
        receivers.set(slot, (receivers.get(slot) ?? 0) + subscribers);
      }
    }
    for (const slot of this.behind) if (!receivers.has(slot)) receivers.set(slot, 0);
    return receivers.size === 0 ? null : receivers;
  }

  private post(slot: number, message: Message): void {
    if ((message[0] & COUNTED) === 0) this.parts.owe();
    const messages = this.outbox.get(slot);
    if (messages !== undefined) messages.push(message);
    else this.outbox.set(slot, [message]);
    this.parts.wake();
  }

  /**
   * The commands of a turn have run: delivers what had come before its poll. What came in that poll waits for the next
   * one, which finds whatever had reached the sockets before. True when something waits.
   */
  receive(): boolean {
    if (this.due.length > 0) {
      for (const arrival of this.due) this.receiveFrom(arrival);
      this.due = [];
    }
    if (this.arrived.length === 0) return false;
    this.due = this.arrived;
    this.arrived = [];
    return true;
  }

  /** Before the commands of a turn run: delivers what no reply waits for. */
  receiveFirst(): void {
    if (this.arrived.length + this.due.length === 0) return;
    const senders = new Set<number>();
    const waits = (arrival: Arrival): boolean => {
      // Behind what waits, the messages of the same process wait too.
      if (!arrival.isCounted && !senders.has(arrival.from)) return false;
      senders.add(arrival.from);
      return true;
    };
    const all = [...this.due, ...this.arrived];
    const waiting = new Set(all.filter(waits));
    if (waiting.size === all.length) return;
    this.due = this.due.filter((arrival) => waiting.has(arrival));
    this.arrived = this.arrived.filter((arrival) => waiting.has(arrival));
    const first = all.filter((arrival) => !waiting.has(arrival));
    for (const arrival of first.sort((a, b) => a.order - b.order)) this.receiveFrom(arrival);
  }

  /** With no command to run, one poll more is all that messages which have just come are waiting for. */
  putsOff(): boolean {
    if (this.due.length > 0 || !this.arrived.some(({ isCounted }) => isCounted)) return false;
    this.due = this.arrived;
    this.arrived = [];
    return true;
  }

  private receiveFrom({ from, question, messages }: Arrival): void {
    const counts: number[] = [];
    for (const [bits, channel, message] of messages) {
      const count = this.deliver((bits & SHARD) === 0 ? "channel" : "shard", channel, message);
      if ((bits & COUNTED) !== 0) counts.push(count);
    }
    if (counts.length > 0) this.parts.bus.send(from, RECEIVERS, [question, counts]);
  }

  /** Queues a message for the subscribers of this process and returns their number. */
  private deliver(kind: "channel" | "shard", channel: Buffer, message: Buffer): number {
    const name = channel.latin1Slice();
    const word = kind === "shard" ? SMESSAGE : MESSAGE;
    let count = this.pushAll(this.table.sessionsOf(kind, name), [word, channel, message]);
    if (kind === "shard") return count;
    for (const pattern of this.table.matching(channel)) {
      const sessions = this.table.sessionsOf("pattern", pattern);
      count += this.pushAll(sessions, [PMESSAGE, Buffer.from(pattern, "latin1"), channel, message]);
    }
    return count;
  }

  private pushAll(sessions: ReadonlySet<Session> | undefined, parts: readonly Buffer[]): number {
    if (sessions === undefined) return 0;
    let resp2: Buffer | null = null;
    let resp3: Buffer | null = null;
    for (const session of sessions) {
      if (session.client.resp === 2) {
        resp2 ??= messageFrame(RESP2_ARRAY, parts);
        this.parts.push(session, resp2);
      } else {
        resp3 ??= messageFrame(PUSH, parts);
        this.parts.push(session, resp3);
      }
    }
    return sessions.size;
  }

  push(client: Client, frame: Buffer): void {
    const session = this.parts.sessions.get(client.id);
    if (session !== undefined) this.parts.push(session, frame);
  }

  /** Sends what was published in this turn to the other processes; packed once for those that get the same. */
  flush(): void {
    if (this.news.size > 0) this.tellNews();
    if (this.outbox.size === 0) return;
    const order = Number(Atomics.add(this.parts.shared.words64, SHARED_WORD64.message_order, 1n));
    const question = this.counts.send();
    const groups: Array<{ messages: readonly Message[]; slots: number[] }> = [];
    for (const [slot, messages] of this.outbox) {
      const group = groups.find((other) => areSame(other.messages, messages));
      if (group !== undefined) group.slots.push(slot);
      else groups.push({ messages, slots: [slot] });
    }
    this.outbox.clear();
    for (const { messages, slots } of groups) this.parts.bus.sendEach(slots, MESSAGES, [question, order, messages]);
  }

  /** The write txn was dropped, and with it what its commands published. */
  drop(): void {
    this.outbox.clear();
    this.counts.drop();
  }
}

const MESSAGE: Buffer = Buffer.from("message");
const SMESSAGE: Buffer = Buffer.from("smessage");
const PMESSAGE: Buffer = Buffer.from("pmessage");

function areSame(a: readonly Message[], b: readonly Message[]): boolean {
  return a.length === b.length && a.every((message, i) => message === b[i]);
}
