/**
 * Runs the code of a function library in the functions' Lua state and collects what it registers with
 * redis.register_function.
 */
import { errorReply } from "../base/errors.ts";
import { SCRIPT_FLAG_NAMES } from "../keyspace/script-flags.ts";
import type { LoadedFunction } from "./function-engine.ts";
import { LUA_GLOBALS, LUA_REGISTRY, LUA_TYPE } from "./lua-exports.ts";
import type { LuaRuntime } from "./lua-runtime.ts";
import { readError } from "./lua-to-reply.ts";
import { isTextual, pushError } from "./reply-to-lua.ts";

/** Registry fields: what library code sees as globals, and what functions see. */
const LIBRARY_API = "__LIBRARY_API__";
const GLOBALS_API = "__GLOBALS_API__";

interface Registration {
  name: string | null;
  description: string | null;
  reference: number | null;
  flags: number;
}

export class LibraryLoader {
  private readonly runtime: LuaRuntime;
  /** Functions registered by the code that is being loaded; null when none is. */
  private loading: LoadedFunction[] | null = null;
  private deadline = 0;

  /** Changes the runtime's globals, once. */
  constructor(runtime: LuaRuntime) {
    this.runtime = runtime;
    this.makeLibraryApi();
    this.separateGlobals();
  }

  private makeLibraryApi(): void {
    const { runtime } = this;
    const { vm } = runtime;
    const { api, state: L } = vm;
    api.lua_createtable(L, 0, 2);
    api.lua_createtable(L, 0, 16);
    vm.register({ register_function: (caller) => this.register(caller) });
    runtime.redis.addLog();
    runtime.redis.addVersion();
    runtime.addErrorMetatable();
    api.lua_pushvalue(L, -1);
    api.lua_setfield(L, -3, vm.name("keydb"));
    api.lua_setfield(L, -2, vm.name("redis"));
    runtime.addErrorMetatable();
    vm.protectTable();
    api.lua_setfield(L, LUA_REGISTRY, vm.name(LIBRARY_API));
  }

  /** The global table becomes an empty one; what it shows is its metatable's business. */
  private separateGlobals(): void {
    const { vm } = this.runtime;
    const { api, state: L } = vm;
    api.lua_pushvalue(L, LUA_GLOBALS);
    api.lua_setfield(L, LUA_REGISTRY, vm.name(GLOBALS_API));
    api.lua_createtable(L, 0, 0);
    api.lua_createtable(L, 0, 1);
    api.lua_pushvalue(L, LUA_GLOBALS);
    api.lua_setfield(L, -2, vm.name("__index"));
    vm.setReadonly(api.lua_topointer(L, -1), true);
    api.lua_setmetatable(L, -2);
    vm.setReadonly(api.lua_topointer(L, -1), true);
    api.lua_replace(L, LUA_GLOBALS);
  }

  private show(what: string): void {
    const { vm } = this.runtime;
    const { api, state: L } = vm;
    api.lua_pushvalue(L, LUA_GLOBALS);
    api.lua_getmetatable(L, -1);
    const metatable = api.lua_topointer(L, -1);
    vm.setReadonly(metatable, false);
    api.lua_getfield(L, LUA_REGISTRY, vm.name(what));
    api.lua_setfield(L, -2, vm.name("__index"));
    vm.setReadonly(metatable, true);
    api.lua_settop(L, -3);
  }

  /** What the hook asks while a library is loaded. */
  get isOverdue(): boolean {
    return this.loading !== null && this.deadline !== 0 && performance.now() > this.deadline;
  }

  get isLoading(): boolean {
    return this.loading !== null;
  }

  /** Throws the error texts of FUNCTION LOAD. */
  load(code: Buffer, codeStart: number, chunkName: string, timeoutMs: number): LoadedFunction[] {
    const { vm } = this.runtime;
    const { api, state: L } = vm;
    const functions: LoadedFunction[] = [];
    const outer = api.lua_gettop(L);
    this.show(LIBRARY_API);
    this.loading = functions;
    this.deadline = timeoutMs === 0 ? 0 : performance.now() + timeoutMs;
    try {
      if (vm.load(L, code, codeStart, code.length, chunkName)) {
        throw errorReply(`ERR Error compiling function: ${vm.cTextAt(vm.checkTopText(L))}`);
      }
      if (api.lua_pcall(L, 0, 0, 0) !== 0) {
        const { text } = readError(vm, L);
        throw errorReply(`ERR Error registering functions: ${text ?? "(null)"}`);
      }
      return functions;
    } catch (error) {
      for (const f of functions) this.runtime.release(f.reference);
      throw error;
    } finally {
      this.loading = null;
      api.lua_settop(L, outer);
      this.show(GLOBALS_API);
      this.runtime.afterLoad();
    }
  }

  // ---------------------------------------------------------------------------------------------- register_function

  private raise(L: number, text: string): never {
    pushError(this.runtime.vm, L, `ERR ${text}`, false);
    return this.runtime.vm.raise(L);
  }

  /** redis.register_function(name, callback), or with one table of named arguments. */
  private register(L: number): number {
    const { vm } = this.runtime;
    const { loading } = this;
    if (loading === null) this.raise(L, "redis.register_function can only be called on FUNCTION LOAD command");
    const count = vm.argCount(L);
    if (count < 1 || count > 2) this.raise(L, "wrong number of arguments to redis.register_function");
    const registration = count === 1 ? this.readNamed(L) : this.readPositional(L);
    const { name, description, reference, flags } = registration;
    if (name === null || reference === null) return this.raise(L, "a function needs a name and a callback");
    let problem: string | null = null;
    if (!/^[0-9A-Za-z_]+$/.test(name)) {
      problem =
        "Library names can only contain letters, numbers, or underscores(_) and must be at least one character long";
    } else if (loading.some((other) => other.name === name)) problem = "Function already exists in the library";
    if (problem !== null) {
      this.runtime.release(reference);
      this.raise(L, problem);
    }
    loading.push({ name, description, flags, reference });
    return 0;
  }

  private readPositional(L: number): Registration {
    const { vm } = this.runtime;
    if (!isTextual(vm.typeOf(L, 1))) this.raise(L, "first argument to redis.register_function must be a string");
    if (vm.typeOf(L, 2) !== LUA_TYPE.function) {
      this.raise(L, "second argument to redis.register_function must be a function");
    }
    const reference = vm.api.luaL_ref(L, LUA_REGISTRY);
    return { name: vm.textAt(vm.checkString(L, 1)), description: null, reference, flags: 0 };
  }

  private readNamed(L: number): Registration {
    const { vm } = this.runtime;
    const { api } = vm;
    if (vm.typeOf(L, 1) !== LUA_TYPE.table) {
      this.raise(
        L,
        "calling redis.register_function with a single argument is only applicable to Lua table (representing named arguments).",
      );
    }
    const registration: Registration = { name: null, description: null, reference: null, flags: 0 };
    let problem: string | null = null;
    api.lua_pushnil(L);
    while (problem === null && api.lua_next(L, 1) !== 0) {
      problem = this.readArgument(L, registration);
      vm.pop(L);
    }
    if (problem === null && registration.name === null) {
      problem = "redis.register_function must get a function name argument";
    }
    if (problem === null && registration.reference === null) {
      problem = "redis.register_function must get a callback argument";
    }
    if (problem !== null) {
      if (registration.reference !== null) this.runtime.release(registration.reference);
      this.raise(L, problem);
    }
    return registration;
  }

  /** One named argument: key and value are on top. An error text, or null. */
  private readArgument(L: number, registration: Registration): string | null {
    const { vm } = this.runtime;
    const { api } = vm;
    api.lua_pushvalue(L, -2);
    const isText = isTextual(vm.typeOfTop(L));
    const key = isText ? vm.cTextAt(vm.checkTopText(L)).toLowerCase() : "";
    vm.pop(L);
    if (!isText) return "named argument key given to redis.register_function is not a string";
    const type = vm.typeOfTop(L);
    switch (key) {
      case "function_name":
        if (!isTextual(type)) return "function_name argument given to redis.register_function must be a string";
        registration.name = vm.textAt(vm.checkTopText(L));
        return null;
      case "description":
        if (!isTextual(type)) return "description argument given to redis.register_function must be a string";
        registration.description = vm.textAt(vm.checkTopText(L));
        return null;
      case "callback":
        if (type !== LUA_TYPE.function) return "callback argument given to redis.register_function must be a function";
        api.lua_pushvalue(L, -1);
        registration.reference = api.luaL_ref(L, LUA_REGISTRY);
        return null;
      case "flags":
        if (type !== LUA_TYPE.table) {
          return "flags argument to redis.register_function must be a table representing function flags";
        }
        return this.readFlags(L, registration) ? null : "unknown flag given";
      default:
        return "unknown argument given to redis.register_function";
    }
  }

  /** The list of flags on top. */
  private readFlags(L: number, registration: Registration): boolean {
    const { vm } = this.runtime;
    const { api } = vm;
    let isKnown = true;
    for (let i = 1; isKnown; i++) {
      api.lua_pushnumber(L, i);
      api.lua_gettable(L, -2);
      const type = vm.typeOfTop(L);
      if (type === LUA_TYPE.nil) {
        vm.pop(L);
        break;
      }
      const name = isTextual(type) ? vm.cTextAt(vm.checkTopText(L)).toLowerCase() : "";
      const flag = SCRIPT_FLAG_NAMES.find(([known]) => known === name);
      isKnown = flag !== undefined;
      registration.flags |= flag?.[1] ?? 0;
      vm.pop(L);
    }
    return isKnown;
  }
}
