/**
 * What a command handler gets. One object per process, reused for every command: nothing of it may be kept after the
 * handler returned.
 */
import { WRONGTYPE } from "../base/errors.ts";
import { type Entry, NO_EXPIRY } from "../codec/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { COUNTER } from "../ports/counters.ts";
import type { Args } from "../resp/args.ts";
import type { ReplyWriter } from "../resp/reply-writer.ts";
import type { BlockRequest } from "./blocking.ts";
import type { Client } from "./client.ts";
import type { Command } from "./define-command.ts";
import { withoutDueMembers } from "./due-members.ts";
import type { Effects } from "./effects.ts";
import { NOTIFY } from "./keyspace-events.ts";
import type { Services } from "./services.ts";

export class Context {
  readonly args: Args;
  readonly reply: ReplyWriter;
  readonly keyspace: Keyspace;
  readonly server: Services;
  client: Client;
  command: Command;
  /** Time of the command, unix ms; stable while it runs. */
  nowMs: number;
  /** What the spec's `prepare` resolved to. */
  prepared: unknown;
  /** True inside EXEC: blocking commands do not block. */
  denyBlocking: boolean;
  /** True for commands that a script calls. */
  inScript: boolean;
  /** The keyspace's count of changes when the command began; -1 when it cannot begin once more. */
  startDirty: number;
  /** The command left its client waiting (command/blocking.ts): it has not answered, and will run again. */
  isBlocked: boolean;

  constructor(args: Args, reply: ReplyWriter, server: Services, client: Client, command: Command) {
    this.args = args;
    this.reply = reply;
    this.keyspace = server.keyspace;
    this.server = server;
    this.client = client;
    this.command = command;
    this.nowMs = 0;
    this.prepared = null;
    this.denyBlocking = false;
    this.inScript = false;
    this.startDirty = -1;
    this.isBlocked = false;
  }

  /** Whether the command, which has not written anything yet, can be run from its beginning in another txn. */
  get mayBeginAnew(): boolean {
    return this.startDirty === this.keyspace.dirty && !this.denyBlocking;
  }

  /** Null while nobody is told the effects of writes. */
  get effects(): Effects | null {
    return this.server.effects;
  }

  /** The selected database's index. */
  get db(): number {
    return this.client.db;
  }

  /** Whether events of a class are published. */
  notifies(kind: number): boolean {
    return (this.server.events.flags & kind) !== 0;
  }

  /** Publishes an event (`kind`: NOTIFY) of the key in argument `i`; one branch when it is not wanted. */
  notify(kind: number, event: string, i: number): void {
    if ((this.server.events.flags & kind) !== 0) this.server.events.publish(event, this.client.db, this.args.bytes(i));
  }

  /** As `notify`, for a key of another database. */
  notifyIn(db: number, kind: number, event: string, i: number): void {
    if ((this.server.events.flags & kind) !== 0) this.server.events.publish(event, db, this.args.bytes(i));
  }

  /** As `notify`, of something removed from a collection, which is gone when it `isEmpty`. */
  notifyRemoved(kind: number, event: string, i: number, isEmpty: boolean): void {
    this.notify(kind, event, i);
    if (isEmpty) this.notify(NOTIFY.generic, "del", i);
  }

  /** As `notify`, of a result stored; an empty one deletes a key that `existed`. */
  notifyStored(kind: number, event: string, i: number, size: number, existed: boolean): void {
    if (size > 0) this.notify(kind, event, i);
    else if (existed) this.notify(NOTIFY.generic, "del", i);
  }

  /** Whether the key in argument `i` exists; counts and touches nothing. */
  exists(i: number): boolean {
    const { args } = this;
    return this.find(args.buffer, args.start(i), args.end(i), 0) !== null;
  }

  private find(buf: Buffer, start: number, end: number, type: number): Entry | null {
    const { keyspace } = this;
    const { db } = this.client;
    const entry = keyspace.find(db, buf, start, end);
    if (entry === null || entry.memberExpireAtMs === NO_EXPIRY) return entry;
    const { mayBeginAnew } = this;
    const isTold = keyspace.store.inWriteTxn && this.effects !== null;
    const live = withoutDueMembers(keyspace, entry, type, db, buf, start, end, mayBeginAnew, isTold);
    // What was due is no change of the command's own.
    if (mayBeginAnew) this.startDirty = keyspace.dirty;
    return live;
  }

  /** Leaves the client waiting: see BlockingClients.block. */
  block(request: BlockRequest): void {
    this.server.blocking.block(this, request);
  }

  /**
   * The record of the key in argument `i` for reading, or null; counts a hit or a miss and the key's use. Throws
   * WRONGTYPE when `type` (codec/format.ts) is given and differs. The entry's payload is borrowed until the next store
   * call.
   */
  lookupRead(i: number, type = 0): Entry | null {
    const args = this.args;
    return this.lookupReadKey(args.buffer, args.start(i), args.end(i), type);
  }

  lookupReadKey(buf: Buffer, start: number, end: number, type = 0): Entry | null {
    const entry = this.find(buf, start, end, type);
    const counters = this.server.counters;
    if (entry === null) {
      counters[COUNTER.keyspace_misses] = (counters[COUNTER.keyspace_misses] as number) + 1;
      if (this.notifies(NOTIFY.keyMiss)) {
        this.server.events.publish("keymiss", this.client.db, buf.subarray(start, end));
      }
      return null;
    }
    counters[COUNTER.keyspace_hits] = (counters[COUNTER.keyspace_hits] as number) + 1;
    if (!this.client.noTouch) this.server.accessClock.touch(this.keyspace.codec.hashLow, this.nowMs);
    if (type !== 0 && entry.type !== type) throw WRONGTYPE;
    return entry;
  }

  /** As `lookupRead`, for commands that look at a key without using it (EXISTS, TTL, OBJECT ...). */
  lookupReadNoTouch(i: number): Entry | null {
    const args = this.args;
    const entry = this.find(args.buffer, args.start(i), args.end(i), 0);
    const counters = this.server.counters;
    const index = entry === null ? COUNTER.keyspace_misses : COUNTER.keyspace_hits;
    counters[index] = (counters[index] as number) + 1;
    if (entry === null) this.notify(NOTIFY.keyMiss, "keymiss", i);
    return entry;
  }

  /** As `lookupRead`, for a key about to be changed: no hit or miss is counted, a due key is deleted. */
  lookupWrite(i: number, type = 0): Entry | null {
    const args = this.args;
    return this.lookupWriteKey(args.buffer, args.start(i), args.end(i), type);
  }

  lookupWriteKey(buf: Buffer, start: number, end: number, type = 0): Entry | null {
    const entry = this.find(buf, start, end, type);
    if (entry === null) this.server.accessClock.create(this.keyspace.codec.hashLow, this.nowMs);
    else if (!this.client.noTouch) this.server.accessClock.touch(this.keyspace.codec.hashLow, this.nowMs);
    if (entry !== null && type !== 0 && entry.type !== type) throw WRONGTYPE;
    return entry;
  }

  /** As `lookupRead`, for a key about to be replaced: a hit or a miss is counted, and the new key's use. */
  lookupReplaced(i: number, type = 0): Entry | null {
    const entry = this.lookupRead(i, type);
    if (entry === null) this.server.accessClock.create(this.keyspace.codec.hashLow, this.nowMs);
    return entry;
  }
}
