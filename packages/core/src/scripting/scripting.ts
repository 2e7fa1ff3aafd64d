/**
 * Scripts and functions of this process: which txn a call needs, the call itself, stopping, memory. Everything that must be
 * the same in all processes is in the store (keyspace/script-cache.ts, keyspace/function-libraries.ts) or in the shared
 * counters (script-status.ts); what is here can be made anew at any time.
 */
import {
  BAD_KEY_COUNT,
  BUSY_FUNCTION,
  BUSY_LOCK,
  type CommandError,
  FUNCTION_NOT_FOUND,
  INTERNAL_ERROR,
  NEGATIVE_KEY_COUNT,
  NOTBUSY,
  OUT_OF_MEMORY,
  SCRIPT_OUT_OF_MEMORY,
  TOO_MANY_KEYS,
  UNKILLABLE,
  WRITE_SCRIPT_ON_RO,
} from "../base/errors.ts";
import type { Access } from "../command/command-spec.ts";
import type { Context } from "../command/context.ts";
import { NOTIFY } from "../command/keyspace-events.ts";
import { RUN_AGAIN, RUN_IN_WRITE } from "../command/run-in-write.ts";
import type { RunningScriptInfo, ScriptCall, Scripting, ScriptMemory } from "../command/scripting.ts";
import type { Services } from "../command/services.ts";
import { libraryNumbers, readLibrary } from "../keyspace/function-libraries.ts";
import { ScriptCache } from "../keyspace/script-cache.ts";
import { SCRIPT_FLAG } from "../keyspace/script-flags.ts";
import { COUNTER, SHARED_WORD } from "../ports/counters.ts";
import { sumCounter } from "../ports/shared-state.ts";
import type { Args } from "../resp/args.ts";
import { type CompiledScript, EvalEngine } from "./eval-engine.ts";
import { FunctionEngine } from "./function-engine.ts";
import { readFunctionPayload, writeFunctionPayload } from "./function-payload.ts";
import { LibraryLoader } from "./library-loader.ts";
import { LuaRandom } from "./lua-number-library.ts";
import { LuaRuntime } from "./lua-runtime.ts";
import { ScriptCaller, ScriptRun, type ScriptSurroundings } from "./script-caller.ts";
import type { ScriptHabit } from "./script-habit.ts";
import { type RunningScript, SCRIPT_KIND, type ScriptKind, ScriptStatus } from "./script-status.ts";
import { patchLua } from "./wasm-patch.ts";

const KILLED = "ERR Script killed by user with SCRIPT KILL...";
const LOAD_TIMEOUT = "ERR FUNCTION LOAD timeout";
/** A script that runs longer lets other processes take the new clients of this one. */
const OCCUPIED_MS = 10;
/** Memory of given-up states from which it is worth a look for garbage. */
const COLLECT_BYTES = 32 * 1024 ** 2;
const NO_BYTES = Buffer.alloc(0);

/** What is to be run, found and checked. */
interface Target {
  readonly runtime: LuaRuntime;
  readonly reference: number;
  /** SHA-1 of the script, or the function's name. */
  readonly name: string;
  readonly flags: number | null;
  /** Null for a function: it may keep something of its own between its runs, and says by flags what it does. */
  readonly habit: ScriptHabit | null;
}

interface PresentRun {
  readonly isEval: boolean;
  readonly name: string;
  readonly args: Args;
  readonly run: ScriptRun;
  /** It has run for longer than `busy-reply-threshold`. */
  isSlow: boolean;
}

export class LuaScripting implements Scripting {
  private readonly server: Services;
  private readonly surroundings: ScriptSurroundings;
  private readonly cache: ScriptCache;
  private readonly evals: EvalEngine;
  private readonly functions: FunctionEngine;
  private readonly caller: ScriptCaller;
  private readonly status: ScriptStatus;
  private readonly random = new LuaRandom();
  private module: WebAssembly.Module | null = null;
  private loader: LibraryLoader | null = null;
  private startedAt = 0;
  private present: PresentRun | null = null;

  constructor(server: Services, surroundings: ScriptSurroundings) {
    this.server = server;
    this.surroundings = surroundings;
    const { keyspace, shared, host } = server;
    this.cache = new ScriptCache(keyspace, shared, host.runId);
    this.status = new ScriptStatus(shared);
    this.caller = new ScriptCaller(server, surroundings);
    this.caller.onFirstWrite = ({ caller }) => (caller.dropsKilledScript || this.status.wrote() ? null : KILLED);
    this.evals = new EvalEngine(this.cache, () => this.makeRuntime(true));
    this.functions = new FunctionEngine(
      keyspace,
      () => {
        const runtime = this.makeRuntime(false);
        const loader = new LibraryLoader(runtime);
        this.loader = loader;
        return { runtime, loader };
      },
      (level, text) => host.log(level, text),
    );
  }

  private makeRuntime(isEval: boolean): LuaRuntime {
    this.module ??= new WebAssembly.Module(patchLua(this.server.host.luaBinary()));
    return new LuaRuntime(this.module, this.server, this.caller, this.random, isEval, () => this.interrupt());
  }

  // ---------------------------------------------------------------------------------------------- which txn

  access({ what, readOnly }: ScriptCall, args: Args, inMulti: boolean): Access {
    switch (what) {
      case "script":
        return this.accessOfScript(args, readOnly, inMulti);
      case "sha": {
        if (readOnly) return "read";
        return inMulti ? "write" : this.accessOf(this.evals.peekNamed(args));
      }
      case "function":
        if (readOnly) return "read";
        return !inMulti && cannotWrite(this.functions.peek(args.latin1(1))?.flags ?? null) ? "read" : "write";
    }
  }

  mayReplicate({ what, readOnly }: ScriptCall, args: Args): boolean {
    if (readOnly) return false;
    if (what === "function") return !cannotWrite(this.functions.find(args.latin1(1))?.flags ?? null);
    return !cannotWrite(what === "script" ? this.evals.flagsOfCode(args) : this.evals.flagsOf(args.latin1(1)));
  }

  get lockedBy(): CommandError | null {
    const script = this.status.lockHolder();
    return script === null ? null : busyErrorFor(script);
  }

  get slowScript(): CommandError | null {
    const script = this.status.running()[0];
    return script?.isSlow === true ? busyErrorFor(script) : null;
  }

  /** A script that this process has not seen yet is kept in the store, which takes a write txn whatever it does. */
  private accessOfScript(args: Args, readOnly: boolean, inMulti: boolean): Access {
    if (inMulti) return "write";
    const script = this.evals.peekCode(args);
    return readOnly && script !== undefined ? "read" : this.accessOf(script);
  }

  private accessOf(script: CompiledScript | undefined): Access {
    return script !== undefined && (cannotWrite(script.flags) || this.isTried(script.habit)) ? "read" : "write";
  }

  /** Not when its commands would be shown to monitors twice, or missing keys to subscribers. */
  private isTried(habit: ScriptHabit | null): boolean {
    const { monitors, events } = this.server;
    return habit?.isReading === true && !monitors.active && (events.flags & NOTIFY.keyMiss) === 0;
  }

  // ---------------------------------------------------------------------------------------------- running

  get isRunning(): boolean {
    return this.present !== null;
  }

  run(ctx: Context, call: ScriptCall): void {
    const { args } = ctx;
    // Its commands are told, each by itself.
    ctx.effects?.prevent();
    let target: Target;
    let keyCount: number;
    const { compiled } = this.evals;
    try {
      target = call.what === "function" ? this.findFunction(ctx) : this.findScript(ctx, call.what);
      keyCount = readKeyCount(args, call.what);
      this.checkFlags(ctx, target, call.readOnly);
    } catch (error) {
      this.feedMonitors(ctx);
      throw error;
    }
    const readOnly = call.readOnly || cannotWrite(target.flags);
    // The lock was only needed to keep the script. It runs without: it may take long.
    if (readOnly && this.evals.compiled !== compiled && inWriteTxn(ctx) && ctx.mayBeginAnew) throw RUN_AGAIN;
    const isTrial = !readOnly && !inWriteTxn(ctx);
    if (isTrial && !this.isTried(target.habit)) throw RUN_IN_WRITE;
    this.feedMonitors(ctx);
    const allowOom = target.flags !== null && (target.flags & SCRIPT_FLAG.allowOom) !== 0;
    const isEval = call.what !== "function";
    const run = new ScriptRun(ctx.client, readOnly, allowOom, isTrial);
    this.begin(ctx, target, run, isEval ? SCRIPT_KIND.eval : SCRIPT_KIND.function);
    try {
      if (isEval) target.runtime.runScript(target.reference, args, keyCount, target.name, ctx.reply);
      else target.runtime.runFunction(target.reference, args, keyCount, target.name, ctx.reply);
    } catch (error) {
      this.broken(isEval, error);
      throw INTERNAL_ERROR;
    } finally {
      this.end(target, run);
    }
    if (isEval) this.evals.giveBackMemory();
    target.habit?.ran(run.onlyRead);
    if (run.needsWrite) throw RUN_IN_WRITE;
  }

  /** Monitors see a script's call before the commands that it calls; other commands they see when those are done. */
  private feedMonitors(ctx: Context): void {
    const { monitors } = this.server;
    if (monitors.active) monitors.feed(ctx.client, ctx.command, ctx.args, false);
  }

  private findScript(ctx: Context, what: "script" | "sha"): Target {
    const { evals } = this;
    if (what === "sha" && ctx.args.length(1) !== 40) evals.bySha(ctx.args);
    readKeyCount(ctx.args, what);
    const script = what === "sha" ? evals.bySha(ctx.args) : evals.byCode(ctx.args);
    const { sha, reference, flags, habit } = script;
    return { runtime: evals.runtime as LuaRuntime, reference, name: sha, flags, habit };
  }

  private findFunction(ctx: Context): Target {
    const f = this.functions.find(ctx.args.latin1(1));
    if (f === undefined) throw FUNCTION_NOT_FOUND;
    const { reference, name, flags } = f;
    return { runtime: this.functions.runtime as LuaRuntime, reference, name, flags, habit: null };
  }

  /** As scriptPrepareForRun: only for scripts that say what they do. */
  private checkFlags(ctx: Context, { flags }: Target, readOnly: boolean): void {
    if (flags === null) return;
    if ((flags & SCRIPT_FLAG.noWrites) !== 0) return;
    const isDenied = (flags & SCRIPT_FLAG.allowOom) === 0 && this.surroundings.outOfMemory;
    if (isDenied && !ctx.denyBlocking) throw OUT_OF_MEMORY;
    if (readOnly) throw WRITE_SCRIPT_ON_RO;
    if (isDenied) throw SCRIPT_OUT_OF_MEMORY;
  }

  private begin(ctx: Context, target: Target, run: ScriptRun, kind: ScriptKind): void {
    target.runtime.redis.run = run;
    const isEval = kind === SCRIPT_KIND.eval;
    this.present = { isEval, name: target.name, args: ctx.args, run, isSlow: false };
    this.caller.begin(run, ctx.nowMs);
    this.startedAt = performance.now();
    this.status.begin(kind, ctx.nowMs);
  }

  private end(target: Target, run: ScriptRun): void {
    this.status.end();
    this.caller.end(run);
    this.present = null;
    target.runtime.redis.run = null;
    this.caller.isBusy = false;
    if (this.server.counters[COUNTER.occupied] === 1) this.tellOccupied(0);
  }

  /** Something that is no Lua error came out of a run: the state cannot be trusted any more. */
  private broken(isEval: boolean, error: unknown): void {
    this.server.host.log(
      "warning",
      `a script broke its Lua state, which is made anew: ${error instanceof Error ? error.stack : error}`,
    );
    if (isEval) this.evals.dropAll();
    else this.functions.dropAll();
  }

  /** Called every 100,000 instructions. */
  private interrupt(): string | null {
    this.server.counters[COUNTER.heartbeat_ms] = Date.now();
    if (this.loader?.isLoading === true) return this.loader.isOverdue ? LOAD_TIMEOUT : null;
    const { present } = this;
    if (present === null) return null;
    // It has noticed that it cannot be served as it runs: whatever it makes of that, it ends.
    if (present.run.needsWrite) return INTERNAL_ERROR.text;
    const ranMs = performance.now() - this.startedAt;
    if (ranMs >= OCCUPIED_MS && this.server.counters[COUNTER.occupied] === 0) this.tellOccupied(1);
    if (ranMs >= this.surroundings.busyReplyMs) {
      if (!present.isSlow) this.noteSlow(present, ranMs);
      this.surroundings.serveOthers(present.run.caller);
    }
    if (!this.status.isKilled) return null;
    // What had to be stopped is not tried without the lock: others are to be told BUSY.
    present.run.onlyRead = false;
    this.server.host.log("notice", "Lua script killed by user with SCRIPT KILL.");
    return KILLED;
  }

  private tellOccupied(is: 0 | 1): void {
    this.server.counters[COUNTER.occupied] = is;
    this.server.host.occupiedChanged();
  }

  private noteSlow(present: PresentRun, ranMs: number): void {
    present.isSlow = true;
    this.status.describe(present.name, argsOf(present));
    this.status.slow(this.server.keyspace.store.inWriteTxn);
    const command = present.isEval ? "SCRIPT KILL" : "FUNCTION KILL";
    this.server.host.log(
      "warning",
      `Slow script detected: still in execution after ${Math.floor(ranMs)} milliseconds. You can try killing the script using the ${command} command. Script name is: ${present.name}.`,
    );
  }

  // ---------------------------------------------------------------------------------------------- stopping

  kill(isEval: boolean): void {
    const scripts = this.status.running();
    const kind = isEval ? SCRIPT_KIND.eval : SCRIPT_KIND.function;
    // One that must not be killed does not keep those that other processes run from it.
    const script = scripts.find((other) => other.isSlow && other.kind === kind && !other.wrote) ?? scripts[0];
    if (script === undefined) throw NOTBUSY;
    if (script.wrote) throw UNKILLABLE;
    if (script.kind !== kind) throw busyErrorFor(script);
    this.status.kill(script);
  }

  get wasKilled(): boolean {
    return this.status.killRequested;
  }

  /** What to answer to a write that waited too long for the lock. */
  busyError(): CommandError {
    return this.lockedBy ?? this.slowScript ?? BUSY_LOCK;
  }

  running(): RunningScriptInfo | null {
    const { present } = this;
    if (present !== null) {
      const durationMs = Math.floor(performance.now() - this.startedAt);
      return { isEval: present.isEval, name: present.name, args: argsOf(present), durationMs };
    }
    for (const script of this.status.running()) {
      const told = script.kind === SCRIPT_KIND.function ? this.status.description(script) : null;
      if (told !== null) return { isEval: false, ...told, durationMs: Math.max(0, Date.now() - script.startedMs) };
    }
    return null;
  }

  // ---------------------------------------------------------------------------------------------- scripts and libraries

  loadScript(code: Buffer): string {
    return this.evals.load(code);
  }

  hasScript(sha: string): boolean {
    return this.evals.has(sha);
  }

  flushScripts(): void {
    this.evals.flush();
  }

  loadLibrary(code: Buffer, replace: boolean): string {
    return this.functions.load(code, replace);
  }

  dumpLibraries(): Buffer {
    const { keyspace } = this.server;
    return writeFunctionPayload(
      libraryNumbers(keyspace).flatMap((number) => readLibrary(keyspace, number)?.code ?? []),
      this.server.config.boolean("rdbcompression"),
    );
  }

  restoreLibraries(payload: Buffer, policy: "flush" | "append" | "replace"): void {
    const trusts = Atomics.load(this.server.shared.words, SHARED_WORD.payload_checksum_ignored) === 1;
    this.functions.restore(readFunctionPayload(payload, trusts), policy);
  }

  /** Called by the clock: what a flush in another process made obsolete is freed here too, even if nothing runs. */
  tick(): void {
    const { keyspace } = this.server;
    if (!keyspace.store.inWriteTxn && (this.evals.mayBeObsolete || this.functions.runtime !== null)) {
      keyspace.renewSnapshot();
      this.evals.freeObsolete();
      this.functions.freeRemoved();
      keyspace.store.releaseSnapshot();
    }
    this.noteMemory();
    if (this.evals.droppedBytes < COLLECT_BYTES) return;
    this.evals.droppedBytes = 0;
    this.caller.args.buffer = NO_BYTES;
    this.server.host.collectGarbage();
  }

  /** Writes this process' share of the memory figures into its counters. */
  private noteMemory(): void {
    const row = this.server.counters;
    row[COUNTER.lua_memory_bytes] = this.evals.runtime?.usedBytes ?? 0;
    row[COUNTER.lua_function_memory_bytes] = this.functions.runtime?.usedBytes ?? 0;
  }

  memory(): ScriptMemory {
    const { shared } = this.server;
    this.noteMemory();
    const { scripts, bytes } = this.cache.totals();
    const totals = this.functions.totals();
    return {
      evalVmBytes: sumCounter(shared, COUNTER.lua_memory_bytes),
      functionVmBytes: sumCounter(shared, COUNTER.lua_function_memory_bytes),
      scripts,
      scriptBytes: bytes,
      libraries: totals.libraries,
      functions: totals.functions,
      functionBytes: totals.bytes,
    };
  }
}

function busyErrorFor({ kind }: RunningScript): CommandError {
  return kind === SCRIPT_KIND.function ? BUSY_FUNCTION : BUSY_LOCK;
}

function inWriteTxn(ctx: Context): boolean {
  return ctx.keyspace.store.inWriteTxn;
}

function cannotWrite(flags: number | null): boolean {
  return flags !== null && (flags & SCRIPT_FLAG.noWrites) !== 0;
}

/** `numkeys` of a call. */
function readKeyCount(args: Args, what: ScriptCall["what"]): number {
  const small = args.safeInt(2);
  if (small >= 0 && small <= args.count - 3) return small;
  const count = what === "function" ? args.int64(2, BAD_KEY_COUNT) : args.int64(2);
  if (count > BigInt(args.count - 3)) throw TOO_MANY_KEYS;
  if (count < 0n) throw NEGATIVE_KEY_COUNT;
  return Number(count);
}

function argsOf({ args }: PresentRun): Buffer[] {
  const copies: Buffer[] = [];
  for (let i = 0; i < args.count; i++) copies.push(args.copy(i));
  return copies;
}
