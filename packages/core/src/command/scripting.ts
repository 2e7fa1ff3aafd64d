/** Scripts and functions as commands see them. Implemented by scripting/. */
import type { CommandError } from "../base/errors.ts";
import type { Args } from "../resp/args.ts";
import type { Access } from "./command-spec.ts";
import type { Context } from "./context.ts";

/** How EVAL, EVALSHA, FCALL and their read-only forms differ. */
export interface ScriptCall {
  readonly what: "script" | "sha" | "function";
  /** The `_RO` form. */
  readonly readOnly: boolean;
}

/** A running script: this process' own, else a function that another process has been running for long. */
export interface RunningScriptInfo {
  readonly isEval: boolean;
  readonly name: string;
  readonly args: readonly Buffer[];
  readonly durationMs: number;
}

export interface ScriptMemory {
  /** Of all processes' Lua states, bytes. */
  readonly evalVmBytes: number;
  readonly functionVmBytes: number;
  readonly scripts: number;
  readonly scriptBytes: number;
  readonly libraries: number;
  readonly functions: number;
  readonly functionBytes: number;
}

export interface Scripting {
  /** The txn that a call needs: reading is enough for those that cannot write. */
  access(call: ScriptCall, args: Args, inMulti: boolean): Access;
  /** Whether a call may change the keyspace or publish: CLIENT PAUSE WRITE holds those. On a snapshot or in a txn. */
  mayReplicate(call: ScriptCall, args: Args): boolean;
  /** What commands get that must wait for a script which holds the write lock for long; null: there is none. */
  readonly lockedBy: CommandError | null;
  /** What commands get that cannot be served beside a slow script of whatever process; null: there is none. */
  readonly slowScript: CommandError | null;
  /** Runs a call; its reply or error is written. */
  run(ctx: Context, call: ScriptCall): void;
  /** Compiles and keeps a script; its SHA-1. Throws when it does not compile. */
  loadScript(code: Buffer): string;
  /** Whether a script of this name (any case) is kept. */
  hasScript(sha: string): boolean;
  flushScripts(): void;
  /** Makes a library of the code; its name. Throws Redis' error texts. */
  loadLibrary(code: Buffer, replace: boolean): string;
  /** All libraries in one payload. */
  dumpLibraries(): Buffer;
  /** All libraries of a payload, or none of them. Throws Redis' error texts. */
  restoreLibraries(payload: Buffer, policy: "flush" | "append" | "replace"): void;
  /** Asks the running script (or function) to stop. Throws when there is none, or when it must not be stopped. */
  kill(isEval: boolean): void;
  /** Whether the script that ran last in this process was told to stop. */
  readonly wasKilled: boolean;
  running(): RunningScriptInfo | null;
  memory(): ScriptMemory;
}
