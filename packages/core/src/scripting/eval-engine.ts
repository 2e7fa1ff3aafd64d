/** EVAL's side: scripts compiled in this process, found again by their SHA-1, and kept in the store for all. */
import { CommandError, errorReply, NOSCRIPT } from "../base/errors.ts";
import { sha1Hex } from "../base/sha1.ts";
import type { ScriptCache } from "../keyspace/script-cache.ts";
import type { Args } from "../resp/args.ts";
import type { LuaRuntime } from "./lua-runtime.ts";
import { RecentScripts } from "./recent-scripts.ts";
import { ScriptHabit } from "./script-habit.ts";
import { readScriptHead } from "./shebang.ts";

const CHUNK_NAME = "@user_script";
const SHA_CHARS = 40;

export interface CompiledScript {
  readonly sha: string;
  /** Registry reference of the compiled function. */
  readonly reference: number;
  /** Bits of SCRIPT_FLAG, or null for a script without them. */
  readonly flags: number | null;
  readonly habit: ScriptHabit;
}

export class EvalEngine {
  private readonly cache: ScriptCache;
  private readonly makeRuntime: () => LuaRuntime;
  /** Null until the first script, and after a flush. */
  runtime: LuaRuntime | null = null;
  private scripts: Map<string, CompiledScript> = new Map();
  /** The script that EVALSHA asked for last, and its name as it was asked for. */
  private last: CompiledScript | null = null;
  private readonly lastName = Buffer.alloc(SHA_CHARS);
  private readonly recent = new RecentScripts();
  /** Memory of the states given up and perhaps not yet collected. */
  droppedBytes = 0;
  /** How many scripts this process has compiled. */
  compiled = 0;
  /** Number of flushes that this process knows to have obeyed. */
  private flushes = 0;

  constructor(cache: ScriptCache, makeRuntime: () => LuaRuntime) {
    this.cache = cache;
    this.makeRuntime = makeRuntime;
  }

  private useRuntime(): LuaRuntime {
    this.runtime ??= this.makeRuntime();
    return this.runtime;
  }

  /** Drops what a SCRIPT FLUSH of any process made obsolete: the whole Lua state, whose memory never shrinks. */
  private obeyFlushes(): void {
    if (this.cache.flushHint === this.flushes) return;
    const flushes = this.cache.flushes();
    if (flushes === this.flushes) return;
    this.flushes = flushes;
    this.dropAll();
  }

  /** Whether a flush may have made the Lua state obsolete that this process keeps. */
  get mayBeObsolete(): boolean {
    return this.runtime !== null && this.cache.flushHint !== this.flushes;
  }

  /** Frees what is obsolete, though nobody runs a script. On a fresh snapshot. */
  freeObsolete(): void {
    if (this.mayBeObsolete) this.obeyFlushes();
  }

  dropAll(): void {
    this.droppedBytes += this.runtime?.vm.memoryBytes ?? 0;
    this.scripts.clear();
    this.last = null;
    this.recent.clear();
    this.runtime = null;
  }

  /** After a run: the memory of a state never shrinks, so one that a script has blown up and left empty makes way for a new one. */
  giveBackMemory(): void {
    if (this.runtime?.isBloated === true) this.dropAll();
  }

  /** The script in argument 1 if this process has compiled it; no look at the store. */
  peekCode(args: Args): CompiledScript | undefined {
    return this.recent.find(args) ?? this.scripts.get(sha1Hex(args.bytes(1)));
  }

  /** Flags of the script with this name in any case; null when it has none, is not kept, or is no script. */
  flagsOf(name: string): number | null {
    const sha = name.toLowerCase();
    const script = this.scripts.get(sha);
    if (script !== undefined) return script.flags;
    const code = /^[0-9a-f]{40}$/.test(sha) ? this.cache.get(sha) : null;
    return code === null ? null : flagsInHead(code);
  }

  /** Flags of the script in argument 1. */
  flagsOfCode(args: Args): number | null {
    return flagsInHead(args.copy(1));
  }

  /** As `peek`, for the script that argument 1 names. */
  peekNamed(args: Args): CompiledScript | undefined {
    return this.isLast(args) ? (this.last ?? undefined) : this.scripts.get(args.latin1(1).toLowerCase());
  }

  /** Most calls are of the script before: comparing bytes takes a tenth of making a string and looking it up. */
  private isLast(args: Args): boolean {
    if (this.last === null || args.length(1) !== SHA_CHARS) return false;
    const { lastName } = this;
    const { buffer } = args;
    for (let i = 0, at = args.start(1); i < SHA_CHARS; i++, at++) if (buffer[at] !== lastName[i]) return false;
    return true;
  }

  /** EVAL: the script in argument 1, compiled and kept if it is new. */
  byCode(args: Args): CompiledScript {
    this.obeyFlushes();
    const recent = this.recent.find(args);
    if (recent !== undefined) return recent;
    const sha = sha1Hex(args.bytes(1));
    const script = this.scripts.get(sha) ?? this.add(sha, args.copy(1));
    this.recent.note(args, script);
    return script;
  }

  /** EVALSHA: the script that argument 1 names. */
  bySha(args: Args): CompiledScript {
    if (args.length(1) !== SHA_CHARS) throw NOSCRIPT;
    this.obeyFlushes();
    if (this.last !== null && this.isLast(args)) return this.last;
    const name = args.latin1(1);
    const script = this.scripts.get(name) ?? this.find(name.toLowerCase());
    if (script === null) throw NOSCRIPT;
    this.last = script;
    this.lastName.latin1Write(name);
    return script;
  }

  private find(sha: string): CompiledScript | null {
    const script = this.scripts.get(sha);
    if (script !== undefined) return script;
    const code = /^[0-9a-f]{40}$/.test(sha) ? this.cache.get(sha) : null;
    return code === null ? null : this.compile(sha, code);
  }

  /** SCRIPT LOAD. Throws when it does not compile. */
  load(code: Buffer): string {
    this.obeyFlushes();
    const sha = sha1Hex(code);
    if (!this.scripts.has(sha)) this.add(sha, code);
    else if (this.cache.get(sha) === null) this.keep(sha, code);
    return sha;
  }

  private add(sha: string, code: Buffer): CompiledScript {
    const script = this.compile(sha, code);
    this.keep(sha, code);
    return script;
  }

  /** A read-only run cannot keep its script for the other processes; the access rules send a new script here in a write txn. */
  private keep(sha: string, code: Buffer): void {
    if (this.cache.isWritable) this.cache.put(sha, code);
  }

  private compile(sha: string, code: Buffer): CompiledScript {
    const { flags, codeStart } = readScriptHead(code);
    let reference: number;
    try {
      reference = this.useRuntime().compile(code, codeStart, code.length, CHUNK_NAME);
    } catch (error) {
      throw errorReply(`ERR Error compiling script (new function): ${(error as Error).message}`);
    }
    const script = { sha, reference, flags, habit: new ScriptHabit() };
    this.scripts.set(sha, script);
    this.compiled++;
    return script;
  }

  /** Whether a script is kept, whoever brought it. */
  has(name: string): boolean {
    this.obeyFlushes();
    const sha = name.toLowerCase();
    if (!/^[0-9a-f]{40}$/.test(sha)) return false;
    return this.scripts.has(sha) || this.cache.get(sha) !== null;
  }

  flush(): void {
    this.cache.flush();
    this.flushes = this.cache.flushHint;
    this.dropAll();
  }
}

function flagsInHead(code: Buffer): number | null {
  try {
    return readScriptHead(code).flags;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return null;
  }
}
