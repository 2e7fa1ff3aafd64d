/**
 * What sessions are sent besides the replies of their commands' turn: messages that they did not ask for (pub/sub,
 * invalidations, MONITOR), and replies held back, or missing a part, until other processes have answered. Messages of a turn follow the
 * reply of the command that the session is just running, and leave after the commit of the write batch.
 */
import type { ReplyWriter } from "../resp/reply-writer.ts";
import type { Gap, Session } from "../session/session.ts";

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
  /** Called when the commands of a turn have run; true when another turn is to follow. */
  onTurnEnd: () => boolean = () => false;
  /** Called when everything that a turn has for other processes is queued. */
  onSent: () => void = () => {};
  /** Something for other processes must leave before any reply. */
  owes = false;
  /** Gaps not filled yet. */
  openGaps = 0;

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

  /** The commands of a turn have run: sends what it has left. True when another turn is to follow. */
  endTurn(): boolean {
    const goesOn = this.onTurnEnd();
    // The others first: they can work while this process sends to its own clients.
    this.tellOthers();
    if (this.pushing.length > 0) this.flushPushes();
    return goesOn;
  }

  /** Sends the other processes what there is for them so far; it has left when this returns. */
  tellOthers(): void {
    this.owes = false;
    for (const flush of this.onFlush) flush();
    this.onSent();
  }

  /** Sends what there is so far. */
  flush(): void {
    if (this.pushing.length > 0) this.flushPushes();
    for (const flush of this.onFlush) flush();
  }

  private flushPushes(): void {
    const { reply } = this.parts;
    const sessions = this.pushing;
    this.pushing = [];
    let written: readonly Buffer[] = [];
    reply.beginRegion();
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
      // The subscribers of a channel get the same bytes: they are put together once.
      if (!areSame(written, session.pushes)) {
        written = session.pushes;
        reply.position = reply.regionStart;
        this.append(session);
      }
      session.pushes = null;
      this.parts.send(session, reply.buffer, reply.regionStart, reply.position);
    }
    reply.position = reply.regionStart;
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

  /**
   * Keeps a place behind what was written of the session's region for a reply that comes later. Its commands of this turn
   * go on; all that follows the gap is sent with it.
   */
  reserve(session: Session): Gap {
    const { reply } = this.parts;
    const gap: Gap = { session, at: reply.position - reply.regionStart, reply: null };
    if (session.gaps === null) session.gaps = [gap];
    else session.gaps.push(gap);
    session.awaitedAcks++;
    this.openGaps++;
    return gap;
  }

  /** The reply of a gap has come; never in the turn that reserved it. */
  fill(gap: Gap, reply: Buffer): void {
    const { session } = gap;
    gap.reply = reply;
    session.awaitedAcks--;
    this.openGaps--;
    if (session.awaitedAcks > 0) return;
    if (session.closed) this.parts.wake();
    else this.release(session);
  }

  /** The batch of the command that reserved the gap was dropped. */
  cancel(gap: Gap): void {
    const { session } = gap;
    const left = session.gaps?.filter((other) => other !== gap) ?? [];
    session.gaps = left.length === 0 ? null : left;
    session.awaitedAcks--;
    this.openGaps--;
  }

  /** Keeps back replies behind what they wait for, and the session's further commands. */
  defer(session: Session, buffer: Buffer, start: number, end: number): void {
    const { deferred, gaps } = session;
    let from = start;
    if (gaps !== null) {
      session.gaps = null;
      for (const gap of gaps) {
        if (start + gap.at > from) deferred.push(Buffer.from(buffer.subarray(from, start + gap.at)));
        from = start + gap.at;
        deferred.push(gap);
      }
    }
    if (end > from) deferred.push(Buffer.from(buffer.subarray(from, end)));
    if (session.client.waiting === "no") session.client.waiting = "ack";
  }

  private release(session: Session): void {
    const pieces = session.deferred.splice(0).map((piece) => (Buffer.isBuffer(piece) ? piece : (piece.reply ?? EMPTY)));
    const bytes = Buffer.concat([...pieces, ...(session.pushes ?? [])]);
    session.pushes = null;
    this.parts.send(session, bytes, 0, bytes.length);
    if (session.client.waiting !== "ack") return;
    // A turn only for a session that has something to do in it.
    if (session.isIdle) session.client.waiting = "no";
    else this.parts.resume(session);
  }
}

function areSame(a: readonly Buffer[], b: readonly Buffer[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const EMPTY: Buffer = Buffer.alloc(0);
