/**
 * The sessions of a turn that stopped at a write: they run on inside one write txn, bounded in commands and time. Their
 * replies are sent after the commit; when it fails they all get an error. While another process holds the lock they wait
 * in a timer, for too long a wait they get BUSY.
 */
import { COMMIT_FAILED, type CommandError } from "../base/errors.ts";
import type { Context } from "../command/context.ts";
import type { Command } from "../command/define-command.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { COUNTER } from "../ports/counters.ts";
import type { Args } from "../resp/args.ts";
import type { RequestDecoder } from "../resp/decoder.ts";
import type { ReplyWriter } from "../resp/reply-writer.ts";
import type { Session } from "../session/session.ts";
import type { Blocking } from "./blocking.ts";
import type { LockWait } from "./lock-wait.ts";
import type { Outbox } from "./outbox.ts";
import type { Pipeline } from "./pipeline.ts";

/**
 * A write batch commits after so many commands, or so many milliseconds: the lower bound counts when another process
 * waits for the lock. Large batches pay, since two writes to one page of the store copy it only once.
 */
const BATCH_COMMANDS = 8192;
const BATCH_MS = 25;
const CONTENDED_BATCH_MS = 2;
/** Writers that wait for the lock look again after this time. */
const LOCK_RETRY_MS = 2;

/** How a session left the run loop. */
export const RAN = { idle: 0, wantsWrite: 1, again: 2, waits: 3 } as const;
export type Ran = (typeof RAN)[keyof typeof RAN];

/** What a batch needs of the engine. */
export interface BatchHost {
  readonly outbox: Outbox;
  readonly lockWait: LockWait;
  readonly decoder: RequestDecoder;
  readonly blocking: Blocking | null;
  readonly busyError: () => CommandError;
  readonly onCommitted: () => Promise<unknown> | null;
  readonly onDropped: () => void;
  run(session: Session, inWrite: boolean): Ran;
  findCommand(): Command | null;
  send(session: Session, buffer: Buffer, start: number, end: number): void;
  enqueue(session: Session): void;
}

export interface BatchParts {
  readonly args: Args;
  readonly reply: ReplyWriter;
  readonly context: Context;
  readonly keyspace: Keyspace;
  readonly pipeline: Pipeline;
}

export class WriteBatch {
  private readonly host: BatchHost;
  private readonly parts: BatchParts;
  private readonly counters: Float64Array;
  private readonly writers: Session[] = [];
  /** Sessions whose writes wait for the lock, which another process holds for long. */
  private readonly lockWaiters: Session[] = [];
  private readonly retryLock = (): void => {
    for (const session of this.lockWaiters.splice(0)) this.host.enqueue(session);
  };

  constructor(host: BatchHost, parts: BatchParts) {
    this.host = host;
    this.parts = parts;
    this.counters = parts.context.server.counters;
  }

  get isEmpty(): boolean {
    return this.writers.length === 0;
  }

  get waitsForLock(): boolean {
    return this.lockWaiters.length > 0;
  }

  /** A session whose next command writes. What its reads have answered is in `held`. */
  add(session: Session): void {
    this.writers.push(session);
  }

  /** Runs the sessions. True when there was a txn: the read snapshot from before is gone. */
  serve(): boolean {
    const { host, writers } = this;
    const { context, keyspace, pipeline, reply } = this.parts;
    const isLocked = context.server.scripting.lockedBy !== null;
    if (!keyspace.begin(host.lockWait.start(isLocked))) {
      this.lockNotGot();
      return false;
    }
    host.lockWait.over();
    // What reads published goes out whatever becomes of the batch.
    host.outbox.flush();
    pipeline.startBatch();
    let ran = 0;
    let running: Session | null = null;
    let commands = 0;
    try {
      for (; ran < writers.length; ran++) {
        const session = writers[ran] as Session;
        if (session.closed) continue;
        if (commands >= BATCH_COMMANDS || this.isOver()) break;
        session.batchCommands = 0;
        running = session;
        const result = host.run(session, true);
        running = null;
        commands += session.batchCommands;
        session.outBuffer = reply.buffer;
        session.outStart = reply.regionStart;
        session.outEnd = reply.position;
        if (result === RAN.again) host.enqueue(session);
      }
      keyspace.commit(pipeline.durableCommits);
      pipeline.committed();
    } catch (error) {
      this.fail(error, ran, running);
      return true;
    }
    this.counters[COUNTER.write_txns] = (this.counters[COUNTER.write_txns] as number) + 1;
    const acks = host.onCommitted();
    if (acks !== null) for (let i = 0; i < ran; i++) host.outbox.hold(writers[i] as Session, acks);
    for (let i = 0; i < ran; i++) this.sendReplies(writers[i] as Session);
    for (let i = ran; i < writers.length; i++) this.putOff(writers[i] as Session);
    writers.length = 0;
    host.blocking?.committed();
    pipeline.afterCommit();
    return true;
  }

  /** Whether the present txn has lasted long enough. */
  isOver(): boolean {
    const ms = this.parts.pipeline.batchMs();
    return ms > BATCH_MS || (ms > CONTENDED_BATCH_MS && this.parts.keyspace.store.contended);
  }

  /** The writers wait in a timer, the event loop goes on; after a while, or if a slow script holds the lock, they get BUSY. */
  private lockNotGot(): void {
    const { host } = this;
    if (host.lockWait.failed() || this.parts.context.server.scripting.lockedBy !== null) {
      host.lockWait.over();
      this.answerBusy();
      return;
    }
    if (this.lockWaiters.length === 0) setTimeout(this.retryLock, LOCK_RETRY_MS);
    for (const session of this.writers) {
      if (session.closed) continue;
      this.sendHeld(session);
      this.lockWaiters.push(session);
    }
    this.writers.length = 0;
  }

  private sendReplies(session: Session): void {
    const buffer = session.outBuffer;
    if (buffer === null) return;
    session.outBuffer = null;
    session.held = null;
    this.host.send(session, buffer, session.outStart, session.outEnd);
  }

  /** The batch was full: the session's turn comes again; what its reads answered goes out now. */
  private putOff(session: Session): void {
    this.sendHeld(session);
    this.host.enqueue(session);
  }

  private sendHeld(session: Session): void {
    if (session.held === null) return;
    this.host.send(session, session.held, 0, session.held.length);
    session.held = null;
  }

  /**
   * Nothing of the batch was committed: every command of it answers an error. `ran` sessions had run; `running` is the one
   * whose command threw, null when it was the commit.
   */
  private fail(error: unknown, ran: number, running: Session | null): void {
    const { host, writers } = this;
    const { context, keyspace, pipeline } = this.parts;
    try {
      keyspace.abort();
    } catch {
      // The commit that failed has closed the txn already.
    }
    context.server.host.log("warning", `write batch failed: ${error instanceof Error ? error.stack : error}`);
    const text = Buffer.from(`-${COMMIT_FAILED.text}\r\n`);
    pipeline.afterAbort();
    host.blocking?.aborted();
    host.outbox.drop();
    host.onDropped();
    for (let i = 0; i < writers.length; i++) {
      const session = writers[i] as Session;
      if (session.closed || (i >= ran && session !== running)) {
        this.putOff(session);
        continue;
      }
      const replies = session.held === null ? [] : [session.held];
      session.held = null;
      session.outBuffer = null;
      const failed = session.batchCommands + (session === running ? 1 : 0);
      for (let n = 0; n < failed; n++) replies.push(text);
      const bytes = Buffer.concat(replies);
      host.send(session, bytes, 0, bytes.length);
      if (session.unread > 0) host.enqueue(session);
    }
    writers.length = 0;
  }

  /** Another process holds the lock for too long: one command of each waiting session is answered BUSY. */
  private answerBusy(): void {
    const { host } = this;
    const { reply, context, args, pipeline } = this.parts;
    for (const session of this.writers) {
      if (session.closed) continue;
      const { client, resumed } = session;
      reply.beginRegion();
      reply.resp = client.resp;
      if (session.held !== null) reply.rawBytes(session.held, 0, session.held.length);
      session.held = null;
      session.resumed = null;
      context.client = client;
      if (resumed !== null) args.load(resumed.args);
      else host.decoder.next(session.input, client.authenticated);
      pipeline.process(resumed?.command ?? host.findCommand(), host.busyError());
      host.send(session, reply.buffer, reply.regionStart, reply.position);
      reply.position = reply.regionStart;
      if (session.unread > 0) host.enqueue(session);
    }
    this.writers.length = 0;
  }
}
