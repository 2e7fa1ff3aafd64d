/**
 * One client connection: its unread input, its place in the engine's turn, and what waits to be sent. Parsing and
 * execution are the engine's; the session only stores.
 *
 * Input: bytes of the present turn lie in the engine's input arena; whatever is not consumed by the end of the turn is
 * moved to a buffer of the session's own, which grows by doubling (a declared length alone allocates nothing).
 */
import type { Client } from "../command/client.ts";
import type { Command } from "../command/define-command.ts";
import type { SessionFacts } from "../command/services.ts";
import type { Connection, ConnectionHandler } from "../ports/connection.ts";
import type { SavedArgs } from "../resp/args.ts";
import { RequestInput } from "../resp/decoder.ts";

/** What the engine does for its sessions. */
export interface SessionHost {
  /** Takes the bytes into the arena and puts the session in the next turn. */
  received(session: Session, chunk: Buffer, start: number, end: number): void;
  drained(session: Session): void;
  closed(session: Session): void;
  inputEnded(session: Session): void;
  /** Closes a connection at once; what was not sent is lost. */
  kill(session: Session): void;
}

/** A command that waited and is to be run next. */
export interface Resumed {
  readonly command: Command;
  readonly args: SavedArgs;
  readonly prepared: unknown;
  /** The wait failed: answer this text. */
  readonly error: string | null;
}

/** A place in a session's replies for one that comes later; commands behind it may run meanwhile. */
export interface Gap {
  readonly session: Session;
  /** Offset in the session's region of the present turn. */
  readonly at: number;
  reply: Buffer | null;
}

/** About what a session without buffers takes: its objects and the socket's. */
const SESSION_BYTES = 2048;
/** About what a watched key, and a channel, pattern or prefix takes: an object or an entry of a set, and a short name. */
const WATCH_BYTES = 144;
const NAME_BYTES = 64;
/** A reply that is awaited. */
const GAP_BYTES = 128;

export class Session implements ConnectionHandler, SessionFacts {
  readonly client: Client;
  readonly connection: Connection;
  readonly input: RequestInput;
  private readonly host: SessionHost;
  /** The input buffer belongs to this session (else it is the arena). */
  ownsInput = false;
  /** In the engine's list for the next turn. */
  queued = false;
  closed = false;
  /** The peer sends no more: close when everything received was answered. */
  inputEnded = false;
  readingPaused = false;
  /** Replies of this turn: `outBuffer[outStart..outEnd)`, sent after commit. */
  outBuffer: Buffer | null = null;
  outStart = 0;
  outEnd = 0;
  /** Replies of reads that came before the first write of a pipeline, kept until the write's are ready. */
  held: Buffer | null = null;
  /** Commands run in the present write batch. */
  batchCommands = 0;
  /** Bytes of the command being served; 0 between commands. */
  commandBytes = 0;
  resumed: Resumed | null = null;
  /** Messages to be sent behind the replies of the present turn; null when there are none. */
  pushes: Buffer[] | null = null;
  /** Another process has served this blocked client: pushes wait until the reply has been fetched and sent. */
  replyDue = false;
  /** Answers of other processes that the replies wait for, and what waits meanwhile. */
  awaitedAcks = 0;
  readonly deferred: Array<Buffer | Gap> = [];
  /** Replies of the present turn that come later; null when there are none. */
  gaps: Gap[] | null = null;
  /** What ClientMemory has counted for it; -1: nothing any more. */
  notedBytes = 0;
  /** When this process got the connection, unix ms. */
  readonly openedMs: number = Date.now();
  /** Time since when the output is over the soft limit, unix ms; 0 when it is not. */
  softLimitSinceMs = 0;

  constructor(client: Client, connection: Connection, host: SessionHost) {
    this.client = client;
    this.connection = connection;
    this.host = host;
    this.input = new RequestInput();
  }

  get unread(): number {
    return this.input.end - this.input.position;
  }

  get queryBufferBytes(): number {
    return this.unread - (this.input.partial?.consumed ?? 0) + this.commandBytes;
  }

  get queryBufferFree(): number {
    return this.ownsInput ? this.input.buffer.length - this.input.end : 0;
  }

  get argumentBytes(): number {
    return this.commandBytes + this.input.argumentBytes;
  }

  get outputBufferBytes(): number {
    return this.connection.pendingBytes;
  }

  get memoryBytes(): number {
    const { multi, watched, subscriptions, tracking } = this.client;
    let bytes = SESSION_BYTES + this.commandBytes + this.connection.pendingBytes;
    if (this.ownsInput) bytes += this.input.buffer.length;
    if (multi !== null) bytes += multi.queuedBytes;
    if (watched !== null) bytes += watched.length * WATCH_BYTES;
    if (subscriptions !== null) {
      const { channel, pattern, shard } = subscriptions;
      bytes += (channel.size + pattern.size + shard.size) * NAME_BYTES;
    }
    if (tracking !== null) bytes += tracking.prefixes.size * NAME_BYTES;
    for (let i = 0; i < this.deferred.length; i++) {
      const piece = this.deferred[i] as Buffer | Gap;
      bytes += Buffer.isBuffer(piece) ? piece.length : GAP_BYTES;
    }
    if (this.pushes !== null) for (let i = 0; i < this.pushes.length; i++) bytes += (this.pushes[i] as Buffer).length;
    return bytes;
  }

  /** It has nothing to run. */
  get isIdle(): boolean {
    return this.unread === 0 && this.resumed === null && !this.inputEnded && !this.readingPaused;
  }

  /** Nothing of it is half-way: all its input was served, and all its replies are with the kernel. */
  get isQuiet(): boolean {
    return (
      !this.closed &&
      !this.queued &&
      !this.inputEnded &&
      !this.readingPaused &&
      this.client.waiting === "no" &&
      this.unread === 0 &&
      this.resumed === null &&
      this.held === null &&
      this.outBuffer === null &&
      this.pushes === null &&
      this.awaitedAcks === 0 &&
      this.connection.pendingBytes === 0
    );
  }

  kill(afterReply: boolean): void {
    if (afterReply) this.client.closeAfterReply = true;
    else this.host.kill(this);
  }

  /** Appends bytes to the session's own input buffer. */
  append(chunk: Buffer, start: number, end: number): void {
    const input = this.input;
    const unread = input.end - input.position;
    const needed = unread + (end - start);
    if (!this.ownsInput || input.position + needed > input.buffer.length) {
      const room = this.ownsInput && needed <= input.buffer.length ? input.buffer : this.larger(needed);
      input.buffer.copy(room, 0, input.position, input.end);
      input.buffer = room;
      input.position = 0;
      input.end = unread;
      this.ownsInput = true;
    }
    chunk.copy(input.buffer, input.end, start, end);
    input.end += end - start;
  }

  private larger(needed: number): Buffer {
    let capacity = 1024;
    while (capacity < needed) capacity *= 2;
    // The last doubling of a large argument stops at its announced end.
    const wanted = this.input.wanted;
    if (wanted >= needed && wanted < capacity) capacity = wanted;
    return Buffer.allocUnsafeSlow(capacity);
  }

  /** At the end of a turn: unread bytes leave the arena, an emptied own buffer is given back. */
  keepInput(): void {
    const input = this.input;
    if (this.client.waiting === "no") this.commandBytes = 0;
    if (input.position === input.end) {
      input.position = 0;
      input.end = 0;
      input.wanted = 0;
      this.ownsInput = false;
    } else if (!this.ownsInput) {
      const rest = input.buffer;
      const start = input.position;
      const end = input.end;
      input.position = 0;
      input.end = 0;
      this.append(rest, start, end);
    }
  }

  onData(chunk: Buffer, start: number, end: number): void {
    this.host.received(this, chunk, start, end);
  }

  onDrain(): void {
    this.host.drained(this);
  }

  onEnd(): void {
    this.host.inputEnded(this);
  }

  onClose(): void {
    this.host.closed(this);
  }
}
