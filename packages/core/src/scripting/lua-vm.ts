/**
 * One instance of the Lua binary with one main state, and what JavaScript needs to talk to it: the imports it wants,
 * reading arguments and pushing results straight in its memory, errors that unwind as Lua's own do.
 *
 * Functions given to Lua get the state `L` that called (a coroutine has its own), read arguments by index from 1, push
 * results and return their number. They raise errors with `fail` and the like, which unwind through JavaScript frames by
 * a thrown LONGJUMP: such a function must not catch it.
 *
 * Memory views are replaced when the memory grows, which any call into Lua may do: use `vm.bytes` and the accessors,
 * never a view kept over such a call.
 */
import { LUA_GLOBALS, LUA_TYPE, type LuaExports } from "./lua-exports.ts";
import { toWasm } from "./wasm-functions.ts";
import { READONLY_BIT, TABLE_MARKED_OFFSET } from "./wasm-patch.ts";

export type LuaFunction = (L: number) => number;
/** The hook's activation record is not looked at. */
export type LuaHook = (L: number) => void;

/** What unwinds the stack up to the innermost protected call. */
const LONGJUMP = { name: "Lua error" };
/** Byte offsets in the binary's structures (a 32-bit build of Lua 5.1). */
const STATE = { top: 8, base: 12 } as const;
const VALUE_BYTES = 16;
const VALUE_TYPE = 8;
const STRING = { length: 12, bytes: 16 } as const;
const PAGE = 65536;
/** Memory that a state may take, pages. */
const MEMORY_PAGES = (2 * 1024 ** 3) / PAGE;
const SCRATCH_BYTES = 65536;
const ENOSYS = -52;

export class LuaVm {
  readonly api: LuaExports;
  /** The main state. */
  readonly state: number;
  /** The whole memory; replaced when it grows. */
  bytes: Buffer;
  private ints: Int32Array;
  private doubles: Float64Array;
  /** Room for strings on their way in. */
  private readonly scratch: number;
  private readonly names: Map<string, number> = new Map();
  private readonly table: WebAssembly.Table;
  private readonly tableCache: CallableFunction[] = [];
  private refuseChange: LuaFunction = () => 0;

  constructor(module: WebAssembly.Module) {
    const instance = new WebAssembly.Instance(module, this.imports());
    this.api = instance.exports as unknown as LuaExports;
    this.table = this.api.__indirect_function_table;
    this.bytes = Buffer.alloc(0);
    this.ints = new Int32Array(0);
    this.doubles = new Float64Array(0);
    this.refresh();
    this.api.__wasm_call_ctors();
    this.refresh();
    this.scratch = this.allocate(SCRATCH_BYTES);
    this.state = this.api.luaL_newstate();
    if (this.state === 0) throw new Error("no memory for a Lua state");
    this.refuseChange = (L) => this.refuseTableChange(L);
  }

  private refresh(): void {
    const { buffer } = this.api.memory;
    this.bytes = Buffer.from(buffer);
    this.ints = new Int32Array(buffer);
    this.doubles = new Float64Array(buffer);
  }

  /** After a call that may have grown the memory: its old buffer is detached then, and empty. */
  private sync(): void {
    if (this.ints.length === 0) this.refresh();
  }

  get memoryBytes(): number {
    return this.api.memory.buffer.byteLength;
  }

  // ---------------------------------------------------------------------------------------------- the binary's imports

  private imports(): Record<string, Record<string, CallableFunction>> {
    const none = (): number => 0;
    const unsupported = (): number => ENOSYS;
    const nothing = (): void => {};
    const env: Record<string, CallableFunction> = {
      exit: (code: number) => {
        throw new Error(`Lua wants to end the process with code ${code}`);
      },
      invoke_vii: (index: number, a: number, b: number) => this.protectedCall(index, a, b),
      _emscripten_throw_longjmp: () => {
        throw LONGJUMP;
      },
      // Put in front of every change of a table by wasm-patch.ts.
      _emscripten_system: (L: number) => this.refuseChange(L),
      emscripten_memcpy_js: (to: number, from: number, length: number) => {
        this.sync();
        this.bytes.copyWithin(to, from, from + length);
      },
      emscripten_resize_heap: (bytes: number) => this.resize(bytes),
      emscripten_date_now: () => Date.now(),
      _emscripten_get_now_is_monotonic: () => 1,
      strftime: none,
      _tzset_js: nothing,
      _mktime_js: none,
      _localtime_js: nothing,
      _gmtime_js: nothing,
    };
    for (const call of ["openat", "fcntl64", "ioctl", "dup3", "unlinkat", "rmdir", "renameat", "readlinkat"]) {
      env[`__syscall_${call}`] = unsupported;
    }
    const wasi = Object.fromEntries(
      ["fd_write", "fd_read", "fd_close", "fd_seek", "environ_sizes_get", "environ_get"].map((name) => [name, none]),
    );
    return { env, wasi_snapshot_preview1: wasi };
  }

  private protectedCall(index: number, a: number, b: number): void {
    const stack = this.api.stackSave();
    try {
      this.callTable(index, a, b);
    } catch (error) {
      if (error !== LONGJUMP) throw error;
      this.api.stackRestore(stack);
      this.api.setThrew(1, 0);
    }
  }

  private callTable(index: number, a: number, b: number): void {
    let target = this.tableCache[index];
    if (target === undefined) {
      target = this.table.get(index);
      this.tableCache[index] = target;
    }
    target(a, b);
  }

  /** Grows the memory by more than is wanted, so that it does not happen often; 0 = no. */
  private resize(bytes: number): number {
    const { memory } = this.api;
    const has = memory.buffer.byteLength / PAGE;
    const wanted = Math.ceil((bytes >>> 0) / PAGE);
    if (wanted > MEMORY_PAGES) return 0;
    try {
      memory.grow(Math.min(MEMORY_PAGES, Math.max(wanted, Math.ceil(has * 1.25))) - has);
    } catch {
      return 0;
    }
    this.refresh();
    return 1;
  }

  // ---------------------------------------------------------------------------------------------- functions and tables

  /** Table indexes of functions, for `pushFunction`. */
  functions(functions: readonly LuaFunction[]): number[] {
    return this.addToTable(toWasm(functions, 1, true));
  }

  hook(hook: LuaHook): number {
    return this.addToTable(toWasm([(L = 0) => void hook(L)], 2, false))[0] as number;
  }

  private addToTable(functions: readonly CallableFunction[]): number[] {
    const first = this.table.length;
    this.table.grow(functions.length);
    return functions.map((f, i) => {
      this.table.set(first + i, f);
      return first + i;
    });
  }

  /** Sets fields of the table on top to functions. */
  register(functions: Readonly<Record<string, LuaFunction>>): void {
    const { api, state: L } = this;
    const indexes = this.functions(Object.values(functions));
    Object.keys(functions).forEach((name, i) => {
      api.lua_pushcclosure(L, indexes[i] as number, 0);
      api.lua_setfield(L, -2, this.name(name));
    });
  }

  setNumber(name: string, value: number): void {
    this.api.lua_pushnumber(this.state, value);
    this.api.lua_setfield(this.state, -2, this.name(name));
  }

  setText(name: string, text: string): void {
    this.pushText(this.state, text);
    this.api.lua_setfield(this.state, -2, this.name(name));
  }

  setReadonly(table: number, isReadonly: boolean): void {
    this.sync();
    const at = table + TABLE_MARKED_OFFSET;
    const marked = this.bytes[at] as number;
    this.bytes[at] = isReadonly ? marked | READONLY_BIT : marked & ~READONLY_BIT;
  }

  isReadonly(table: number): boolean {
    this.sync();
    return ((this.bytes[table + TABLE_MARKED_OFFSET] as number) & READONLY_BIT) !== 0;
  }

  /** Makes the table on top read-only, and all that can be reached from it. */
  protectTable(): void {
    const { api, state: L } = this;
    const table = api.lua_topointer(L, -1);
    if (this.isReadonly(table)) return;
    this.setReadonly(table, true);
    api.lua_checkstack(L, 4);
    api.lua_pushnil(L);
    while (api.lua_next(L, -2) !== 0) {
      if (api.lua_type(L, -1) === LUA_TYPE.table) this.protectTable();
      api.lua_settop(L, -2);
    }
    if (api.lua_getmetatable(L, -1) !== 0) {
      this.protectTable();
      api.lua_settop(L, -2);
    }
  }

  /** As the interpreter's own errors: with a position only when Lua code, not a library function, is running. */
  private refuseTableChange(L: number): number {
    this.api.luaL_where(L, 0);
    this.pushText(L, "Attempt to modify a readonly table");
    this.api.lua_concat(L, 2);
    return this.api.lua_error(L);
  }

  getGlobal(name: string): void {
    this.api.lua_getfield(this.state, LUA_GLOBALS, this.name(name));
  }

  setGlobal(name: string): void {
    this.api.lua_setfield(this.state, LUA_GLOBALS, this.name(name));
  }

  // ---------------------------------------------------------------------------------------------- reading arguments

  argCount(L: number): number {
    if (this.ints.length === 0) this.refresh();
    const ints = this.ints;
    return ((ints[(L + STATE.top) >> 2] as number) - (ints[(L + STATE.base) >> 2] as number)) / VALUE_BYTES;
  }

  /** Address of argument `i`, counted from 1; there may be none there. */
  private slot(L: number, i: number): number {
    if (this.ints.length === 0) this.refresh();
    return (this.ints[(L + STATE.base) >> 2] as number) + (i - 1) * VALUE_BYTES;
  }

  /** LUA_TYPE of argument `i`. */
  typeOf(L: number, i: number): number {
    const slot = this.slot(L, i);
    if (slot >= (this.ints[(L + STATE.top) >> 2] as number)) return LUA_TYPE.none;
    return this.ints[(slot + VALUE_TYPE) >> 2] as number;
  }

  /** Address of the value on top. */
  private topSlot(L: number): number {
    if (this.ints.length === 0) this.refresh();
    return (this.ints[(L + STATE.top) >> 2] as number) - VALUE_BYTES;
  }

  typeOfTop(L: number): number {
    const slot = this.topSlot(L);
    return this.ints[(slot + VALUE_TYPE) >> 2] as number;
  }

  /** The number on top, which must be one. */
  topNumber(L: number): number {
    return this.doubles[this.topSlot(L) >> 3] as number;
  }

  topBoolean(L: number): boolean {
    return (this.ints[this.topSlot(L) >> 2] as number) !== 0;
  }

  /** Address of the bytes of the string on top, which must be one. */
  topString(L: number): number {
    return (this.ints[this.topSlot(L) >> 2] as number) + STRING.bytes;
  }

  /** Length of a string whose bytes are at the address. */
  lengthAt(at: number): number {
    return this.ints[(at - STRING.bytes + STRING.length) >> 2] as number;
  }

  /** Drops the value on top. */
  pop(L: number): void {
    if (this.ints.length === 0) this.refresh();
    this.ints[(L + STATE.top) >> 2] = (this.ints[(L + STATE.top) >> 2] as number) - VALUE_BYTES;
  }

  /** Number in argument `i`, which must be of that type. */
  numberAt(L: number, i: number): number {
    return this.doubles[this.slot(L, i) >> 3] as number;
  }

  /** Whether the number in argument `i` has its sign bit set. Of a NaN JavaScript does not tell. */
  isNegativeAt(L: number, i: number): boolean {
    return (this.ints[(this.slot(L, i) >> 2) + 1] as number) < 0;
  }

  /** Address of the bytes of argument `i`, which must be a string. */
  stringAt(L: number, i: number): number {
    return (this.ints[this.slot(L, i) >> 2] as number) + STRING.bytes;
  }

  /** Address of the bytes of argument `i`, a string or a number (which becomes a string); else an error is raised. */
  checkString(L: number, i: number): number {
    if (this.typeOf(L, i) !== LUA_TYPE.string) this.api.luaL_checklstring(L, i, 0);
    return this.stringAt(L, i);
  }

  checkNumber(L: number, i: number): number {
    return this.typeOf(L, i) === LUA_TYPE.number ? this.numberAt(L, i) : this.api.luaL_checknumber(L, i);
  }

  /** Address of the bytes of the value on top, which must be a string or a number. */
  checkTopText(L: number): number {
    this.api.lua_tolstring(L, -1, 0);
    return this.topString(L);
  }

  /** A copy of the string whose bytes are at the address. */
  copyString(at: number): Buffer {
    return Buffer.from(this.bytes.subarray(at, at + this.lengthAt(at)));
  }

  /** A string as text, one char per byte. */
  textAt(at: number): string {
    return this.bytes.latin1Slice(at, at + this.lengthAt(at));
  }

  /** As C sees it: up to the first zero byte. */
  cTextAt(at: number): string {
    const text = this.textAt(at);
    const zero = text.indexOf("\0");
    return zero < 0 ? text : text.slice(0, zero);
  }

  // ---------------------------------------------------------------------------------------------- pushing results

  allocate(bytes: number): number {
    const at = this.api.malloc(bytes);
    this.sync();
    if (at === 0) throw new Error("no memory for Lua");
    return at;
  }

  /** Address of a zero-terminated name, made once. */
  name(text: string): number {
    let at = this.names.get(text);
    if (at === undefined) {
      at = this.allocate(text.length + 1);
      this.bytes.latin1Write(text, at);
      this.bytes[at + text.length] = 0;
      this.names.set(text, at);
    }
    return at;
  }

  /** A zero-terminated text that lives until the next one. */
  passingText(text: string): number {
    this.sync();
    const length = Math.min(text.length, SCRATCH_BYTES - 1);
    this.bytes.latin1Write(text, this.scratch, length);
    this.bytes[this.scratch + length] = 0;
    return this.scratch;
  }

  /** Moves the value on top of one thread's stack to another's. */
  moveTop(from: number, to: number): void {
    if (from !== to) this.api.lua_xmove(from, to, 1);
  }

  /** Pushes `source[start..end)`. */
  pushBytes(L: number, source: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.sync();
    const at = length <= SCRATCH_BYTES ? this.scratch : this.roomFor(L, length);
    const bytes = this.bytes;
    if (length < 48) for (let i = start, p = at; i < end; i++) bytes[p++] = source[i] as number;
    else bytes.set(source.subarray(start, end), at);
    try {
      this.api.lua_pushlstring(L, at, length);
    } finally {
      if (at !== this.scratch) this.api.free(at);
    }
  }

  /** Pushes `times` copies of the `length` bytes at the address `from`, one behind the other. */
  pushRepeated(L: number, from: number, length: number, times: number): void {
    const total = length * times;
    const at = total <= SCRATCH_BYTES ? this.scratch : this.roomFor(L, total);
    const bytes = this.bytes;
    if (length === 1) bytes.fill(bytes[from] as number, at, at + total);
    else if (total > 0) {
      bytes.copyWithin(at, from, from + length);
      for (let done = length; done < total; done *= 2) {
        bytes.copyWithin(at + done, at, at + Math.min(done, total - done));
      }
    }
    try {
      this.api.lua_pushlstring(L, at, total);
    } finally {
      if (at !== this.scratch) this.api.free(at);
    }
  }

  private roomFor(L: number, bytes: number): number {
    const at = bytes < MEMORY_PAGES * PAGE ? this.api.malloc(bytes) : 0;
    this.sync();
    if (at === 0) {
      this.pushText(L, "not enough memory");
      this.api.lua_error(L);
    }
    return at;
  }

  /** Pushes text of one byte per char. */
  pushText(L: number, text: string): void {
    if (text.length > SCRATCH_BYTES) {
      const bytes = Buffer.from(text, "latin1");
      this.pushBytes(L, bytes, 0, bytes.length);
      return;
    }
    this.sync();
    this.bytes.latin1Write(text, this.scratch);
    this.api.lua_pushlstring(L, this.scratch, text.length);
  }

  // ---------------------------------------------------------------------------------------------- errors

  /** Raises an error with the position of the Lua code that called. */
  fail(L: number, text: string): never {
    this.api.luaL_where(L, 1);
    this.pushText(L, text);
    this.api.lua_concat(L, 2);
    this.api.lua_error(L);
    throw new Error("not reached: lua_error unwinds");
  }

  argError(L: number, argument: number, text: string): never {
    this.api.luaL_argerror(L, argument, this.passingText(text));
    throw new Error("not reached: luaL_argerror unwinds");
  }

  /** Raises the value on top. */
  raise(L: number): never {
    this.api.lua_error(L);
    throw new Error("not reached: lua_error unwinds");
  }

  /** Runs `body` so that a Lua error in it ends in its return value: the error's text; null when there was none. */
  loadAndRun(code: string, chunkName: string, results: number): string | null {
    const { api, state: L } = this;
    const bytes = Buffer.from(code, "latin1");
    const failed = this.load(L, bytes, 0, bytes.length, chunkName) || api.lua_pcall(L, 0, results, 0) !== 0;
    if (!failed) return null;
    const text = api.lua_tolstring(L, -1, 0) === 0 ? "error is no text" : this.textAt(this.topString(L));
    api.lua_settop(L, -2);
    return text;
  }

  /** Compiles `source[start..end)`; true: failed, with the text on top. Compiled code is refused, as in Redis. */
  load(L: number, source: Uint8Array, start: number, end: number, chunkName: string): boolean {
    const length = end - start;
    const at = this.allocate(Math.max(1, length));
    this.bytes.set(source.subarray(start, end), at);
    try {
      return this.api.luaL_loadbuffer(L, at, length, this.name(chunkName)) !== 0;
    } finally {
      this.api.free(at);
      this.sync();
    }
  }
}
