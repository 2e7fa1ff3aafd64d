/**
 * The functions' side: a Lua state with the libraries of the store, brought up to date before each use. The store is the
 * truth; a library's code is run once in each process, to register its functions.
 *
 * As in Redis, library code runs with globals of its own (only `redis`, and of it only what loading needs), functions with
 * the locked globals: the state's global table is empty, its metatable's `__index` is exchanged for the time of a load.
 */
import { CommandError, errorReply } from "../base/errors.ts";
import {
  addLibrary,
  type FunctionDescription,
  librariesRevision,
  libraryNumbers,
  readLibrary,
  removeAllLibraries,
  removeLibrary,
} from "../keyspace/function-libraries.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { LogLevel } from "../ports/host.ts";
import type { LibraryLoader } from "./library-loader.ts";
import type { LuaRuntime } from "./lua-runtime.ts";
import { type LibraryHead, readLibraryHead } from "./shebang.ts";

const LOAD_TIMEOUT_MS = 500;
const ENGINE = "LUA";
const CHUNK_NAME = "@user_function";

export interface LoadedFunction extends FunctionDescription {
  readonly reference: number;
}

interface Library {
  readonly name: string;
  readonly functions: readonly LoadedFunction[];
}

export interface LibraryTotals {
  readonly libraries: number;
  readonly functions: number;
  /** Of code. */
  readonly bytes: number;
}

export class FunctionEngine {
  private readonly keyspace: Keyspace;
  private readonly makeRuntime: () => { runtime: LuaRuntime; loader: LibraryLoader };
  private readonly log: (level: LogLevel, text: string) => void;
  runtime: LuaRuntime | null = null;
  private loader: LibraryLoader | null = null;
  /** By number in the store. */
  private readonly libraries: Map<number, Library> = new Map();
  /** By name in lower case. */
  private readonly functions: Map<string, LoadedFunction> = new Map();
  /** The set of the store that this one equals; -1: to be compared. */
  private revision = 0;
  /** The set of the store of which this one, at least, has no libraries that are gone. */
  private freedFor = 0;
  private totalsFor = 0;
  private knownTotals: LibraryTotals = { libraries: 0, functions: 0, bytes: 0 };

  constructor(
    keyspace: Keyspace,
    makeRuntime: () => { runtime: LuaRuntime; loader: LibraryLoader },
    log: (level: LogLevel, text: string) => void,
  ) {
    this.keyspace = keyspace;
    this.makeRuntime = makeRuntime;
    this.log = log;
  }

  private useLoader(): LibraryLoader {
    if (this.loader === null) {
      const { runtime, loader } = this.makeRuntime();
      this.runtime = runtime;
      this.loader = loader;
    }
    return this.loader;
  }

  /** Forgets everything: the Lua state is broken. */
  dropAll(): void {
    this.libraries.clear();
    this.functions.clear();
    this.runtime = null;
    this.loader = null;
    this.revision = -1;
  }

  /** The function as this process knows it; no look at the store. */
  peek(name: string): LoadedFunction | undefined {
    return this.functions.get(name.toLowerCase());
  }

  /** The function as the present txn has it. */
  find(name: string): LoadedFunction | undefined {
    this.update();
    return this.functions.get(name.toLowerCase());
  }

  /** What the present txn has; all of it is read only when it has changed. */
  totals(): LibraryTotals {
    const revision = librariesRevision(this.keyspace);
    if (revision === this.totalsFor) return this.knownTotals;
    const totals = { libraries: 0, functions: 0, bytes: 0 };
    for (const number of libraryNumbers(this.keyspace)) {
      const library = readLibrary(this.keyspace, number);
      if (library === null) continue;
      totals.libraries++;
      totals.functions += library.functions.length;
      totals.bytes += library.code.length;
    }
    this.totalsFor = revision;
    this.knownTotals = totals;
    return totals;
  }

  /** Takes over the libraries that other processes (or a dropped txn) have added or removed. */
  private update(): void {
    const revision = librariesRevision(this.keyspace);
    if (revision === this.revision) return;
    const numbers = libraryNumbers(this.keyspace);
    this.unloadAllBut(numbers);
    for (const number of numbers) if (!this.libraries.has(number)) this.take(number);
    this.revision = revision;
  }

  /** When no library is left, the Lua state goes too: its memory never shrinks. */
  private unloadAllBut(numbers: readonly number[]): void {
    const kept = new Set(numbers);
    for (const number of [...this.libraries.keys()]) if (!kept.has(number)) this.unload(number);
    if (this.libraries.size > 0 || numbers.length > 0) return;
    this.runtime = null;
    this.loader = null;
  }

  /** Frees what other processes have removed, though nobody calls a function. On a fresh snapshot. */
  freeRemoved(): void {
    if (this.runtime === null) return;
    const revision = librariesRevision(this.keyspace);
    if (revision === this.revision || revision === this.freedFor) return;
    this.freedFor = revision;
    this.unloadAllBut(libraryNumbers(this.keyspace));
  }

  private take(number: number): void {
    const stored = readLibrary(this.keyspace, number);
    if (stored === null) return;
    try {
      const head = readLibraryHead(stored.code);
      this.link(number, { name: stored.name, functions: this.compile(head, stored.code, 0) });
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      this.log("warning", `function library '${stored.name}' cannot be loaded: ${error.text}`);
    }
  }

  private link(number: number, library: Library): void {
    this.libraries.set(number, library);
    for (const f of library.functions) this.functions.set(f.name.toLowerCase(), f);
  }

  private unload(number: number): void {
    const library = this.libraries.get(number);
    if (library === undefined) return;
    this.libraries.delete(number);
    for (const f of library.functions) {
      if (this.functions.get(f.name.toLowerCase()) === f) this.functions.delete(f.name.toLowerCase());
      this.runtime?.release(f.reference);
    }
  }

  /** Runs library code; the functions that it registers. `timeoutMs` 0: no limit. */
  private compile(head: LibraryHead, code: Buffer, timeoutMs: number): LoadedFunction[] {
    return this.useLoader().load(code, head.codeStart, CHUNK_NAME, timeoutMs);
  }

  private release(functions: readonly LoadedFunction[]): void {
    for (const f of functions) this.runtime?.release(f.reference);
  }

  private numberOf(name: string): number | undefined {
    for (const [number, library] of this.libraries) if (library.name === name) return number;
    return undefined;
  }

  private checkHead(code: Buffer): LibraryHead {
    const head = readLibraryHead(code);
    if (!/^[0-9A-Za-z_]+$/.test(head.name)) {
      throw errorReply(
        "ERR Library names can only contain letters, numbers, or underscores(_) and must be at least one character long",
      );
    }
    if (head.engine.toUpperCase() !== ENGINE) throw errorReply(`ERR Engine '${head.engine}' not found`);
    return head;
  }

  /** FUNCTION LOAD, in the write txn. */
  load(code: Buffer, replace: boolean): string {
    this.update();
    const head = this.checkHead(code);
    const old = this.numberOf(head.name);
    if (old !== undefined && !replace) throw errorReply(`ERR Library '${head.name}' already exists`);
    const functions = this.compile(head, code, LOAD_TIMEOUT_MS);
    try {
      if (functions.length === 0) throw errorReply("ERR No functions registered");
      this.checkCollisions(functions, old === undefined ? [] : [old]);
    } catch (error) {
      this.release(functions);
      throw error;
    }
    if (old !== undefined) this.remove(old);
    this.add(head, functions, code);
    return head.name;
  }

  /** Functions of other libraries than those in `replaced` must not have the same names. */
  private checkCollisions(functions: readonly LoadedFunction[], replaced: readonly number[]): void {
    const leaving = new Set(replaced.flatMap((number) => this.libraries.get(number)?.functions ?? []));
    for (const { name } of functions) {
      const existing = this.functions.get(name.toLowerCase());
      if (existing !== undefined && !leaving.has(existing)) throw errorReply(`ERR Function ${name} already exists`);
    }
  }

  private add({ name }: LibraryHead, functions: readonly LoadedFunction[], code: Buffer): void {
    const descriptions = functions.map(({ name, description, flags }) => ({ name, description, flags }));
    const number = addLibrary(this.keyspace, { name, engine: ENGINE, functions: descriptions }, code);
    this.link(number, { name, functions });
    this.changed();
  }

  private remove(number: number): void {
    removeLibrary(this.keyspace, number);
    this.unload(number);
    this.changed();
  }

  /** This process knows its own change. A dropped txn's revision is never the store's: then the sets are compared. */
  private changed(): void {
    this.revision = librariesRevision(this.keyspace);
  }

  /** FUNCTION RESTORE, in the write txn: all libraries or none. */
  restore(codes: readonly Buffer[], policy: "flush" | "append" | "replace"): void {
    this.update();
    const loaded: { head: LibraryHead; code: Buffer; functions: LoadedFunction[] }[] = [];
    try {
      for (const code of codes) loaded.push(this.prepareRestored(code, loaded));
      const replaced: number[] = [];
      if (policy !== "flush") {
        for (const { head } of loaded) {
          const old = this.numberOf(head.name);
          if (old === undefined) continue;
          if (policy === "append") throw errorReply(`ERR Library ${head.name} already exists`);
          replaced.push(old);
        }
        for (const { functions } of loaded) this.checkCollisions(functions, replaced);
      }
      for (const number of replaced) this.remove(number);
    } catch (error) {
      for (const { functions } of loaded) this.release(functions);
      throw error;
    }
    if (policy === "flush") {
      removeAllLibraries(this.keyspace);
      for (const number of [...this.libraries.keys()]) this.unload(number);
    }
    for (const { head, functions, code } of loaded) this.add(head, functions, code);
  }

  private prepareRestored(
    code: Buffer,
    earlier: readonly { head: LibraryHead; functions: readonly LoadedFunction[] }[],
  ): { head: LibraryHead; code: Buffer; functions: LoadedFunction[] } {
    const head = this.checkHead(code);
    if (earlier.some((other) => other.head.name === head.name)) {
      throw errorReply(`ERR Library '${head.name}' already exists`);
    }
    const functions = this.compile(head, code, 0);
    const taken = new Set(earlier.flatMap((other) => other.functions.map(({ name }) => name.toLowerCase())));
    const twice = functions.find(({ name }) => taken.has(name.toLowerCase()));
    if (functions.length > 0 && twice === undefined) return { head, code, functions };
    this.release(functions);
    throw errorReply(twice === undefined ? "ERR No functions registered" : `ERR Function ${twice.name} already exists`);
  }
}
