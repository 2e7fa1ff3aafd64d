/**
 * A Lua state as scripts see it: Redis' libraries, locked globals, the count hook that lets a script be stopped, and
 * calls with their error texts. There is one for EVAL and one for functions; each is made when it is first needed.
 */
import type { Services } from "../command/services.ts";
import type { Args } from "../resp/args.ts";
import type { ReplyWriter } from "../resp/reply-writer.ts";
import { openBitLibrary } from "./lua-bit-library.ts";
import { LUA_GC, LUA_GLOBALS, LUA_MASK, LUA_MULTRET, LUA_REGISTRY, LUA_TYPE, type LuaExports } from "./lua-exports.ts";
import { openJsonLibrary } from "./lua-json-library.ts";
import { openMsgpackLibrary } from "./lua-msgpack-library.ts";
import { type LuaRandom, openNumberLibrary } from "./lua-number-library.ts";
import { openStringLibrary } from "./lua-string-library.ts";
import { openStructLibrary } from "./lua-struct-library.ts";
import { LuaToReply, readError } from "./lua-to-reply.ts";
import { LuaVm } from "./lua-vm.ts";
import { RedisLibrary } from "./redis-library.ts";
import { isTextual, pushError } from "./reply-to-lua.ts";
import type { ScriptCaller } from "./script-caller.ts";

/** The hook is called every so many instructions: about 0.3 ms. */
const HOOK_COUNT = 100_000;
/** Between two calls of the hook, if commands take so long that instructions are few. */
const POLL_MS = 5;
/** A step of the collector after so many calls, of so many units. */
const GC_PERIOD = 50;
/** Memory from which it is given back when it is mostly free. */
const WORTH_A_LOOK_BYTES = 32 * 1024 ** 2;
/** Globals of the stock libraries that scripts do not get. */
const REMOVED_GLOBALS = ["dofile", "loadfile", "print", "require", "module", "package", "io", "os"];

/** Says where the error was raised: in the function that called error(), not in error() itself. */
const ERROR_HANDLER = `
local getinfo, type, tostring = debug.getinfo, type, tostring
debug = nil
return function(problem)
  local at = getinfo(2, 'nSl')
  if at and at.what == 'C' then at = getinfo(3, 'nSl') end
  if type(problem) ~= 'table' then problem = {err = 'ERR ' .. tostring(problem)} end
  if at then
    problem['source'] = at.source
    problem['line'] = at.currentline
  end
  return problem
end`;

/** What the hook asks: whether the running script must end, and with which error text. */
export type Interrupt = () => string | null;

export class LuaRuntime {
  readonly vm: LuaVm;
  readonly redis: RedisLibrary;
  private readonly api: LuaExports;
  private readonly L: number;
  private readonly toReply: LuaToReply;
  private readonly hook: number;
  private readonly interrupt: Interrupt;
  private readonly globals: number;
  private readonly caller: ScriptCaller;
  /** Registry reference of the error handler. */
  private readonly errorHandler: number;
  private calls = 0;
  private killed = false;
  /** Size of the memory up to which nobody asks how full it is. */
  private lookedAtBytes = WORTH_A_LOOK_BYTES;

  constructor(
    module: WebAssembly.Module,
    server: Services,
    caller: ScriptCaller,
    random: LuaRandom,
    isEval: boolean,
    interrupt: Interrupt,
  ) {
    const vm = new LuaVm(module);
    this.vm = vm;
    this.api = vm.api;
    this.L = vm.state;
    this.interrupt = interrupt;
    this.caller = caller;
    this.redis = new RedisLibrary(
      vm,
      server,
      caller,
      (L) => this.stopAtNextLine(L),
      (L) => this.poll(L),
    );
    this.toReply = new LuaToReply(vm, caller.reply, (reply, text, isCounted) =>
      caller.writeError(reply, text, isCounted, false),
    );
    this.openLibraries(random);
    this.redis.open(isEval);
    this.errorHandler = this.makeErrorHandler(isEval);
    this.api.lua_pushvalue(this.L, LUA_GLOBALS);
    this.globals = this.api.lua_topointer(this.L, -1);
    this.addErrorMetatable();
    vm.protectTable();
    // Strings share one metatable; Redis before 7.2.11 lets a script change it for all that come after.
    vm.pushText(this.L, "");
    this.api.lua_getmetatable(this.L, -1);
    vm.protectTable();
    this.api.lua_settop(this.L, 0);
    this.hook = vm.hook((L) => this.onHook(L));
    this.installHook();
  }

  private openLibraries(random: LuaRandom): void {
    const { api, L, vm } = this;
    for (const open of [api.luaopen_base, api.luaopen_table, api.luaopen_string, api.luaopen_math, api.luaopen_debug]) {
      open(L);
      api.lua_settop(L, 0);
    }
    for (const name of REMOVED_GLOBALS) {
      api.lua_pushnil(L);
      vm.setGlobal(name);
    }
    openNumberLibrary(vm, random);
    openStringLibrary(vm);
    openJsonLibrary(vm);
    openStructLibrary(vm);
    openMsgpackLibrary(vm);
    openBitLibrary(vm);
    const [pcall] = vm.functions([(caller) => this.protectedCall(caller)]);
    api.lua_pushcclosure(L, pcall as number, 0);
    vm.setGlobal("pcall");
  }

  /** The global pcall: an error table of Redis comes back as its text, as it was before errors were tables. */
  private protectedCall(L: number): number {
    const { api, vm } = this;
    const count = vm.argCount(L);
    api.lua_pushboolean(L, 1);
    api.lua_insert(L, 1);
    if (api.lua_pcall(L, count - 1, LUA_MULTRET, 0) !== 0) {
      api.lua_remove(L, 1);
      if (vm.typeOfTop(L) === LUA_TYPE.table) {
        api.lua_getfield(L, -1, vm.name("err"));
        if (isTextual(vm.typeOfTop(L))) api.lua_replace(L, -2);
      }
      api.lua_pushboolean(L, 0);
      api.lua_insert(L, 1);
    }
    return vm.argCount(L);
  }

  private makeErrorHandler(isEval: boolean): number {
    const { api, L, vm } = this;
    const problem = vm.loadAndRun(ERROR_HANDLER, "@err_handler_def", 1);
    if (problem !== null) throw new Error(`the error handler failed: ${problem}`);
    if (isEval) {
      api.lua_pushvalue(L, -1);
      vm.setGlobal("__redis__err__handler");
    }
    return api.luaL_ref(L, LUA_REGISTRY);
  }

  /** Reading a field that the table on top does not have becomes an error. */
  addErrorMetatable(): void {
    const { api, L, vm } = this;
    api.lua_createtable(L, 0, 1);
    vm.register({
      __index: (caller) => {
        if (vm.argCount(caller) !== 2) vm.fail(caller, "Wrong number of arguments to luaProtectedTableError");
        if (!isTextual(vm.typeOf(caller, 2))) {
          vm.fail(caller, "Second argument to luaProtectedTableError must be a string or number");
        }
        const name = vm.cTextAt(vm.checkString(caller, 2));
        return vm.fail(caller, `Script attempted to access nonexistent global variable '${name}'`);
      },
    });
    api.lua_setmetatable(L, -2);
  }

  // ---------------------------------------------------------------------------------------------- stopping a script

  private installHook(): void {
    this.api.lua_sethook(this.L, this.hook, LUA_MASK.count, HOOK_COUNT);
    this.killed = false;
  }

  private onHook(L: number): void {
    this.redis.pollAt = performance.now() + POLL_MS;
    const problem = this.interrupt();
    if (problem === null) return;
    this.stopAtNextLine(L);
    pushError(this.vm, L, problem, false);
    this.vm.raise(L);
  }

  /** Between two commands of a script. Its next line ends it, as a hook raises errors: with the place in the script. */
  private poll(L: number): void {
    this.redis.pollAt = performance.now() + POLL_MS;
    if (this.interrupt() !== null) this.stopAtNextLine(L);
  }

  /** From now on the hook is called at every line, so that the script cannot catch the error and go on. */
  private stopAtNextLine(L: number): void {
    this.api.lua_sethook(L, this.hook, LUA_MASK.line, 0);
    if (L !== this.L) this.api.lua_sethook(this.L, this.hook, LUA_MASK.line, 0);
    this.killed = true;
  }

  /** After a library was loaded, perhaps stopped. */
  afterLoad(): void {
    if (this.killed) this.installHook();
  }

  // ---------------------------------------------------------------------------------------------- running

  /** Compiles `code[start..end)`; a registry reference. Throws with Lua's text as the error's message. */
  compile(code: Buffer, start: number, end: number, chunkName: string): number {
    const { api, L, vm } = this;
    if (vm.load(L, code, start, end, chunkName)) {
      const text = vm.cTextAt(vm.topString(L));
      vm.pop(L);
      throw new Error(text);
    }
    return api.luaL_ref(L, LUA_REGISTRY);
  }

  release(reference: number): void {
    this.api.luaL_unref(this.L, LUA_REGISTRY, reference);
  }

  /** Runs an EVAL script: keys and arguments are the globals KEYS and ARGV. */
  runScript(reference: number, args: Args, keyCount: number, name: string, reply: ReplyWriter): void {
    const { api, L, vm } = this;
    api.lua_rawgeti(L, LUA_REGISTRY, this.errorHandler);
    api.lua_rawgeti(L, LUA_REGISTRY, reference);
    this.pushArgs(args, 3, 3 + keyCount);
    this.pushArgs(args, 3 + keyCount, args.count);
    vm.setReadonly(this.globals, false);
    vm.setGlobal("ARGV");
    vm.setGlobal("KEYS");
    vm.setReadonly(this.globals, true);
    this.finish(api.lua_pcall(L, 0, 1, -2), name, reply);
  }

  /** Runs a function with keys and arguments as its two parameters. */
  runFunction(reference: number, args: Args, keyCount: number, name: string, reply: ReplyWriter): void {
    const { api, L } = this;
    api.lua_rawgeti(L, LUA_REGISTRY, this.errorHandler);
    api.lua_rawgeti(L, LUA_REGISTRY, reference);
    this.pushArgs(args, 3, 3 + keyCount);
    this.pushArgs(args, 3 + keyCount, args.count);
    this.finish(api.lua_pcall(L, 2, 1, -4), name, reply);
  }

  private pushArgs(args: Args, from: number, to: number): void {
    const { api, L, vm } = this;
    api.lua_createtable(L, to - from, 0);
    for (let i = from; i < to; i++) {
      vm.pushBytes(L, args.buffer, args.start(i), args.end(i));
      api.lua_rawseti(L, -2, i - from + 1);
    }
  }

  /** Result or error are on top, the error handler below. */
  private finish(status: number, name: string, reply: ReplyWriter): void {
    const { api, L } = this;
    if (this.killed) this.installHook();
    if (++this.calls === GC_PERIOD) {
      this.calls = 0;
      api.lua_gc(L, LUA_GC.step, GC_PERIOD);
    }
    if (this.redis.run?.needsWrite === true) {
      // It runs again: neither a reply nor an error that counts.
    } else if (status === 0) this.toReply.write(reply, this.caller.reply.resp);
    else this.writeFailure(name, reply);
    api.lua_settop(L, 0);
  }

  private writeFailure(name: string, reply: ReplyWriter): void {
    const { vm, L } = this;
    if (vm.typeOfTop(L) !== LUA_TYPE.table) {
      const text = isTextual(vm.typeOfTop(L)) ? vm.cTextAt(vm.checkTopText(L)) : "execution failure";
      reply.error(`ERR Error running script ${name}, ${text.slice(0, 100)}`);
      return;
    }
    const { text, source, line, isCounted } = readError(vm, L);
    const place = source !== null && line !== null ? ` script: ${name}, on ${source}:${line}.` : "";
    this.caller.writeError(reply, `${text ?? "ERR unknown error"}${place}`, isCounted, true);
  }

  /**
   * Whether the memory, which has grown to a size worth a look, is mostly free. Looks once per size: it means collecting all
   * that is no longer used.
   */
  get isBloated(): boolean {
    const { memoryBytes } = this.vm;
    if (memoryBytes <= this.lookedAtBytes) return false;
    this.lookedAtBytes = memoryBytes;
    this.api.lua_gc(this.L, LUA_GC.collect, 0);
    return this.usedBytes < memoryBytes / 4;
  }

  /** Bytes that Lua's objects take. */
  get usedBytes(): number {
    const { api, L } = this;
    return api.lua_gc(L, LUA_GC.count, 0) * 1024 + api.lua_gc(L, LUA_GC.countRest, 0);
  }
}
