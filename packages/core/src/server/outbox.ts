/**
 * What sessions are sent besides the replies of their commands' turn: messages that they did not ask for (pub/sub,
 * invalidations, MONITOR), and replies held back until other processes have answered. Messages of a turn follow the
 * reply of the command that the session is just running, and leave after the commit of the write batch.
 */
import type { ReplyWriter } from "../resp/reply-writer.ts";
import type { Session } from "../session/session.ts";

export interface OutboxParts {
  readonly reply: ReplyWriter;
  send(session: Session, buffer: Buffer, start: number, end: number): void;
  resume(session: Session): void;
  /** Makes sure that a turn ends soon, and `flush` is called. */
  wake(): void;
}

export class Outbox {
  private readonly parts: OutboxParts;
  /** Sessions that have pushes. */
  private pushing: Session[] = [];
  /** Called with `flush`: sends to other processes what this turn has for them. */
  readonly onFlush: Array<() => void> = [];

  constructor(parts: OutboxParts) {
    this.parts = parts;
  }

  /** Queues bytes that a client did not ask for. */
  push(session: Session, frame: Buffer): void {
    if (session.closed) return;
    if (session.pushes !== null) session.pushes.push(frame);
    else {
      session.pushes = [frame];
      this.pushing.push(session);
    }
    this.parts.wake();
  }

  /** Makes sure that `flush` is called soon. */
  wake(): void {
    this.parts.wake();
  }

  /** Puts a session's pushes behind the reply that was just written. */
  append(session: Session): void {
    for (const frame of session.pushes ?? []) this.parts.reply.rawBytes(frame, 0, frame.length);
    session.pushes = null;
  }

  /** Sends what the turn has left. */
  flush(): void {
    if (this.pushing.length > 0) this.flushPushes();
    for (const flush of this.onFlush) flush();
  }

  private flushPushes(): void {
    const { reply } = this.parts;
    const sessions = this.pushing;
    this.pushing = [];
    for (const session of sessions) {
      if (session.closed || session.pushes === null || session.awaitedAcks > 0) continue;
      if (session.replyDue) {
        this.pushing.push(session);
        continue;
      }
      if (session.held !== null) {
        session.held = Buffer.concat([session.held, ...session.pushes]);
        session.pushes = null;
        continue;
      }
      reply.beginRegion();
      this.append(session);
      this.parts.send(session, reply.buffer, reply.regionStart, reply.position);
      reply.position = reply.regionStart;
    }
  }

  /** The write batch was dropped: nobody hears of what its commands said. */
  drop(): void {
    for (const session of this.pushing) session.pushes = null;
    this.pushing = [];
  }

  /** Keeps back the replies of a session, and its further commands, until the promise settles. */
  hold(session: Session, until: Promise<unknown>): void {
    session.awaitedAcks++;
    if (session.client.waiting === "no") session.client.waiting = "ack";
    const release = (): void => {
      session.awaitedAcks--;
      if (session.awaitedAcks === 0 && !session.closed) this.release(session);
    };
    until.then(release, release);
  }

  private release(session: Session): void {
    const bytes = Buffer.concat([...session.deferred.splice(0), ...(session.pushes ?? [])]);
    session.pushes = null;
    this.parts.send(session, bytes, 0, bytes.length);
    if (session.client.waiting === "ack") this.parts.resume(session);
  }
}
