/**
 * Blocked clients of all processes (BLPOP and the like). A wait is a row of the store (keyspace/waits.ts), written by the
 * txn that found nothing to give. Whoever makes a key ready serves its waiters, in the order they came and before its
 * own txn ends, by running their commands, whichever process they are on: so first come, first served holds over all
 * processes, and nobody ever sees an element that a waiter was due. A client of this process gets its reply after the
 * commit. For one of another process the reply is left in the wait's row and that process is told; it takes the row away
 * and sends the reply. When the client or its process has gone meanwhile, what was taken is given back.
 *
 * What may go wrong: the writer dies after its commit (the owner looks for replies when a peer dies), the owner dies (the
 * leader removes its waits and gives back what was handed to it), the txn is dropped (nothing of it happened; clients
 * that were served wait on).
 */
import type { BlockingClients, BlockRequest } from "../command/blocking.ts";
import { Client, REPLY_MODE } from "../command/client.ts";
import type { Context } from "../command/context.ts";
import type { Command } from "../command/define-command.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { ReadyKey } from "../keyspace/ready-keys.ts";
import { type HandedWait, NO_KEY, type Wait, Waits } from "../keyspace/waits.ts";
import type { Bus } from "../ports/bus.ts";
import { COUNTER, SHARED_WORD } from "../ports/counters.ts";
import type { SharedState } from "../ports/shared-state.ts";
import { Args } from "../resp/args.ts";
import type { Session } from "../session/session.ts";
import { type LeaveReason, Leaving } from "./blocking-leave.ts";
import type { Pipeline } from "./pipeline.ts";

const SERVED = "blocked.served";
const HANDED = "blocked.handed";
const UNBLOCK = "blocked.unblock";
const ANSWER_MS = 5000;
/** Waiters of a key that are looked up at once. */
const LOOK_AHEAD = 16;
const TIMER_MAX_MS = 2 ** 31 - 1;

/** A client of this process that waits. */
export interface LocalWait {
  readonly session: Session;
  readonly command: Command;
  /** Null for a wait without keys, which has no row. */
  readonly stamp: Buffer | null;
  /** Unix ms; 0: none. */
  readonly deadlineMs: number;
  readonly timeoutReply: string;
  readonly blockedAt: number;
  timer: NodeJS.Timeout | null;
  /** INFO counts it among blocked_clients. */
  isCounted: boolean;
  /** Why the wait is about to end; null while it goes on. */
  leaving: LeaveReason | null;
}

interface Served {
  readonly clientId: number;
  readonly stamp: Buffer;
}

export interface BlockingParts {
  readonly keyspace: Keyspace;
  readonly shared: SharedState;
  readonly bus: Bus;
  readonly pipeline: Pipeline;
  readonly sessions: ReadonlyMap<number, Session>;
  findCommand(args: Args): Command | null;
  /** Sends a reply to a client whose wait is over and lets it go on. */
  answer(session: Session, reply: Buffer): void;
  /** Whether what the txn has for other processes must leave before its replies; sends it. */
  owes(): boolean;
  tellOthers(): void;
  /** A write txn of its own was committed. */
  committed(): void;
  warn(text: string): void;
}

export class Blocking implements BlockingClients {
  readonly parts: BlockingParts;
  readonly waits: Waits;
  /** Clients of this process by id. */
  readonly local: Map<number, LocalWait> = new Map();
  private readonly leave: Leaving;
  private readonly counters: Float64Array;
  // Of the present write txn: clients that began to wait, replies for clients of this process, waits of others.
  private registered: LocalWait[] = [];
  private served: Array<{ wait: LocalWait; reply: Buffer }> = [];
  private handed: Array<{ slot: number; clientId: number; stamp: Buffer }> = [];
  /** The wait whose command is being run again. */
  private serving: Wait | null = null;
  private blockedAgain = false;
  private undo: readonly Buffer[] = [];
  servesElsewhere = false;

  constructor(parts: BlockingParts) {
    const { shared, bus, keyspace } = parts;
    this.parts = parts;
    this.waits = new Waits(keyspace);
    this.counters = shared.counters(shared.slot);
    this.leave = new Leaving(this);
    bus.on(SERVED, (payload) => this.noteServed(payload as Served));
    bus.on(HANDED, (payload) => {
      this.noteServed(payload as Served);
      this.leave.handed((payload as Served).stamp);
    });
    bus.on(UNBLOCK, (payload) => {
      const { id, withError } = payload as { id: number; withError: boolean };
      return this.unblock(id, withError);
    });
    bus.onPeers((_joined, left) => {
      if (left.length > 0) this.leave.lookForReplies();
    });
    this.leave.sweepOwnSlot();
  }

  /** Another process has served a client of this one: messages for it wait until it has the reply. */
  private noteServed({ clientId, stamp }: Served): void {
    const wait = this.local.get(clientId);
    if (wait?.stamp?.equals(stamp)) wait.session.replyDue = true;
  }

  // ------------------------------------------------------------------------------------------ beginning to wait

  block(ctx: Context, request: BlockRequest): void {
    ctx.isBlocked = true;
    if (this.serving !== null) {
      this.blockedAgain = true;
      return;
    }
    const { keyspace, shared, sessions } = this.parts;
    const { client } = ctx;
    const session = sessions.get(client.id);
    if (session === undefined) throw new Error("only a connected client can block");
    const wait: LocalWait = {
      session,
      command: ctx.command,
      stamp: request.keys.length === 0 ? null : this.waits.newStamp(),
      deadlineMs: request.timeoutMs === 0 ? 0 : ctx.nowMs + request.timeoutMs,
      timeoutReply: request.timeoutReply ?? (client.resp === 2 ? "*-1\r\n" : "_\r\n"),
      blockedAt: performance.now(),
      timer: null,
      isCounted: true,
      leaving: null,
    };
    if (wait.stamp !== null) {
      this.waits.register({
        state: "waiting",
        stamp: wait.stamp,
        owner: { slot: shared.slot, pid: shared.pidOf(shared.slot), clientId: client.id },
        user: client.user,
        db: client.db,
        resp: client.resp,
        kind: request.onNoKey === true ? request.type | NO_KEY : request.type,
        args: request.args ?? copyArgs(ctx.args),
        keys: [...new Set(request.keys)],
      });
      Atomics.store(shared.words, SHARED_WORD.interest_blocked, 1);
      keyspace.ready = keyspace.readyKeys;
    }
    client.waiting = "block";
    this.local.set(client.id, wait);
    this.count(1);
    if (keyspace.store.inWriteTxn) this.registered.push(wait);
    else this.startTimer(wait);
  }

  private count(by: number): void {
    this.counters[COUNTER.blocked_clients] = (this.counters[COUNTER.blocked_clients] as number) + by;
  }

  private uncount(wait: LocalWait): void {
    if (wait.isCounted) this.count(-1);
    wait.isCounted = false;
  }

  private startTimer(wait: LocalWait): void {
    if (wait.deadlineMs === 0 || wait.leaving !== null) return;
    const left = wait.deadlineMs - Date.now();
    wait.timer = setTimeout(
      () => {
        if (Date.now() < wait.deadlineMs) this.startTimer(wait);
        else this.leave.start(wait, "timeout");
      },
      Math.min(Math.max(left, 0), TIMER_MAX_MS),
    );
    wait.timer.unref();
  }

  // ------------------------------------------------------------------------------------------ serving

  giveBack(command: readonly Buffer[]): void {
    this.undo = command;
  }

  /** After a command, in its write txn: serves the clients that wait for keys it made ready. */
  serveReady(): void {
    const { keyspace } = this.parts;
    const { readyKeys } = keyspace;
    while (readyKeys.any) {
      for (const db of readyKeys.takeDatabases()) this.noteAwaitedKeys(db);
      for (const ready of readyKeys.takeKeys()) this.serveKey(ready);
    }
  }

  /** The content of a database was replaced: each of its keys that is waited for may be ready. */
  private noteAwaitedKeys(db: number): void {
    for (const stamp of this.waits.all()) {
      const wait = this.waits.read(stamp);
      if (wait === null || wait.state !== "waiting" || wait.db !== db) continue;
      for (const index of wait.keys) {
        const key = wait.args[index] as Buffer;
        this.parts.keyspace.readyKeys.note(db, key, 0, key.length);
      }
    }
  }

  private serveKey(ready: ReadyKey): void {
    const type = this.typeOf(ready);
    if (type !== 0) this.serveKind(ready, type, (now) => now === type);
    // Whoever waits for a key's end is served whatever the key is now.
    for (const kind of STREAM_ENDS) this.serveKind(ready, kind, () => true);
  }

  private typeOf({ db, key }: ReadyKey): number {
    const { keyspace } = this.parts;
    keyspace.forgetRow();
    const entry = keyspace.find(db, key, 0, key.length);
    return entry === null ? 0 : entry.type;
  }

  /** Serves each waiter of a kind once, while the key serves any. */
  private serveKind(ready: ReadyKey, kind: number, serves: (type: number) => boolean): void {
    let last: Buffer | null = null;
    for (;;) {
      const stamps = this.waits.ofKey(ready.db, ready.key, kind, last, LOOK_AHEAD);
      for (const stamp of stamps) {
        const wait = this.waits.read(stamp);
        if (wait?.state === "waiting") this.serve(wait);
        if (!serves(this.typeOf(ready))) return;
      }
      if (stamps.length === 0) return;
      last = stamps[stamps.length - 1] as Buffer;
    }
  }

  private serve(wait: Wait): void {
    const { shared } = this.parts;
    const { slot, pid } = wait.owner;
    if (slot === shared.slot) {
      const local = this.ownWait(wait);
      if (local === null) this.waits.forget(wait);
      else this.serveLocal(wait, local);
    } else if (shared.pidOf(slot) !== pid) {
      this.waits.forget(wait);
    } else {
      const client = new Client(wait.owner.clientId, "", "", -1, false, Date.now(), true);
      client.user = wait.user;
      client.db = wait.db;
      client.resp = wait.resp;
      const reply = this.runAgain(wait, client, true);
      if (reply === null) return;
      this.waits.hand(wait, reply, this.undo);
      this.handed.push({ slot, clientId: wait.owner.clientId, stamp: wait.stamp });
    }
  }

  private serveLocal(wait: Wait, local: LocalWait): void {
    const reply = this.runAgain(wait, local.session.client, false);
    if (reply === null) return;
    this.waits.forget(wait);
    this.served.push({ wait: local, reply });
  }

  /** The wait in this process, null when its client is gone. */
  ownWait(wait: Wait | HandedWait): LocalWait | null {
    const local = this.local.get(wait.owner.clientId);
    if (local === undefined || local.stamp === null || !local.stamp.equals(wait.stamp)) return null;
    return local.leaving?.kind === "gone" ? null : local;
  }

  /** Runs the command of a wait; null when it still finds nothing. */
  private runAgain(wait: Wait, client: Client, elsewhere: boolean): Buffer | null {
    const args = Args.of(wait.args);
    const command = this.parts.findCommand(args);
    if (command === null) throw new Error("a blocked client's command is unknown");
    this.serving = wait;
    this.blockedAgain = false;
    this.servesElsewhere = elsewhere;
    this.undo = [];
    try {
      const reply = this.parts.pipeline.runFor(client, command, args);
      return this.blockedAgain ? null : reply;
    } finally {
      this.serving = null;
      this.servesElsewhere = false;
    }
  }

  /** Runs a command that gives back what a client that is gone was handed. */
  runGiveBack(wait: HandedWait): void {
    if (wait.giveBack.length === 0) return;
    const args = Args.of(wait.giveBack);
    const command = this.parts.findCommand(args);
    const client = new Client(0, "", "", -1, false, Date.now(), true);
    client.user = null;
    client.db = wait.db;
    const reply = command === null ? null : this.parts.pipeline.runFor(client, command, args);
    if (reply === null || reply[0] === 45) this.parts.warn("what a lost client had been given could not be given back");
  }

  // ------------------------------------------------------------------------------------------ after the txn

  /** The write txn was committed: clients that were served get their replies. */
  committed(): void {
    if (this.registered.length > 0) {
      for (const wait of this.registered) this.startTimer(wait);
      this.registered = [];
    }
    if (this.handed.length > 0) this.tellServed();
    if (this.served.length > 0) {
      const served = this.served;
      this.served = [];
      for (const { wait, reply } of served) this.end(wait, reply);
    }
  }

  /**
   * Who was served goes on at once in its process, and nothing that it does may overtake what led to it: events leave first.
   * Its process keeps back invalidations until it has the reply.
   */
  private tellServed(): void {
    const { handed } = this;
    const { bus } = this.parts;
    this.handed = [];
    if (this.parts.owes()) {
      for (const { slot, ...served } of handed) bus.send(slot, SERVED, served);
      this.parts.tellOthers();
    }
    for (const { slot, ...served } of handed) bus.send(slot, HANDED, served);
  }

  /** The write txn was dropped: who began to wait in it does not, who was served waits on. */
  aborted(): void {
    for (const wait of this.registered) {
      this.local.delete(wait.session.client.id);
      wait.session.client.waiting = "no";
      this.uncount(wait);
    }
    this.registered = [];
    this.served = [];
    this.handed = [];
  }

  /** Ends a wait of this process whose row is gone; an empty reply sends nothing. */
  end(wait: LocalWait, reply: Buffer): void {
    const { session } = wait;
    if (this.local.get(session.client.id) === wait) this.local.delete(session.client.id);
    this.uncount(wait);
    if (wait.timer !== null) clearTimeout(wait.timer);
    if (wait.leaving !== null) wait.leaving.done?.(false);
    if (session.closed) return;
    const { client } = session;
    const isSilent = client.replyMode !== REPLY_MODE.on;
    if (client.replyMode === REPLY_MODE.skipping) client.replyMode = REPLY_MODE.on;
    this.parts.answer(session, isSilent ? NOTHING : reply);
  }

  /** A client's connection is over. */
  gone(client: Client): void {
    const wait = this.local.get(client.id);
    if (wait === undefined) return;
    this.uncount(wait);
    this.leave.start(wait, "gone");
  }

  unblock(clientId: number, withError: boolean): Promise<boolean> {
    const wait = this.local.get(clientId);
    if (wait === undefined || wait.leaving !== null) return Promise.resolve(false);
    return new Promise((done) => this.leave.start(wait, withError ? "error" : "timeout", done));
  }

  unblockElsewhere(clientId: number, withError: boolean): Promise<boolean> | null {
    const { bus } = this.parts;
    if (bus.peers().length === 0) return null;
    return bus
      .requestAll(UNBLOCK, { id: clientId, withError }, ANSWER_MS)
      .then((answers) => (answers as boolean[]).includes(true));
  }

  countKeys(): { keys: number; onNoKey: number } {
    if (Atomics.load(this.parts.shared.words, SHARED_WORD.interest_blocked) === 0) return { keys: 0, onNoKey: 0 };
    return this.waits.countKeys();
  }

  /** Periodic work of the leader. */
  leaderTick(): void {
    this.leave.leaderTick();
  }

  stop(): void {
    for (const wait of this.local.values()) if (wait.timer !== null) clearTimeout(wait.timer);
  }
}

const NOTHING: Buffer = Buffer.alloc(0);
/** Kinds of waits that the end of a key serves. */
const STREAM_ENDS: readonly number[] = [6 | NO_KEY];

function copyArgs(args: Args): Buffer[] {
  const copies: Buffer[] = [];
  for (let i = 0; i < args.count; i++) copies.push(args.copy(i));
  return copies;
}
