/**
 * What happens to one command between the decoder and its handler: existence, arity, authentication, MULTI queue, child
 * txn, error reply, statistics. Order and texts as in Redis' processCommand and call.
 */
import {
  CommandError,
  errorReply,
  INTERNAL_ERROR,
  MONITOR_AND_KEYS,
  NOAUTH,
  NOT_ALLOWED_IN_TRANSACTION,
  notInSubscriberMode,
  OUT_OF_MEMORY,
  permissionLost,
  unknownCommand,
  unknownSubcommand,
  wrongArity,
} from "../base/errors.ts";
import { type Client, type MultiState, type QueuedCommand, REPLY_MODE } from "../command/client.ts";
import type { Access } from "../command/command-spec.ts";
import type { Context } from "../command/context.ts";
import type { Command } from "../command/define-command.ts";
import { latencyBucket } from "../command/latency-buckets.ts";
import type { Monitors } from "../command/monitors.ts";
import { NoPermission } from "../command/permissions.ts";
import { RUN_AGAIN, RUN_IN_WRITE } from "../command/run-in-write.ts";
import type { Tracking } from "../command/tracking.ts";
import type { AccessDenial } from "../ports/access-rules.ts";
import { COMMAND_STAT, COUNTER, LATENCY_BUCKETS } from "../ports/counters.ts";
import type { Args } from "../resp/args.ts";
import { REPLY_LIMIT } from "../resp/reply-writer.ts";
import { cutOffForOutput } from "./cut-off.ts";
import { accessInMulti, queueCommand } from "./multi-queue.ts";
import { FailedPreparation, prepareAlone } from "./preparation.ts";
import { Untold } from "./untold.ts";

/** Told of every command that ran; for SLOWLOG, latency events and the like. Null members cost one branch. */
export interface CommandObserver {
  /** Microseconds from which `slow` is called; Infinity when off. */
  thresholdUsec: number;
  slow(context: Context, usec: number): void;
  /** A command answered an error; `text` without '-'. */
  failed(text: string): void;
  /** A write batch waited so long for the lock. */
  waited(usec: number): void;
  /** Whether `committed` is to be called. */
  readonly watchesCommits: boolean;
  /** A write batch took so long to commit. */
  committed(usec: number): void;
}

export class Pipeline {
  readonly context: Context;
  /** Commits flush to disk before they return. */
  durableCommits = false;
  /** `latency-tracking`. */
  trackLatency = true;
  /** More memory is used than `maxmemory` allows. */
  outOfMemory = false;
  observer: CommandObserver | null = null;
  /** Null while nobody monitors. */
  monitors: Monitors | null = null;
  /** Null while no client of this process tracks. */
  tracking: Tracking | null = null;
  readonly untold: Untold;
  /** Whether a `protected` command (DEBUG, MODULE) may be used by the client. */
  protectedAllowed: (command: Command, client: Client) => boolean = () => false;
  /** Called after a batch was committed, and after one was dropped. */
  onCommitted: (() => void) | null = null;
  onAborted: (() => void) | null = null;
  onClientGone: ((client: Client) => void) | null = null;
  /** A command runs for another client than the one being served: `runFor`. */
  private isServing = false;
  private readonly stats: Float64Array;
  private readonly latency: Uint32Array;
  private readonly counters: Float64Array;
  private wallMs = 0;
  private wallAt = 0;
  private lastAt = 0;
  private batchAt = 0;
  private notedErrors = 0;
  /** Error replies already put down to a command: those of the commands inside EXEC are not EXEC's. */
  private blamedErrors = 0;
  private commandsBefore = 0;
  private lockWaitedUsec = 0;

  constructor(context: Context) {
    this.context = context;
    const shared = context.server.shared;
    this.stats = shared.commandStats(shared.slot);
    this.latency = shared.commandLatency(shared.slot);
    this.counters = shared.counters(shared.slot);
    const { store } = context.keyspace;
    this.untold = new Untold(() => !store.inWriteTxn);
    this.startClock();
  }

  /** Reads the wall clock once; within a turn, time is that plus the monotonic clock's advance. */
  startClock(): void {
    this.commandsBefore = this.counters[COUNTER.total_commands_processed] as number;
    this.wallMs = Date.now();
    this.wallAt = performance.now();
    this.lastAt = this.wallAt;
    this.setNow();
  }

  /** The turn is over: its length and number of commands may be the highest so far (INFO debug). */
  endTurn(): void {
    const { counters } = this;
    const usec = (this.lastAt - this.wallAt) * 1000;
    const commands = (counters[COUNTER.total_commands_processed] as number) - this.commandsBefore;
    if (usec > (counters[COUNTER.turn_usec_max] as number)) counters[COUNTER.turn_usec_max] = usec;
    if (commands > (counters[COUNTER.turn_commands_max] as number)) counters[COUNTER.turn_commands_max] = commands;
  }

  private setNow(): void {
    const now = Math.floor(this.wallMs + (this.lastAt - this.wallAt));
    this.context.nowMs = now;
    this.context.keyspace.nowMs = now;
  }

  /** The write lock was just taken, perhaps after a wait: that wait is no command's time. */
  startBatch(): void {
    this.lastAt = performance.now();
    this.batchAt = this.lastAt;
    this.setNow();
    const waited = this.counters[COUNTER.lock_wait_usec] as number;
    if (waited === this.lockWaitedUsec) return;
    if (this.observer !== null && waited > this.lockWaitedUsec) this.observer.waited(waited - this.lockWaitedUsec);
    this.lockWaitedUsec = waited;
  }

  /** The batch was just committed. */
  committed(): void {
    const { observer } = this;
    if (observer === null || !observer.watchesCommits) return;
    observer.committed((performance.now() - this.lastAt) * 1000);
  }

  /** Milliseconds that the present batch has held the lock. */
  batchMs(): number {
    return this.lastAt - this.batchAt;
  }

  afterCommit(): void {
    if (this.onCommitted !== null) this.onCommitted();
  }

  afterAbort(): void {
    if (this.onAborted !== null) this.onAborted();
  }

  clientGone(client: Client): void {
    if (this.onClientGone !== null) this.onClientGone(client);
  }

  /** The subcommand named by argument 1; the container itself when there is no argument; null when it is unknown. */
  subcommand(container: Command): Command | null {
    const args = this.context.args;
    if (args.count < 2 || container.subcommands === null) return container;
    return container.subcommands.get(args.latin1(1).toLowerCase()) ?? null;
  }

  /** The kind of txn the command needs if it runs now; "none" when it will be queued or refused. */
  accessOf(command: Command, client: Client): Access {
    const count = this.context.args.count;
    if (client.multi !== null && !command.runsInMulti) return "none";
    if (count < command.minArgs || count > command.maxArgs) return "none";
    if (!client.authenticated && !command.noAuth) return "none";
    return command.accessBy === null || command.accessBy === undefined
      ? command.access
      : command.accessBy(client, this.context.args, this.context.server);
  }

  /** For a command that must ask the other processes: the error if one of them cannot answer, as a script holds it. */
  unanswerable(command: Command): CommandError | null {
    if (command.prepare === null || command.spec.flags.includes("allow_busy")) return null;
    const { multi } = this.context.client;
    if (multi !== null && !command.runsInMulti) return null;
    const asks = command.spec.runsQueue !== true || multi?.queue.some((queued) => queued.command.prepare !== null);
    return asks === true ? this.context.server.scripting.slowScript : null;
  }

  /** The wait that must end before the command can run; null when it can run now (or will be refused or queued). */
  prepare(command: Command): Promise<unknown> | null {
    if (command.prepare === null || command.prepare === undefined) return null;
    const context = this.context;
    const client = context.client;
    if (client.multi !== null && !command.runsInMulti) return null;
    if (this.refusal(command, client) !== null) return null;
    try {
      return command.prepare(context);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Whether the command would be refused before it runs. */
  refuses(command: Command): boolean {
    return this.refusal(command, this.context.client) !== null;
  }

  /** Runs one command, or queues it. `null`: there is no such command. `imposed`: it is refused for this reason. */
  process(command: Command | null, imposed: CommandError | null = null): void {
    const context = this.context;
    const client = context.client;
    const reply = context.reply;
    const mark = reply.deferred();
    const errors = reply.errorCount;
    if (client.replyMode === REPLY_MODE.skipNext) client.replyMode = REPLY_MODE.skipping;
    context.keyspace.forgetRow();
    client.lastInteractionMs = context.nowMs;
    if (command === null) {
      if (!this.refuseBrowser()) this.refuse(this.unknown(), null);
    } else {
      client.lastCommand = command;
      const refusal = this.refusal(command, client) ?? imposed;
      if (refusal !== null) this.refuse(refusal, command);
      else if (client.multi !== null && !command.runsInMulti) queueCommand(command, context);
      else {
        // Reads have nothing to undo. Those inside EXEC and scripts run to their end, as in Redis.
        reply.mayStop = command.access === "read" && !command.accessBy;
        this.call(command);
        reply.mayStop = false;
      }
      if (client.tracking !== null) endCaching(client, command);
    }
    if (reply.errorCount !== errors) this.noteError(reply.lastError);
    if (client.replyMode !== REPLY_MODE.on) {
      reply.truncate(mark);
      // A blocked client's reply is still to come.
      if (client.replyMode === REPLY_MODE.skipping && client.waiting !== "block") client.replyMode = REPLY_MODE.on;
    }
  }

  private refusal(command: Command, client: Client): CommandError | null {
    const count = this.context.args.count;
    if (count < command.minArgs || count > command.maxArgs) return wrongArity(command.fullName);
    if (command.isProtected && !this.protectedAllowed(command, client)) return protectedCommand(command);
    if (!client.authenticated && !command.noAuth) return NOAUTH;
    if (client.multi !== null && command.noMulti) return NOT_ALLOWED_IN_TRANSACTION;
    const { permissions } = this.context.server;
    if (permissions !== null) {
      const denied = permissions.refusal(client, command, this.context.args);
      if (denied !== null) return denied;
    }
    if (this.outOfMemory && isDeniedOnOom(command, client)) return OUT_OF_MEMORY;
    if (client.subscriptions !== null && client.resp === 2 && !command.inSubscriberMode) {
      return notInSubscriberMode(command.fullName);
    }
    // A transaction with it would have to wait for the script: as in Redis, its client learns that now.
    if (client.multi !== null && this.writesInMulti(command, client.multi)) {
      const { lockedBy } = this.context.server.scripting;
      if (lockedBy !== null) return lockedBy;
    }
    return client.isMonitor && usesKeyspace(command) ? MONITOR_AND_KEYS : null;
  }

  /** Whether the command is to be queued and writes, or runs a queue that does. */
  private writesInMulti(command: Command, multi: MultiState): boolean {
    if (command.spec.runsQueue === true) return multi.access === "write";
    return !command.runsInMulti && accessInMulti(command, this.context) === "write";
  }

  private unknown(): CommandError {
    const args = this.context.args;
    const container = this.context.server.registry.find(args);
    if (container !== null) return unknownSubcommand(shown(args, 1, 128), container.fullName);
    let rest = "";
    for (let i = 1; i < args.count && rest.length < 128; i++) rest += `'${shown(args, i, 128 - rest.length)}' `;
    return unknownCommand(shown(args, 0, 128), rest);
  }

  /** A browser was led to this port (cross protocol scripting): closes without a word, as Redis does. */
  private refuseBrowser(): boolean {
    const args = this.context.args;
    if (!args.is(0, "host:") && !args.is(0, "post")) return false;
    this.context.client.closeAfterReply = true;
    this.context.client.closeSilently = true;
    this.context.server.host.log(
      "warning",
      "Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to Redis. This is likely due to an attacker attempting to use Cross Protocol Scripting to compromise your Redis instance. Connection aborted.",
    );
    return true;
  }

  private refuse(error: CommandError, command: Command | null): void {
    const client = this.context.client;
    if (command !== null) this.addStat(command, COMMAND_STAT.rejected, 1);
    if (command !== null && error instanceof NoPermission) this.noteDenial(command, error.denial);
    if (command?.spec.onRefused !== undefined) {
      this.context.reply.error(command.spec.onRefused(this.context, error).text);
      return;
    }
    if (client.multi !== null) client.multi.aborted = true;
    this.context.reply.error(error.text);
  }

  private noteDenial(command: Command, denial: AccessDenial): void {
    const { args, client, server } = this.context;
    server.permissions?.note(client, command, args, denial, client.multi === null ? "toplevel" : "multi");
  }

  private addStat(command: Command, which: number, by: number): void {
    const at = command.id * 4 + which;
    this.stats[at] = (this.stats[at] as number) + by;
  }

  /** Runs a handler; its error becomes the reply. */
  call(command: Command): void {
    const context = this.context;
    const reply = context.reply;
    const mark = reply.deferred();
    this.blamedErrors = reply.errorCount;
    const { store } = context.keyspace;
    const effects = store.inWriteTxn ? context.effects : null;
    if (store.inWriteTxn) store.lockPurpose = command.id + 1;
    if (effects !== null) effects.begin();
    const startedAt = this.lastAt;
    context.command = command;
    context.startDirty = this.isServing ? -1 : context.keyspace.dirty;
    const hits = this.counters[COUNTER.keyspace_hits] as number;
    const misses = this.counters[COUNTER.keyspace_misses] as number;
    try {
      command.handler(context);
    } catch (error) {
      reply.truncate(mark);
      if (error instanceof CommandError) reply.error(error.text);
      else if (error === RUN_IN_WRITE || error === RUN_AGAIN) {
        effects?.leave();
        this.lastAt = performance.now();
        this.counters[COUNTER.keyspace_hits] = hits;
        this.counters[COUNTER.keyspace_misses] = misses;
        this.untold.drop();
        throw error;
      } else if (error === REPLY_LIMIT) this.cutOff();
      else this.bug(command, error);
    }
    if (effects !== null) effects.end(context, command);
    if (this.monitors !== null && !this.isServing && command.isMonitored) {
      this.monitors.feed(context.client, command, context.args, false);
    }
    // Inside EXEC, when all of it has run.
    if (this.untold.any && !context.denyBlocking) this.untold.tell();
    if (this.tracking !== null) this.tracking.remember(context.client, command, context.args);
    if (context.isBlocked) {
      // It will run again; only then it counts, as in Redis.
      context.isBlocked = false;
      this.lastAt = performance.now();
      this.setNow();
      return;
    }
    const at = performance.now();
    this.lastAt = at;
    const usec = (at - startedAt) * 1000;
    const stats = this.stats;
    const id = command.id * 4;
    stats[id] = (stats[id] as number) + 1;
    stats[id + 1] = (stats[id + 1] as number) + usec;
    if (reply.errorCount !== this.blamedErrors) {
      stats[id + 3] = (stats[id + 3] as number) + 1;
      this.blamedErrors = reply.errorCount;
    }
    if (this.trackLatency) {
      const cell = command.id * LATENCY_BUCKETS + latencyBucket(usec);
      this.latency[cell] = (this.latency[cell] as number) + 1;
    }
    this.counters[COUNTER.total_commands_processed] = (this.counters[COUNTER.total_commands_processed] as number) + 1;
    context.client.commandsProcessed++;
    const observer = this.observer;
    if (observer !== null && usec >= observer.thresholdUsec) observer.slow(context, usec);
    this.setNow();
  }

  private cutOff(): void {
    const { server, client } = this.context;
    const session = server.sessions.get(client.id);
    if (session !== undefined) cutOffForOutput(server, session);
  }

  private bug(command: Command, error: unknown): void {
    const context = this.context;
    const sizes = [];
    for (let i = 0; i < Math.min(context.args.count, 16); i++) sizes.push(context.args.length(i));
    context.server.host.log(
      "warning",
      `internal error in '${command.fullName}' (argument sizes ${sizes.join(" ")}): ${error instanceof Error ? error.stack : error}`,
    );
    this.counters[COUNTER.unexpected_error_replies] = (this.counters[COUNTER.unexpected_error_replies] as number) + 1;
    context.reply.error(INTERNAL_ERROR.text);
    // What the command wrote before it failed must not be committed.
    if (context.keyspace.store.inWriteTxn && command.isWrite) throw error;
  }

  /**
   * Runs a command for a client that is not the one being served; returns its reply, or null when it left the client
   * waiting.
   */
  runFor(client: Client, command: Command, args: Args): Buffer | null {
    const context = this.context;
    const { reply, keyspace } = context;
    const present = context.client;
    const { resp } = reply;
    const mark = reply.deferred();
    const errors = reply.errorCount;
    context.client = client;
    reply.resp = client.resp;
    context.args.load(args);
    context.prepared = null;
    keyspace.forgetRow();
    this.isServing = true;
    try {
      // What the client may do can have changed while it waited.
      const refusal = context.server.permissions?.refusal(client, command, context.args) ?? null;
      if (refusal === null) this.call(command);
      else this.refuse(refusal, command);
      if (reply.errorCount !== errors) this.noteError(reply.lastError);
      const from = reply.regionStart + mark;
      return from === reply.position ? null : Buffer.from(reply.buffer.subarray(from, reply.position));
    } finally {
      this.isServing = false;
      reply.truncate(mark);
      reply.resp = resp;
      context.client = present;
      keyspace.forgetRow();
    }
  }

  /** Counts a command whose wait ended without it running again (timeout, CLIENT UNBLOCK). */
  countBlocked(command: Command, blockedAt: number, failed: boolean): void {
    this.addStat(command, COMMAND_STAT.calls, 1);
    this.addStat(command, COMMAND_STAT.usec, (performance.now() - blockedAt) * 1000);
    if (failed) this.addStat(command, COMMAND_STAT.failed, 1);
    this.counters[COUNTER.total_commands_processed] = (this.counters[COUNTER.total_commands_processed] as number) + 1;
  }

  /** Runs a command queued by MULTI, inside EXEC. */
  runQueued(queued: QueuedCommand, prepared: unknown): void {
    const context = this.context;
    context.args.load(queued.args);
    context.keyspace.forgetRow();
    const errors = context.reply.errorCount;
    const { permissions } = context.server;
    const denial = permissions === null ? null : permissions.denial(context.client, queued.command, context.args);
    if (denial !== null) {
      this.noteDenial(queued.command, denial);
      context.reply.error(permissionLost(denial.what).text);
    } else if (prepared instanceof FailedPreparation) {
      context.reply.error(prepared.text);
      this.countBlocked(queued.command, performance.now(), true);
      this.blamedErrors = context.reply.errorCount;
    } else {
      context.prepared = prepared;
      this.call(queued.command);
    }
    if (context.reply.errorCount !== errors) this.noteError(context.reply.lastError);
  }

  /** What the commands must wait for before they run; null: nothing. One that cannot be prepared fails alone. */
  prepareQueued(queue: readonly QueuedCommand[]): Promise<unknown[]> | null {
    const context = this.context;
    const waits: Array<Promise<unknown> | null> = [];
    let any = false;
    const exec = context.args.save();
    for (const queued of queue) {
      context.args.load(queued.args);
      // What is prepared may take effect at once: not what EXEC will deny.
      const isDenied = context.server.permissions?.denial(context.client, queued.command, context.args) != null;
      const wait = isDenied ? null : prepareAlone(queued.command, context);
      if (wait !== null) any = true;
      waits.push(wait);
    }
    context.args.load(exec);
    return any ? Promise.all(waits) : null;
  }

  /** Counts the error reply written last, once: an error inside EXEC is not EXEC's too. */
  private noteError(text: string): void {
    const { errorCount } = this.context.reply;
    if (errorCount === this.notedErrors) return;
    this.notedErrors = errorCount;
    this.countError(text);
  }

  /** The error replies written so far are counted. */
  errorsCounted(): void {
    this.notedErrors = this.context.reply.errorCount;
  }

  /** Counts an error reply; those of commands called by scripts come here alone. */
  countError(text: string): void {
    this.counters[COUNTER.total_error_replies] = (this.counters[COUNTER.total_error_replies] as number) + 1;
    if (this.observer !== null) this.observer.failed(text);
  }
}

/** For Redis, a client that monitors is a replica. */
function usesKeyspace(command: Command): boolean {
  return command.isWrite || command.mayReplicate || command.spec.flags.includes("readonly");
}

/** A transaction's queue takes memory whatever is in it, and EXEC may need some for what was queued. */
function isDeniedOnOom(command: Command, { multi }: Client): boolean {
  if (command.deniedOnOom) return true;
  if (multi === null) return false;
  if (!command.runsInMulti) return true;
  return command.spec.runsQueue === true && multi.queue.some((queued) => queued.command.deniedOnOom);
}

/** CLIENT CACHING is for one command, or one transaction. */
function endCaching(client: Client, command: Command): void {
  const name = (command.parent ?? command).spec.name;
  if (client.tracking !== null && client.multi === null && name !== "CLIENT") client.tracking.caching = false;
}

/** An argument as Redis' %.*s prints it: cut at the first NUL and at `limit` bytes. */
function shown(args: Args, i: number, limit: number): string {
  const text = args.latin1(i).slice(0, limit);
  const nul = text.indexOf("\0");
  return nul < 0 ? text : text.slice(0, nul);
}

function protectedCommand(command: Command): CommandError {
  const name = (command.parent ?? command).spec.name;
  const option = name === "DEBUG" ? "enable-debug-command" : "enable-module-command";
  return errorReply(
    `ERR ${name} command not allowed. If the ${option} option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.`,
  );
}
