/**
 * Client-side caching over all processes. Each process remembers what its own clients have read, and shows the others
 * whether it has any that track (interests.ts). The first client of a process starts to track under the write lock, so
 * every write txn knows from its begin who is to be told. While one tracks, every process gathers the keys that its write txns change; after the
 * commit it sends invalidations to its own clients, the keys to the processes that track, and holds back the replies of
 * the writers until those have answered: nobody hears of a write before the invalidations it caused are on their way.
 *
 * A read and the note of what was read happen in one turn, and messages are taken between turns: a change that the
 * read's snapshot did not show arrives after the note.
 */
import type { Client } from "../command/client.ts";
import type { Command } from "../command/define-command.ts";
import { findKeys, keyBytes } from "../command/key-extraction.ts";
import { RUN_IN_WRITE } from "../command/run-in-write.ts";
import type { Tracking, TrackingOptions, TrackingState } from "../command/tracking.ts";
import type { KeyChanges } from "../keyspace/key-changes.ts";
import type { Bus } from "../ports/bus.ts";
import { COUNTER } from "../ports/counters.ts";
import type { SharedState } from "../ports/shared-state.ts";
import type { Args } from "../resp/args.ts";
import type { Session } from "../session/session.ts";
import type { Interests } from "./interests.ts";
import { bulk } from "./push-frames.ts";
import { TrackingTable } from "./tracking-table.ts";

const CHANGED = "tracking.changed";
const REDIRECT = "tracking.redirect";
const BROKEN = "tracking.broken";
const FIND = "tracking.find";
const STAY = "tracking.stay";
const ANSWER_MS = 5000;
/** The channel that RESP2 clients subscribe to for a client that redirects to them. */
const CHANNEL = "__redis__:invalidate";

/**
 * A changed key, and the client that changed it (0: nobody's, an expiry), for those who have read it and for broadcasts: as
 * in Redis, a change by a script is nobody's for the latter.
 */
type Change = readonly [key: Buffer, clientId: number, broadcastId: number];

export interface TrackingParts {
  readonly bus: Bus;
  readonly shared: SharedState;
  readonly interests: Interests;
  readonly changes: KeyChanges;
  readonly sessions: ReadonlyMap<number, Session>;
  /** Most keys remembered; 0: no limit. */
  maxKeys(): number;
  /** Where a client has arrived that was being moved away from here at that time; null when none was. */
  follow(clientId: number, askedMs: number): Promise<number | null> | null;
  /** The client whose command runs now. */
  currentClient(): Client;
  /** Whether a script runs for it. */
  inScript(): boolean;
  push(session: Session, frame: Buffer): void;
  inWriteTxn(): boolean;
}

export class BusTracking implements Tracking {
  private readonly parts: TrackingParts;
  private readonly table = new TrackingTable();
  private readonly counters: Float64Array;
  /** Sessions of this process that track. */
  private readonly local: Set<Session> = new Set();
  /** Other processes that have clients that track. */
  private remote: readonly number[] = [];
  /** Told when `isActive` may have changed. */
  onUpdate: () => void = () => {};
  private changed: Change[] = [];
  /** Who of this process had read the changed keys: a client that reads them again in the same txn knows the new value. */
  private readers: Array<ReadonlySet<number>> = [];
  private flushed = false;

  constructor(parts: TrackingParts) {
    const { bus, changes, shared } = parts;
    this.parts = parts;
    this.counters = shared.counters(shared.slot);
    changes.onKey = (key, byItself) => this.noteChange(key, byItself ? 0 : parts.currentClient().id);
    changes.onFlush = () => {
      this.flushed = true;
    };
    bus.on(CHANGED, (payload) => {
      const { keys, flushed } = payload as { keys: Change[]; flushed: boolean };
      if (this.local.size > 0) this.invalidate(keys, flushed, []);
      return true;
    });
    bus.on(REDIRECT, (payload, from) => {
      const { id, origin, body } = payload as { id: number; origin: number; body: Buffer };
      if (!this.pushTo(id, body, true)) bus.send(from, BROKEN, origin);
    });
    bus.on(BROKEN, (origin) => {
      const session = parts.sessions.get(origin as number);
      if (session !== undefined) this.redirectBroken(session);
    });
    bus.on(FIND, (payload) => {
      const { id, askedMs } = payload as { id: number; askedMs: number };
      return this.findAt(id, askedMs);
    });
    bus.on(STAY, (id) => this.keepHere(id as number));
    bus.onPeers(() => this.update());
    parts.interests.onChange.push(() => this.update());
  }

  /** Whether a client of this process tracks. */
  get isActive(): boolean {
    return this.local.size > 0;
  }

  private update(): void {
    this.remote = this.parts.interests.slots(COUNTER.tracking_clients);
    this.onUpdate();
    this.parts.changes.isWanted = this.local.size + this.remote.length > 0;
  }

  // ------------------------------------------------------------------------------------------ CLIENT TRACKING

  enable(client: Client, options: TrackingOptions, prefixes: readonly string[]): void {
    const session = this.parts.sessions.get(client.id);
    if (session === undefined) return;
    const old = client.tracking;
    // Under the lock, no write txn is open that has not looked for processes that track.
    if (this.local.size === 0 && this.parts.bus.peers().length > 0 && !this.parts.inWriteTxn()) throw RUN_IN_WRITE;
    const state: TrackingState = {
      ...options,
      redirectIsBroken: false,
      // As in Redis, CLIENT CACHING outlives a change of the options.
      caching: old?.caching ?? false,
      prefixes: old?.prefixes ?? new Set(),
    };
    client.tracking = state;
    if (state.bcast) {
      for (const prefix of prefixes.length === 0 ? [""] : prefixes) {
        state.prefixes.add(prefix);
        this.table.addPrefix(prefix, session);
      }
    }
    if (old === null) {
      this.local.add(session);
      this.show();
    }
  }

  disable(client: Client): void {
    const session = this.parts.sessions.get(client.id);
    if (session !== undefined) this.gone(session);
  }

  /** The session is over, or does not track any more. */
  gone(session: Session): void {
    const { client } = session;
    if (client.tracking === null) return;
    for (const prefix of client.tracking.prefixes) this.table.removePrefix(prefix, session);
    client.tracking = null;
    this.local.delete(session);
    if (this.local.size === 0) {
      // Nobody is left to be told, so changes are not followed any more.
      this.table.clearKeys();
      this.noteTotals();
    }
    this.show();
  }

  private show(): void {
    this.parts.interests.show(COUNTER.tracking_clients, this.local.size);
    this.update();
  }

  findHere(clientId: number): number | null {
    const { bus, shared } = this.parts;
    if (this.keepHere(clientId)) return shared.slot;
    return bus.peers().length === 0 ? -1 : null;
  }

  async findElsewhere(clientId: number): Promise<number> {
    const askedMs = Date.now();
    const { bus } = this.parts;
    const answers = await Promise.all([
      bus.requestAll(FIND, { id: clientId, askedMs }, ANSWER_MS) as Promise<number[]>,
      this.findAt(clientId, askedMs),
    ]);
    return answers.flat().find((slot) => slot >= 0) ?? -1;
  }

  /** A client that others redirect to is not moved any more: they remember its process. False: it is not here. */
  private keepHere(clientId: number): boolean {
    const session = this.parts.sessions.get(clientId);
    if (session === undefined) return false;
    session.client.isRedirectTarget = true;
    return true;
  }

  /** The process of a client that is here, or was sent elsewhere and had not arrived at that time; -1 of others. */
  private async findAt(clientId: number, askedMs: number): Promise<number> {
    const { bus, shared, follow } = this.parts;
    if (this.keepHere(clientId)) return shared.slot;
    const slot = (await follow(clientId, askedMs)) ?? -1;
    if (slot >= 0) bus.send(slot, STAY, clientId);
    return slot;
  }

  /** Writes the sizes of the table where INFO finds them; once per turn while a client tracks. */
  noteTotals(): void {
    const { keys, items, prefixes } = this.table;
    this.counters[COUNTER.tracking_keys] = keys;
    this.counters[COUNTER.tracking_items] = items;
    this.counters[COUNTER.tracking_prefixes] = prefixes;
  }

  // ------------------------------------------------------------------------------------------ reading

  remember(client: Client, command: Command, args: Args): void {
    const state = client.tracking;
    if (state === null || state.bcast) return;
    if ((state.optin && !state.caching) || (state.optout && state.caching)) return;
    const { spec } = command;
    if (!spec.flags.includes("readonly") || spec.group === "scripting") return;
    for (const key of findKeys(command, args) ?? []) {
      this.table.remember(keyBytes(args, key).toString("latin1"), client.id);
    }
    this.limitKeys();
  }

  /** Forgets the oldest keys beyond `tracking-table-max-keys`, and tells their readers. True when there were any. */
  limitKeys(): boolean {
    const max = this.parts.maxKeys();
    if (max === 0 || this.table.keys <= max) return false;
    while (this.table.keys > max) {
      const key = this.table.oldest();
      if (key === null) break;
      this.tellReaders(key, 0, this.table.take(key));
    }
    return true;
  }

  // ------------------------------------------------------------------------------------------ writing

  private noteChange(key: Buffer, clientId: number): void {
    this.changed.push([key, clientId, this.parts.inScript() ? 0 : clientId]);
    this.readers.push(this.table.take(key.latin1Slice()));
  }

  /**
   * After a commit: sends what it made invalid. Null, or what the replies of the batch must wait for.
   */
  committed(): Promise<unknown> | null {
    if (this.changed.length === 0 && !this.flushed) return null;
    const { changed: keys, readers, flushed } = this;
    this.changed = [];
    this.readers = [];
    this.flushed = false;
    if (this.local.size > 0) this.invalidate(keys, flushed, readers);
    if (this.remote.length === 0) return null;
    return this.parts.bus.requestEach(this.remote, CHANGED, { keys, flushed }, ANSWER_MS);
  }

  /** The txn was dropped: what was read before is still true. */
  dropped(): void {
    this.readers.forEach((ids, i) => {
      const name = this.changed[i]?.[0].latin1Slice() ?? "";
      for (const id of ids) this.table.remember(name, id);
    });
    this.changed = [];
    this.readers = [];
    this.flushed = false;
  }

  private invalidate(changes: readonly Change[], flushed: boolean, readers: ReadonlyArray<ReadonlySet<number>>): void {
    if (flushed) this.invalidateAll();
    const changed = new Map<string, number>();
    for (const [i, [key, clientId, broadcastId]] of changes.entries()) {
      const name = key.latin1Slice();
      // As in Redis, who changed it last counts: an expiry behind a client's own change is told to it.
      changed.set(name, broadcastId);
      this.tellReaders(name, clientId, readers[i] ?? this.table.take(name));
    }
    for (const [prefix, sessions] of this.table.broadcasts()) {
      const keys = [...changed].filter(([name]) => name.startsWith(prefix));
      for (const session of sessions) this.broadcast(session, keys);
    }
    this.noteTotals();
  }

  private broadcast(session: Session, keys: ReadonlyArray<readonly [string, number]>): void {
    const skip = session.client.tracking?.noloop ? session.client.id : -1;
    const names = keys.filter(([, clientId]) => clientId !== skip).map(([name]) => name);
    if (names.length > 0) this.tell(session, names);
  }

  private tellReaders(name: string, clientId: number, readers: ReadonlySet<number>): void {
    for (const id of readers) {
      const session = this.parts.sessions.get(id);
      const state = session?.client.tracking ?? null;
      if (session === undefined || state === null || state.bcast) continue;
      if (!state.noloop || id !== clientId) this.tell(session, [name]);
    }
  }

  /** A database was emptied: every client is told to forget everything. */
  private invalidateAll(): void {
    this.table.clearKeys();
    for (const session of this.local) this.tell(session, null);
  }

  private tell(session: Session, names: readonly string[] | null): void {
    const state = session.client.tracking;
    if (state === null) return;
    const body = bodyOf(names);
    const { client } = session;
    if (state.redirect === 0) this.pushTo(client.id, body, false);
    else if (state.redirectSlot !== this.parts.shared.slot) {
      if (this.parts.bus.peers().includes(state.redirectSlot)) {
        this.parts.bus.send(state.redirectSlot, REDIRECT, { id: state.redirect, origin: client.id, body });
      } else this.redirectBroken(session);
    } else if (!this.pushTo(state.redirect, body, true)) this.redirectBroken(session);
  }

  /** Sends to a client of this process, if its protocol allows; false when there is no such client. */
  private pushTo(id: number, body: Buffer, isRedirected: boolean): boolean {
    const session = this.parts.sessions.get(id);
    // One that has said QUIT is as good as gone.
    if (session === undefined || session.client.closeAfterReply) return false;
    const { client } = session;
    if (client.resp > 2) {
      const nullBody = body.length === 0 ? NULL3 : body;
      this.parts.push(session, Buffer.concat([PUSH_INVALIDATE, nullBody]));
    } else if (isRedirected && client.subscriptions !== null) {
      const nullBody = body.length === 0 ? NULL2 : body;
      this.parts.push(session, Buffer.concat([MESSAGE_INVALIDATE, nullBody]));
    }
    return true;
  }

  private redirectBroken(session: Session): void {
    const { client } = session;
    const state = client.tracking;
    if (state === null) return;
    state.redirectIsBroken = true;
    if (client.resp < 3) return;
    const text = `>2\r\n$21\r\ntracking-redir-broken\r\n:${state.redirect}\r\n`;
    this.parts.push(session, Buffer.from(text));
  }
}

const PUSH_INVALIDATE: Buffer = Buffer.from(">2\r\n$10\r\ninvalidate\r\n");
const MESSAGE_INVALIDATE: Buffer = Buffer.from(`*3\r\n$7\r\nmessage\r\n$${CHANNEL.length}\r\n${CHANNEL}\r\n`);
const NULL3: Buffer = Buffer.from("_\r\n");
const NULL2: Buffer = Buffer.from("$-1\r\n");

/** The keys as a RESP array; empty for all keys, whose null depends on the protocol. */
function bodyOf(names: readonly string[] | null): Buffer {
  if (names === null) return Buffer.alloc(0);
  const header = Buffer.from(`*${names.length}\r\n`);
  return Buffer.concat([header, ...names.flatMap((name) => bulk(Buffer.from(name, "latin1")))]);
}
