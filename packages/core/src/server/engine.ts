/**
 * A worker's loop. Bytes gather while the event loop polls; one turn, right after poll, serves them:
 *
 *   1. every ready session runs its commands up to its first write, on one read snapshot taken in this turn, without
 *      any lock; replies go out at once;
 *   2. the sessions that stopped at a write run on inside one write txn (bounded in commands and time);
 *   3. after the commit their replies are sent, one write per session; when the commit fails they all get an error.
 *
 * So nothing is acknowledged before it is committed, and no read is served from a snapshot older than its request.
 */
import { BUSY_LOCK, type CommandError, ProtocolError } from "../base/errors.ts";
import type { Client } from "../command/client.ts";
import type { Context } from "../command/context.ts";
import type { Command } from "../command/define-command.ts";
import type { Registry } from "../command/registry.ts";
import { RUN_AGAIN, RUN_IN_WRITE } from "../command/run-in-write.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { Connection } from "../ports/connection.ts";
import { COUNTER } from "../ports/counters.ts";
import type { Args } from "../resp/args.ts";
import { DECODED, RequestDecoder } from "../resp/decoder.ts";
import type { ReplyWriter } from "../resp/reply-writer.ts";
import { InputArena } from "../session/input-arena.ts";
import { Session, type SessionHost } from "../session/session.ts";
import type { Blocking } from "./blocking.ts";
import type { ClientMemory } from "./client-memory.ts";
import { cutOffForInput, cutOffForOutput, logProtocolError } from "./cut-off.ts";
import { LockWait } from "./lock-wait.ts";
import { Outbox } from "./outbox.ts";
import type { OutputLimits } from "./output-limits.ts";
import type { Pauses } from "./pauses.ts";
import type { Pipeline } from "./pipeline.ts";
import { type BatchHost, RAN, type Ran, WriteBatch } from "./write-batch.ts";

/** Reply bytes after which a session lets the others go on; its rest follows in the next turn. */
const REPLY_QUANTUM = 1 << 20;
/** Unread input of a session that cannot run now, beyond which its socket is not read. */
const INPUT_BACKLOG = 1 << 20;
/** Unsent output of a session without an output limit, beyond which it runs no further command. */
const OUTPUT_BACKLOG = 16 << 20;

export interface EngineParts {
  readonly args: Args;
  readonly reply: ReplyWriter;
  readonly context: Context;
  readonly registry: Registry;
  readonly keyspace: Keyspace;
  readonly pipeline: Pipeline;
  readonly limits: OutputLimits;
  readonly pauses: Pauses;
  readonly sessions: Map<number, Session>;
}

export class Engine implements SessionHost, BatchHost {
  readonly sessions: Map<number, Session>;
  readonly decoder: RequestDecoder;
  readonly lockWait: LockWait;
  /** `client-query-buffer-limit`, bytes. */
  queryBufferLimit = 1 << 30;
  /** Null while `maxmemory-clients` sets no limit. */
  memory: ClientMemory | null = null;
  /** Set by the engine's maker before the first connection. */
  blocking: Blocking | null = null;
  /** The txn was just committed outside or inside a turn: null, or what the replies must wait for. */
  onCommitted: () => Promise<unknown> | null = () => null;
  onDropped: () => void = () => {};
  /** True when a turn is to wait for one more poll. */
  putsOff: (isIdle: boolean) => boolean = () => false;
  /** Called before the commands of a turn run, outside any txn. */
  beforeTurn: () => void = () => {};
  onClosed: (session: Session) => void = () => {};
  readonly outbox: Outbox;
  private readonly args: Args;
  private readonly reply: ReplyWriter;
  private readonly context: Context;
  private readonly registry: Registry;
  private readonly keyspace: Keyspace;
  private readonly pipeline: Pipeline;
  private readonly limits: OutputLimits;
  private readonly pauses: Pauses;
  private readonly counters: Float64Array;
  private readonly arena = new InputArena();
  private ready: Session[] = [];
  private readyNext: Session[] = [];
  private readonly batch: WriteBatch;
  private scheduled = false;
  private inTurn = false;
  private snapshotFresh = false;
  private stopping = false;
  private idle: (() => void) | null = null;
  /** What a write gets that waited for too long. */
  busyError: () => CommandError = () => BUSY_LOCK;
  private readonly turn = (): void =>
    this.putsOff(this.ready.length === 0) ? void setImmediate(this.turn) : this.runTurn();

  constructor(parts: EngineParts, maxBulkLength: number) {
    this.sessions = parts.sessions;
    this.args = parts.args;
    this.reply = parts.reply;
    this.context = parts.context;
    this.registry = parts.registry;
    this.keyspace = parts.keyspace;
    this.pipeline = parts.pipeline;
    this.limits = parts.limits;
    this.pauses = parts.pauses;
    this.counters = parts.context.server.counters;
    this.lockWait = new LockWait(parts.keyspace.store, this.counters);
    this.decoder = new RequestDecoder(parts.args, maxBulkLength);
    this.outbox = new Outbox({
      reply: parts.reply,
      send: (session, buffer, start, end) => this.send(session, buffer, start, end),
      resume: (session) => this.resume(session),
      wake: () => {
        if (!this.inTurn) this.schedule();
      },
    });
    this.batch = new WriteBatch(this, parts);
  }

  // ------------------------------------------------------------------------------------------------ connections

  /** A session for a client, be it new or from another process. */
  admit(client: Client, connection: Connection): Session {
    const session = new Session(client, connection, this);
    this.sessions.set(client.id, session);
    this.count(COUNTER.connected_clients, 1);
    return session;
  }

  private count(index: number, by: number): void {
    this.counters[index] = (this.counters[index] as number) + by;
  }

  received(session: Session, chunk: Buffer, start: number, end: number): void {
    const size = end - start;
    this.count(COUNTER.total_net_input_bytes, size);
    this.count(COUNTER.total_reads_processed, 1);
    session.client.netInputBytes += size;
    const input = session.input;
    if (session.ownsInput || input.position !== input.end) {
      session.append(chunk, start, end);
    } else {
      this.arena.take(input, chunk, start, end);
    }
    if (session.client.waiting !== "no") this.holdBack(session);
    else if (input.wanted <= input.end - input.position) this.enqueue(session);
    else if (!session.ownsInput) session.keepInput();
    if (session.unread > this.queryBufferLimit) cutOffForInput(this.context.server, session);
    if (this.memory !== null && session.ownsInput) this.memory.grown(session);
  }

  /**
   * A session that cannot run keeps its input; beyond a bound its socket is not read until it can. That of a blocked client
   * is read on, as in Redis: else nobody would notice that it has gone.
   */
  private holdBack(session: Session): void {
    session.keepInput();
    if (session.client.waiting === "block") return;
    if (session.unread > INPUT_BACKLOG && !session.readingPaused) {
      session.readingPaused = true;
      session.connection.pause();
    }
  }

  /** Puts a session into the next turn. */
  enqueue(session: Session): void {
    if (session.queued || session.closed) return;
    session.queued = true;
    this.ready.push(session);
    this.schedule();
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(this.turn);
  }

  drained(session: Session): void {
    session.softLimitSinceMs = 0;
    this.enqueue(session);
  }

  inputEnded(session: Session): void {
    session.inputEnded = true;
    if (session.client.waiting === "block") this.kill(session);
    else this.enqueue(session);
  }

  /** After a turn: the client has sent all it will. A command that blocks has nobody to wait for it, as in Redis. */
  private leaveOrWait(session: Session): void {
    if (session.client.waiting === "no") session.connection.end();
    else if (session.client.waiting === "block") this.kill(session);
  }

  closed(session: Session): void {
    if (session.closed) return;
    session.closed = true;
    this.sessions.delete(session.client.id);
    this.count(COUNTER.connected_clients, -1);
    this.pipeline.clientGone(session.client);
    this.pauses.remove(session);
    if (session.client.waiting === "block") this.blocking?.gone(session.client);
    this.onClosed(session);
  }

  /**
   * Closes a connection at once; what was not sent is lost. Nothing is left of the client when this returns: what runs next
   * neither serves nor counts it.
   */
  kill(session: Session): void {
    session.client.closeAfterReply = true;
    session.connection.destroy();
    this.closed(session);
  }

  /** Lets a waiting session go on. */
  resume(session: Session): void {
    session.client.waiting = "no";
    this.enqueue(session);
  }

  /** A blocked session's reply has come: sends it and lets the session go on. */
  answerBlocked(session: Session, reply: Buffer): void {
    this.send(session, reply, 0, reply.length);
    session.replyDue = false;
    this.resume(session);
  }

  /** Resolves once every command received so far was served and answered. */
  finish(): Promise<void> {
    this.stopping = true;
    return new Promise((resolve) => {
      this.idle = resolve;
      this.schedule();
    });
  }

  // ------------------------------------------------------------------------------------------------ the turn

  private runTurn(): void {
    this.scheduled = false;
    this.inTurn = true;
    const sessions = this.ready;
    this.ready = this.readyNext;
    this.readyNext = sessions;
    this.snapshotFresh = false;
    this.pipeline.startClock();
    this.beforeTurn();
    for (let i = 0; i < sessions.length; i++) {
      const session = sessions[i] as Session;
      session.queued = false;
      if (!session.closed) this.runReads(session);
    }
    if (!this.batch.isEmpty && this.batch.serve()) this.snapshotFresh = false;
    if (this.outbox.endTurn()) this.schedule();
    for (let i = 0; i < sessions.length; i++) {
      const session = sessions[i] as Session;
      if (session.closed) continue;
      if (session.inputEnded && !session.queued) this.leaveOrWait(session);
      session.keepInput();
      if (this.memory !== null) this.memory.note(session);
    }
    if (this.memory !== null) this.memory.enforce();
    this.pipeline.endTurn();
    sessions.length = 0;
    this.arena.reset();
    this.reply.reset();
    this.args.shrink();
    if (this.snapshotFresh) this.keyspace.store.releaseSnapshot();
    this.inTurn = false;
    const isDone = this.ready.length === 0 && !this.batch.waitsForLock && this.outbox.openGaps === 0;
    if (this.stopping && isDone && this.idle !== null) {
      const idle = this.idle;
      this.idle = null;
      idle();
    }
  }

  private runReads(session: Session): void {
    if (!this.mayRun(session)) return;
    if (session.readingPaused) {
      session.readingPaused = false;
      session.connection.resume();
    }
    const ran = this.run(session, false);
    if (ran === RAN.wantsWrite) {
      const reply = this.reply;
      if (reply.position > reply.regionStart) {
        session.held = Buffer.from(reply.buffer.subarray(reply.regionStart, reply.position));
        reply.position = reply.regionStart;
      }
      this.batch.add(session);
      return;
    }
    this.send(session, this.reply.buffer, this.reply.regionStart, this.reply.position);
    this.reply.position = this.reply.regionStart;
    if (ran === RAN.again) this.enqueue(session);
  }

  /** Whether the session's output leaves room for more replies. */
  private mayRun(session: Session): boolean {
    if (session.client.waiting !== "no") {
      this.holdBack(session);
      return false;
    }
    if (session.connection.pendingBytes <= OUTPUT_BACKLOG || this.limits.hasHardLimit(session.client)) return true;
    this.holdBack(session);
    return false;
  }

  /** Runs a session's commands; replies form the reply writer's present region. */
  run(session: Session, inWrite: boolean): Ran {
    const client = session.client;
    const context = this.context;
    const reply = this.reply;
    const input = session.input;
    reply.beginRegion();
    reply.resp = client.resp;
    reply.limit = this.limits.room(session);
    if (session.held !== null) reply.rawBytes(session.held, 0, session.held.length);
    context.client = client;
    let position = input.position;
    let { resumed } = session;
    try {
      for (;;) {
        if (client.closeAfterReply) return RAN.idle;
        position = input.position;
        resumed = session.resumed;
        let command: Command | null;
        if (resumed !== null) {
          this.args.load(resumed.args);
          command = resumed.command;
        } else {
          const decoded = this.decoder.next(input, client.authenticated);
          if (decoded === DECODED.incomplete) return RAN.idle;
          if (decoded === DECODED.empty) continue;
          session.commandBytes = input.position - position;
          command = this.findCommand();
        }
        const access = command === null ? "none" : this.pipeline.accessOf(command, client);
        if (access !== "none" && !inWrite) {
          if (access === "write") {
            input.position = position;
            return RAN.wantsWrite;
          }
          this.freshenSnapshot();
        }
        if (command !== null && this.pauses.active && this.isHeld(command, inWrite, resumed !== null)) {
          input.position = position;
          this.pauses.add(session);
          return RAN.waits;
        }
        session.resumed = null;
        const busy = resumed === null && command !== null ? this.pipeline.unanswerable(command) : null;
        const mayWait = resumed === null && busy === null;
        if (mayWait && command !== null && this.startWait(session, command)) return RAN.waits;
        context.prepared = resumed === null ? null : resumed.prepared;
        if (resumed?.error != null) reply.error(resumed.error);
        else this.pipeline.process(command, busy);
        if (inWrite && this.keyspace.readyKeys.any) this.blocking?.serveReady();
        session.batchCommands++;
        if (client.waiting !== "no") return RAN.waits;
        if (session.pushes !== null) this.outbox.append(session);
        if (reply.position - reply.regionStart > REPLY_QUANTUM) return RAN.again;
        if (inWrite && (session.batchCommands & 63) === 0 && this.batch.isOver()) return RAN.again;
      }
    } catch (error) {
      if (error === (inWrite ? RUN_AGAIN : RUN_IN_WRITE)) {
        input.position = position;
        session.resumed = resumed;
        return inWrite ? RAN.again : RAN.wantsWrite;
      }
      if (!(error instanceof ProtocolError)) throw error;
      this.protocolError(session, error);
      return RAN.idle;
    }
  }

  /** The command that the decoded arguments name; null when there is none. */
  findCommand(): Command | null {
    const command = this.registry.find(this.args);
    return command === null || command.subcommands === null ? command : this.pipeline.subcommand(command);
  }

  private freshenSnapshot(): void {
    if (this.snapshotFresh) return;
    this.keyspace.renewSnapshot();
    this.snapshotFresh = true;
  }

  /** Whether CLIENT PAUSE holds the command in `args`. One that is refused anyway is answered at once. */
  private isHeld(command: Command, inWrite: boolean, isResumed: boolean): boolean {
    // For Redis, a client that monitors is a replica, and those are not paused.
    if (this.context.client.isMonitor || this.pipeline.refuses(command)) return false;
    if (!inWrite) this.freshenSnapshot();
    return this.pauses.holds(command, this.context, isResumed);
  }

  private protocolError(session: Session, error: ProtocolError): void {
    this.reply.error(`ERR Protocol error: ${error.message}`);
    session.client.closeAfterReply = true;
    const input = session.input;
    input.position = input.end;
    input.partial = null;
    logProtocolError(this.context.server, session.client, error.message);
  }

  /** Starts what a command must wait for before it can run. True when the session waits now. */
  private startWait(session: Session, command: Command): boolean {
    const pending = this.pipeline.prepare(command);
    if (pending === null) return false;
    const args = this.args.save();
    session.client.waiting = "prepare";
    const settle = (prepared: unknown, error: string | null): void => {
      session.resumed = { command, args, prepared, error };
      this.resume(session);
    };
    pending.then(
      (value) => settle(value, null),
      (reason) => settle(null, reason instanceof Error ? reason.message : String(reason)),
    );
    return true;
  }

  // ------------------------------------------------------------------------------------------------ output

  /** Sends `buffer[start..end)`; the buffer may be reused afterwards. Enforces the output limits. */
  send(session: Session, buffer: Buffer, start: number, end: number): void {
    if (session.client.closeSilently) {
      this.kill(session);
      return;
    }
    const size = end - start;
    if (session.awaitedAcks > 0) {
      this.outbox.defer(session, buffer, start, end);
      return;
    }
    const connection = session.connection;
    if (size > 0 && !session.closed) {
      if (this.outbox.owes && !this.keyspace.store.inWriteTxn) this.outbox.tellOthers();
      if (this.limits.refuses(session, size)) {
        cutOffForOutput(this.context.server, session);
        return;
      }
      this.count(COUNTER.total_net_output_bytes, size);
      this.count(COUNTER.total_writes_processed, 1);
      session.client.netOutputBytes += size;
      if (!connection.write(buffer, start, end)) {
        if (this.limits.exceeded(session, connection.pendingBytes)) {
          cutOffForOutput(this.context.server, session);
          return;
        }
        if (this.memory !== null) this.memory.note(session);
      }
    }
    if (session.client.closeAfterReply) connection.end();
  }
}
