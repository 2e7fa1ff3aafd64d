/**
 * Who is subscribed to what: of this process the sessions, of the others only how many. The others' numbers are kept up
 * by messages, so that PUBLISH knows its result without asking.
 */
import { GlobPattern } from "../base/glob.ts";
import { SUBSCRIPTION_KINDS, type SubscriptionKind } from "../command/pubsub.ts";
import type { Session } from "../session/session.ts";

/** A number of subscribers, as it crosses processes; 0 is the end of the last subscription. */
export type SubscriberCount = readonly [kind: SubscriptionKind, name: string, count: number];

class Table {
  readonly local: Map<string, Set<Session>> = new Map();
  readonly remote: Map<string, Map<number, number>> = new Map();

  get size(): number {
    return this.local.size + this.remote.size;
  }

  localCount(name: string): number {
    return this.local.get(name)?.size ?? 0;
  }

  count(name: string): number {
    let sum = this.localCount(name);
    for (const count of this.remote.get(name)?.values() ?? []) sum += count;
    return sum;
  }

  setRemote(slot: number, name: string, count: number): void {
    const slots = this.remote.get(name);
    if (count > 0) {
      if (slots === undefined) this.remote.set(name, new Map([[slot, count]]));
      else slots.set(slot, count);
    } else if (slots?.delete(slot) && slots.size === 0) this.remote.delete(name);
  }
}

export class Subscriptions {
  private readonly tables: Record<SubscriptionKind, Table> = {
    channel: new Table(),
    pattern: new Table(),
    shard: new Table(),
  };
  private readonly patterns: Map<string, GlobPattern> = new Map();

  get hasListeners(): boolean {
    return this.tables.channel.size > 0 || this.tables.pattern.size > 0;
  }

  add(kind: SubscriptionKind, name: string, session: Session): void {
    const { local } = this.tables[kind];
    const sessions = local.get(name);
    if (sessions === undefined) local.set(name, new Set([session]));
    else sessions.add(session);
    if (kind === "pattern") this.keepPattern(name);
  }

  remove(kind: SubscriptionKind, name: string, session: Session): void {
    const { local } = this.tables[kind];
    const sessions = local.get(name);
    if (sessions?.delete(session) && sessions.size === 0) local.delete(name);
    if (kind === "pattern") this.keepPattern(name);
  }

  setRemote(slot: number, counts: readonly SubscriberCount[]): void {
    for (const [kind, name, count] of counts) {
      this.tables[kind].setRemote(slot, name, count);
      if (kind === "pattern") this.keepPattern(name);
    }
  }

  /** A process has gone, and its subscribers with it. */
  dropRemote(slot: number): void {
    for (const kind of SUBSCRIPTION_KINDS) {
      const table = this.tables[kind];
      for (const name of [...table.remote.keys()]) {
        table.setRemote(slot, name, 0);
        if (kind === "pattern") this.keepPattern(name);
      }
    }
  }

  private keepPattern(name: string): void {
    const { local, remote } = this.tables.pattern;
    if (!local.has(name) && !remote.has(name)) this.patterns.delete(name);
    else if (!this.patterns.has(name)) this.patterns.set(name, new GlobPattern(Buffer.from(name, "latin1")));
  }

  /** Numbers of this process' subscribers. */
  localCounts(): SubscriberCount[] {
    const counts: SubscriberCount[] = [];
    for (const kind of SUBSCRIPTION_KINDS) {
      for (const [name, sessions] of this.tables[kind].local) counts.push([kind, name, sessions.size]);
    }
    return counts;
  }

  localCount(kind: SubscriptionKind, name: string): number {
    return this.tables[kind].localCount(name);
  }

  countOf(kind: SubscriptionKind, name: string): number {
    return this.tables[kind].count(name);
  }

  names(kind: SubscriptionKind): string[] {
    const { local, remote } = this.tables[kind];
    return [...new Set([...local.keys(), ...remote.keys()])];
  }

  sessionsOf(kind: SubscriptionKind, name: string): ReadonlySet<Session> | undefined {
    return this.tables[kind].local.get(name);
  }

  remoteOf(kind: SubscriptionKind, name: string): ReadonlyMap<number, number> | undefined {
    return this.tables[kind].remote.get(name);
  }

  /** The patterns of all processes that match a channel. */
  matching(channel: Buffer): string[] {
    const names: string[] = [];
    for (const [name, pattern] of this.patterns) if (pattern.matches(channel, 0, channel.length)) names.push(name);
    return names;
  }
}
