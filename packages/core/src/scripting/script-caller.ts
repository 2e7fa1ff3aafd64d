/**
 * Runs the commands that a script calls: the same handlers on a context of their own, whose arguments lie in Lua's memory
 * and whose reply is read back into Lua. Checks, their order and texts as in Redis' scriptCall.
 */
import { CommandError, INTERNAL_ERROR, OUT_OF_MEMORY, permissionText } from "../base/errors.ts";
import { Client } from "../command/client.ts";
import { commandOfRequest } from "../command/command-lookup.ts";
import { Context } from "../command/context.ts";
import type { Command } from "../command/define-command.ts";
import { latencyBucket } from "../command/latency-buckets.ts";
import type { Permissions } from "../command/permissions.ts";
import type { Registry } from "../command/registry.ts";
import { RUN_IN_WRITE } from "../command/run-in-write.ts";
import type { Services } from "../command/services.ts";
import { COMMAND_STAT, COUNTER, LATENCY_BUCKETS, SHARED_WORD } from "../ports/counters.ts";
import { PROPAGATE } from "../ports/op-log.ts";
import { Args } from "../resp/args.ts";
import { ReplyWriter } from "../resp/reply-writer.ts";
import { Trial } from "./trial.ts";

/** What a script may do, and what it did. */
export class ScriptRun {
  readonly caller: Client;
  readonly readOnly: boolean;
  /** Runs whatever the memory limit says. */
  readonly allowOom: boolean;
  /** It may write, but runs on a snapshot as it never did so far (script-habit.ts). */
  readonly isTrial: boolean;
  wrote = false;
  /** Whom the effects of its commands are told to: bits of PROPAGATE (redis.set_repl). */
  targets: number = PROPAGATE.all;
  /** It did nothing but call reading commands. */
  onlyRead = true;
  /** It cannot go on without a write txn: what it does is dropped, and it runs again as a whole. */
  needsWrite = false;

  constructor(caller: Client, readOnly: boolean, allowOom: boolean, isTrial: boolean) {
    this.caller = caller;
    this.readOnly = readOnly;
    this.allowOom = allowOom;
    this.isTrial = isTrial;
  }

  /** It is about to do more than read. False: it must not, and ends here. */
  leaveReading(): boolean {
    this.onlyRead = false;
    if (this.isTrial) this.needsWrite = true;
    return !this.isTrial;
  }
}

/** The server's statistics and limits, as far as commands of scripts touch them. */
export interface ScriptSurroundings {
  readonly trackLatency: boolean;
  readonly outOfMemory: boolean;
  /** Microseconds from which `slow` is called. */
  readonly slowUsec: number;
  slow(context: Context, usec: number): void;
  /** `busy-reply-threshold`: from then on others are told that a script runs; Infinity: never. */
  readonly busyReplyMs: number;
  /** Gives other clients of this process a moment while `running`'s script holds the event loop. */
  serveOthers(running: Client): void;
  /** An error that a command of a script answered; `text` without '-'. */
  countError(text: string): void;
  /** The error replies written so far to the client are in the statistics. */
  errorsCounted(): void;
}

const UNKNOWN = "ERR Unknown Redis command called from script";
const WRONG_ARITY = "ERR Wrong number of args calling Redis command from script";
const NOT_FROM_SCRIPT = "ERR This Redis command is not allowed from script";
const READ_ONLY = "ERR Write commands are not allowed from read-only scripts.";

export class ScriptCaller {
  readonly args = new Args();
  readonly reply = new ReplyWriter();
  readonly client: Client;
  /** Told when a run is about to call its first write command; an error's text forbids it. */
  onFirstWrite: (run: ScriptRun) => string | null = () => null;
  private readonly context: Context;
  private readonly registry: Registry;
  private readonly surroundings: ScriptSurroundings;
  private readonly stats: Float64Array;
  private readonly latency: Uint32Array;
  private readonly counters: Float64Array;
  private readonly words: Int32Array;
  private readonly reusedTrial: Trial;
  /** Null while the run is none. */
  private trial: Trial | null = null;
  /** When the last command ended, by the monotonic clock. */
  lastAt = 0;
  /** Only one command runs at a time. */
  isBusy = false;

  constructor(server: Services, surroundings: ScriptSurroundings) {
    const { shared, registry } = server;
    this.registry = registry;
    this.surroundings = surroundings;
    this.client = new Client(0, "", "", -1, false, Date.now(), true);
    this.context = new Context(this.args, this.reply, server, this.client, registry.byId[0] as Command);
    this.context.denyBlocking = true;
    this.context.inScript = true;
    this.stats = shared.commandStats(shared.slot);
    this.latency = shared.commandLatency(shared.slot);
    this.counters = server.counters;
    this.words = shared.words;
    this.reusedTrial = new Trial(server.counters, server.accessClock);
  }

  /** Before a script runs: it starts in the caller's database, with RESP2. Time stands still while it runs. */
  begin(run: ScriptRun, nowMs: number): void {
    const { client, context } = this;
    client.db = run.caller.db;
    client.user = run.caller.user;
    client.noTouch = run.caller.noTouch;
    client.resp = 2;
    this.reply.resp = 2;
    context.nowMs = nowMs;
    this.lastAt = performance.now();
    this.trial = run.isTrial ? this.reusedTrial : null;
    this.trial?.begin();
  }

  /** The script has ended, or is to run again. */
  end(run: ScriptRun): void {
    const { trial } = this;
    if (trial === null) return;
    this.trial = null;
    if (run.needsWrite) trial.drop();
    else trial.keep();
  }

  setResp(version: number): void {
    this.client.resp = version;
    this.reply.resp = version;
  }

  /**
   * Runs the command in `args`. Null: its reply, which may be an error, is in `reply.buffer` from 0. Else the text of
   * the error that it met before it ran.
   */
  call(run: ScriptRun): string | null {
    const command = this.find();
    const refusal = this.refusal(command, run);
    if (refusal !== null || command === null) {
      this.countError(refusal ?? UNKNOWN);
      if (command !== null) this.addStat(command, COMMAND_STAT.rejected, 1);
      return refusal;
    }
    if (run.onlyRead && !command.isReadonly && !run.leaveReading()) return INTERNAL_ERROR.text;
    if (command.isWrite && !run.wrote) {
      const killed = this.onFirstWrite(run);
      if (killed !== null) return killed;
      run.wrote = true;
    }
    this.run(command, run);
    return null;
  }

  /**
   * An error as the reply of the script itself; `isCounted`: the statistics have it from the command that made it. One that
   * was raised keeps its line feeds, as in Redis; one that was returned does not.
   */
  writeError(reply: ReplyWriter, text: string, isCounted: boolean, wasRaised: boolean): void {
    reply.error(text.replace(/[\r\n]+$/, ""), wasRaised);
    if (!isCounted) this.countError(reply.lastError);
    this.surroundings.errorsCounted();
  }

  /** The command that the arguments name, with its subcommand. */
  private find(): Command | null {
    const command = this.registry.find(this.args);
    if (command === null || command.subcommands === null || this.args.count === 1) return command;
    return commandOfRequest(this.registry, this.args) ?? null;
  }

  private refusal(command: Command | null, run: ScriptRun): string | null {
    const { count } = this.args;
    if (command === null) return UNKNOWN;
    if (count < command.minArgs || count > command.maxArgs) return WRONG_ARITY;
    if (command.noScript && Atomics.load(this.words, SHARED_WORD.scripts_unrestricted) === 0) return NOT_FROM_SCRIPT;
    const { permissions } = this.context.server;
    const denied = permissions === null ? null : this.denied(permissions, command, run);
    if (denied !== null) return denied;
    if (run.readOnly && (command.isWrite || command.mayReplicate)) return READ_ONLY;
    const isTooLate = run.allowOom || run.wrote;
    if (command.deniedOnOom && !isTooLate && this.surroundings.outOfMemory) return OUT_OF_MEMORY.text;
    return null;
  }

  private denied(permissions: Permissions, command: Command, run: ScriptRun): string | null {
    const { args } = this;
    const denial = permissions.denial(run.caller, command, args);
    if (denial === null) return null;
    // What is noted of it cannot be taken back.
    if (!run.leaveReading()) return INTERNAL_ERROR.text;
    permissions.note(run.caller, command, args, denial, "lua");
    return `ERR ACL failure in script: ${permissionText(denial.what, run.caller.user ?? "", command.fullName)}`;
  }

  private countError(text: string): void {
    if (this.trial === null) this.surroundings.countError(text);
    else this.trial.later(() => this.surroundings.countError(text));
  }

  private addStat(command: Command, which: number, by: number): void {
    const at = command.id * 4 + which;
    if (this.trial !== null) this.trial.note(this.stats, at);
    this.stats[at] = (this.stats[at] as number) + by;
  }

  private run(command: Command, run: ScriptRun): void {
    const { context, reply } = this;
    const { keyspace } = context;
    reply.position = 0;
    reply.regionStart = 0;
    const errors = reply.errorCount;
    context.command = command;
    context.prepared = null;
    keyspace.forgetRow();
    const effects = keyspace.store.inWriteTxn ? context.effects : null;
    if (effects !== null) effects.begin(run.targets);
    try {
      command.handler(context);
    } catch (error) {
      reply.position = reply.regionStart;
      if (error instanceof CommandError) reply.error(error.text);
      else if (error === RUN_IN_WRITE) {
        run.needsWrite = true;
        effects?.leave();
        reply.error(INTERNAL_ERROR.text);
        return;
      } else this.bug(command, error);
    }
    if (effects !== null) effects.end(context, command);
    this.show(command, run);
    this.measure(command, run);
    if (reply.errorCount !== errors) {
      this.addStat(command, COMMAND_STAT.failed, 1);
      this.countError(reply.lastError);
    }
  }

  /** To monitors, and to the table of what the script's caller may cache. */
  private show(command: Command, run: ScriptRun): void {
    const { monitors, tracking } = this.context.server;
    if (monitors.active && command.isMonitored) monitors.feed(this.client, command, this.args, true);
    if (run.caller.tracking === null) return;
    if (this.trial === null) tracking.remember(run.caller, command, this.args);
    else this.laterWith(this.trial, command, () => tracking.remember(run.caller, command, this.args));
  }

  private measure(command: Command, run: ScriptRun): void {
    const at = performance.now();
    const usec = (at - this.lastAt) * 1000;
    this.lastAt = at;
    this.addStat(command, COMMAND_STAT.calls, 1);
    this.addStat(command, COMMAND_STAT.usec, usec);
    const { surroundings, counters } = this;
    if (surroundings.trackLatency) {
      const cell = command.id * LATENCY_BUCKETS + latencyBucket(usec);
      if (this.trial !== null) this.trial.note(this.latency, cell);
      this.latency[cell] = (this.latency[cell] as number) + 1;
    }
    counters[COUNTER.total_commands_processed] = (counters[COUNTER.total_commands_processed] as number) + 1;
    if (usec < surroundings.slowUsec) return;
    if (this.trial === null) this.showSlow(run, usec);
    else this.laterWith(this.trial, command, () => this.showSlow(run, usec));
  }

  /** The log shows the client that called the script. */
  private showSlow(run: ScriptRun, usec: number): void {
    this.context.client = run.caller;
    this.surroundings.slow(this.context, usec);
    this.context.client = this.client;
  }

  /** `make` is called at the end of the trial with the command's arguments in place. */
  private laterWith(trial: Trial, command: Command, make: () => void): void {
    // They lie scattered in Lua's memory.
    const values = Array.from({ length: this.args.count }, (_, i) => this.args.bytes(i));
    const args = Args.of(values);
    trial.later(() => {
      this.args.load(args);
      this.context.command = command;
      make();
    });
  }

  private bug(command: Command, error: unknown): void {
    this.context.server.host.log(
      "warning",
      `internal error in '${command.fullName}' called from a script: ${error instanceof Error ? error.stack : error}`,
    );
    this.counters[COUNTER.unexpected_error_replies] = (this.counters[COUNTER.unexpected_error_replies] as number) + 1;
    this.reply.error(INTERNAL_ERROR.text);
  }
}
