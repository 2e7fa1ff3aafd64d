/** What the Lua binary exports, as far as it is used. Pointers and indexes are numbers; `L` is a Lua state or thread. */

export interface LuaExports {
  readonly memory: WebAssembly.Memory;
  readonly __indirect_function_table: WebAssembly.Table;
  __wasm_call_ctors(): void;
  malloc(bytes: number): number;
  free(at: number): void;
  stackSave(): number;
  stackRestore(at: number): void;
  setThrew(threw: number, value: number): void;
  luaL_newstate(): number;
  lua_close(L: number): void;
  lua_xmove(from: number, to: number, count: number): void;
  lua_checkstack(L: number, slots: number): number;
  lua_gettop(L: number): number;
  lua_settop(L: number, index: number): void;
  lua_pushvalue(L: number, index: number): void;
  lua_remove(L: number, index: number): void;
  lua_insert(L: number, index: number): void;
  lua_replace(L: number, index: number): void;
  lua_type(L: number, index: number): number;
  lua_isnumber(L: number, index: number): number;
  lua_tonumber(L: number, index: number): number;
  lua_tointeger(L: number, index: number): number;
  lua_toboolean(L: number, index: number): number;
  lua_tolstring(L: number, index: number, length: number): number;
  lua_objlen(L: number, index: number): number;
  lua_topointer(L: number, index: number): number;
  lua_touserdata(L: number, index: number): number;
  lua_pushnil(L: number): void;
  lua_pushnumber(L: number, value: number): void;
  lua_pushlstring(L: number, at: number, length: number): void;
  lua_pushboolean(L: number, value: number): void;
  lua_pushcclosure(L: number, functionIndex: number, upvalues: number): void;
  lua_pushlightuserdata(L: number, at: number): void;
  lua_gettable(L: number, index: number): void;
  lua_getfield(L: number, index: number, name: number): void;
  lua_rawget(L: number, index: number): void;
  lua_rawgeti(L: number, index: number, n: number): void;
  lua_createtable(L: number, array: number, records: number): void;
  lua_getmetatable(L: number, index: number): number;
  lua_settable(L: number, index: number): void;
  lua_setfield(L: number, index: number, name: number): void;
  lua_rawset(L: number, index: number): void;
  lua_rawseti(L: number, index: number, n: number): void;
  lua_setmetatable(L: number, index: number): number;
  lua_call(L: number, args: number, results: number): void;
  lua_pcall(L: number, args: number, results: number, handler: number): number;
  lua_error(L: number): number;
  lua_next(L: number, index: number): number;
  lua_concat(L: number, count: number): void;
  lua_gc(L: number, what: number, data: number): number;
  lua_getstack(L: number, level: number, record: number): number;
  lua_getinfo(L: number, what: number, record: number): number;
  lua_sethook(L: number, functionIndex: number, mask: number, count: number): number;
  luaL_loadbuffer(L: number, at: number, length: number, name: number): number;
  luaL_where(L: number, level: number): void;
  luaL_argerror(L: number, argument: number, text: number): number;
  luaL_typerror(L: number, argument: number, type: number): number;
  luaL_checknumber(L: number, argument: number): number;
  luaL_checkinteger(L: number, argument: number): number;
  luaL_optinteger(L: number, argument: number, fallback: number): number;
  luaL_checklstring(L: number, argument: number, length: number): number;
  luaL_checktype(L: number, argument: number, type: number): void;
  luaL_checkany(L: number, argument: number): void;
  luaL_checkstack(L: number, slots: number, text: number): void;
  luaL_callmeta(L: number, index: number, name: number): number;
  luaL_ref(L: number, index: number): number;
  luaL_unref(L: number, index: number, reference: number): void;
  luaopen_base(L: number): number;
  luaopen_table(L: number): number;
  luaopen_string(L: number): number;
  luaopen_math(L: number): number;
  luaopen_debug(L: number): number;
}

export const LUA_TYPE = {
  none: -1,
  nil: 0,
  boolean: 1,
  lightUserdata: 2,
  number: 3,
  string: 4,
  table: 5,
  function: 6,
  userdata: 7,
  thread: 8,
} as const;

export const LUA_REGISTRY = -10000;
export const LUA_GLOBALS = -10002;
/** Pseudo index of upvalue `n` of the running C function. */
export function luaUpvalue(n: number): number {
  return LUA_GLOBALS - n;
}
export const LUA_MULTRET = -1;
export const LUA_ERRRUN = 2;
export const LUA_GC = { collect: 2, count: 3, countRest: 4, step: 5 } as const;
export const LUA_MASK = { line: 4, count: 8 } as const;
