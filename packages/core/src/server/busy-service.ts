/**
 * Answers clients of this process while one of its scripts holds the event loop for longer than `busy-reply-threshold`:
 * the commands that Redis allows then (SCRIPT KILL, FUNCTION KILL and STATS, SHUTDOWN NOSAVE, those of the connection)
 * are run, all others get -BUSY. Bytes are read from the sockets directly; the script's hook calls `serve`.
 *
 * Left alone are clients that have replies to come first: those whose commands wait in this turn's batch.
 */
import { CommandError, ProtocolError } from "../base/errors.ts";
import { Client, REPLY_MODE } from "../command/client.ts";
import { commandOfRequest } from "../command/command-lookup.ts";
import { Context } from "../command/context.ts";
import type { Command } from "../command/define-command.ts";
import type { Services } from "../command/services.ts";
import { isOccupied } from "../ports/shared-state.ts";
import { Args } from "../resp/args.ts";
import { DECODED, RequestDecoder } from "../resp/decoder.ts";
import { ReplyWriter } from "../resp/reply-writer.ts";
import type { Session } from "../session/session.ts";
import { queueCommand } from "./multi-queue.ts";

const READ_BYTES = 16384;
const PERIOD_MS = 5;
/** At most this share of the time goes to looking at sockets. */
const SHARE = 0.2;

export interface BusyServiceParts {
  readonly server: Services;
  readonly sessions: ReadonlyMap<number, Session>;
  readonly maxBulkLength: () => number;
  /** What commands get that must wait for the script. */
  readonly busyError: () => CommandError;
  /** Takes over bytes that were read, as when they come from the event loop. */
  readonly received: (session: Session, chunk: Buffer, start: number, end: number) => void;
  readonly send: (session: Session, buffer: Buffer, start: number, end: number) => void;
}

export class BusyService {
  private readonly parts: BusyServiceParts;
  private readonly args = new Args();
  private readonly reply = new ReplyWriter();
  private readonly decoder: RequestDecoder;
  private readonly context: Context;
  private readonly chunk = Buffer.allocUnsafeSlow(READ_BYTES);
  private nextAt = 0;

  constructor(parts: BusyServiceParts) {
    this.parts = parts;
    const nobody = new Client(0, "", "", -1, false, Date.now(), true);
    const first = parts.server.registry.byId[0] as Command;
    this.context = new Context(this.args, this.reply, parts.server, nobody, first);
    this.decoder = new RequestDecoder(this.args, parts.maxBulkLength());
  }

  /** Looks at the sockets if it is time to; `running` is the client whose script runs. */
  serve(running: Client): void {
    const now = performance.now();
    if (now < this.nextAt) return;
    this.decoder.maxBulkLength = this.parts.maxBulkLength();
    if (!this.isSomebodyFree()) this.parts.server.host.acceptWaiting();
    for (const session of this.parts.sessions.values()) {
      if (session.client !== running && mayBeServed(session)) this.serveSession(session);
    }
    const tookMs = performance.now() - now;
    this.nextAt = now + Math.max(PERIOD_MS, tookMs / SHARE);
  }

  /** Whether another process can take new clients: there they find more than -BUSY. */
  private isSomebodyFree(): boolean {
    const { shared, bus } = this.parts.server;
    const nowMs = Date.now();
    return bus.peers().some((slot) => !isOccupied(shared, slot, nowMs));
  }

  private serveSession(session: Session): void {
    const size = session.connection.readNow(this.chunk);
    if (size > 0) this.parts.received(session, this.chunk, 0, size);
    const { reply, args } = this;
    const { client, input } = session;
    reply.reset();
    reply.resp = client.resp;
    try {
      while (!client.closeAfterReply && client.waiting === "no") {
        const decoded = this.decoder.next(input, client.authenticated);
        if (decoded === DECODED.incomplete) break;
        if (decoded === DECODED.command) this.serveCommand(client, args);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      reply.error(`ERR Protocol error: ${error.message}`);
      client.closeAfterReply = true;
    }
    // Later turns of the loop must not find these bytes where new ones may come.
    session.keepInput();
    if (reply.position > 0) this.parts.send(session, reply.buffer, 0, reply.position);
  }

  private serveCommand(client: Client, args: Args): void {
    const { context, reply } = this;
    const command = commandOfRequest(this.parts.server.registry, args);
    const mark = reply.deferred();
    context.client = client;
    const refusal = this.refusal(command, client, args);
    if (command === undefined || refusal !== null) {
      this.refuse(command, refusal ?? this.parts.busyError());
    } else if (client.multi !== null && !command.runsInMulti) {
      queueCommand(command, context);
    } else {
      context.command = command;
      context.nowMs = Date.now();
      context.keyspace.forgetRow();
      try {
        // What a command would wait for is a message to others, sent at once; the answer needs the event loop.
        context.prepared = command.prepare?.(context) ?? null;
        if (context.prepared === null) command.handler(context);
      } catch (error) {
        reply.truncate(mark);
        if (!(error instanceof CommandError)) throw error;
        reply.error(error.text);
      }
      context.keyspace.forgetRow();
    }
    if (client.replyMode !== REPLY_MODE.on) reply.truncate(mark);
  }

  /** Who must not run a command hears that, as anywhere else; else those that cannot wait for the script run. */
  private refusal(command: Command | undefined, client: Client, args: Args): CommandError | null {
    const { server, busyError } = this.parts;
    const isComplete = command !== undefined && args.count >= command.minArgs && args.count <= command.maxArgs;
    if (!isComplete || !(client.authenticated || command.noAuth)) return busyError();
    const { permissions } = server;
    const denied = permissions === null ? null : permissions.refusal(client, command, args);
    if (denied !== null) {
      const where = client.multi === null ? "toplevel" : "multi";
      permissions?.note(client, command, args, denied.denial, where);
      return denied;
    }
    return command.spec.flags.includes("allow_busy") ? null : busyError();
  }

  /** As any refusal: EXEC ends its transaction, other commands spoil the one they were meant for. */
  private refuse(command: Command | undefined, error: CommandError): void {
    const { context, reply } = this;
    const { multi } = context.client;
    const told = command?.spec.onRefused?.(context, error);
    if (told === undefined && multi !== null) multi.aborted = true;
    reply.error((told ?? error).text);
  }
}

/** Nothing is owed to the session that must go out before. */
function mayBeServed(session: Session): boolean {
  const isIdle = session.outBuffer === null && session.held === null && session.resumed === null;
  return isIdle && !session.closed && !session.readingPaused && session.client.waiting === "no";
}
