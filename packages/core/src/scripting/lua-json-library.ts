/** `cjson`: the settings, and the functions of the module table. Encoding and decoding are in files of their own. */
import { JsonDecoder } from "./json-decoder.ts";
import { JsonEncoder } from "./json-encoder.ts";
import { LUA_TYPE } from "./lua-exports.ts";
import { checkInt } from "./lua-number-library.ts";
import type { LuaVm } from "./lua-vm.ts";

const INT_MAX = 2147483647;

export interface JsonSettings {
  sparseConvert: boolean;
  sparseRatio: number;
  sparseSafe: number;
  encodeMaxDepth: number;
  decodeMaxDepth: number;
  /** 0 error, 1 as C prints them, 2 `null`. */
  encodeInvalidNumbers: number;
  decodeInvalidNumbers: boolean;
  keepBuffer: boolean;
  numberPrecision: number;
}

function defaults(): JsonSettings {
  return {
    sparseConvert: false,
    sparseRatio: 2,
    sparseSafe: 10,
    encodeMaxDepth: 1000,
    decodeMaxDepth: 1000,
    encodeInvalidNumbers: 0,
    decodeInvalidNumbers: true,
    keepBuffer: true,
    numberPrecision: 14,
  };
}

/** At most `count` arguments; those that are missing become nil. */
function fillArguments(vm: LuaVm, L: number, count: number): void {
  if (vm.argCount(L) > count) vm.argError(L, count + 1, "found too many arguments");
  while (vm.argCount(L) < count) vm.api.lua_pushnil(L);
}

function integerOption(vm: LuaVm, L: number, i: number, present: number, min: number, max: number): number {
  let value = present;
  if (vm.typeOf(L, i) !== LUA_TYPE.nil) {
    value = checkInt(vm, L, i);
    if (value < min || value > max) vm.argError(L, 1, `expected integer between ${min} and ${max}`);
  }
  vm.api.lua_pushnumber(L, value);
  return value;
}

/** `off`, `on`, further words, or a boolean; the index of the word. */
function wordOption(vm: LuaVm, L: number, i: number, present: number, words: readonly string[]): number {
  let value = present;
  const type = vm.typeOf(L, i);
  if (type === LUA_TYPE.boolean) value = vm.api.lua_toboolean(L, i);
  else if (type !== LUA_TYPE.nil) {
    const word = vm.cTextAt(vm.checkString(L, i));
    value = words.indexOf(word);
    if (value < 0) vm.argError(L, i, `invalid option '${word}'`);
  }
  if (value < 2) vm.api.lua_pushboolean(L, value);
  else vm.pushText(L, words[value] as string);
  return value;
}

const ON_OFF = ["off", "on"];

/** Pushes a module table with settings of its own. */
function pushModule(vm: LuaVm): void {
  const { api, state } = vm;
  const settings = defaults();
  const encoder = new JsonEncoder(vm, settings);
  const decoder = new JsonDecoder(vm, settings);
  api.lua_createtable(state, 0, 16);
  vm.register({
    encode: (L) => {
      if (vm.argCount(L) !== 1) vm.argError(L, 1, "expected 1 argument");
      return encoder.encode(L);
    },
    decode: (L) => {
      if (vm.argCount(L) !== 1) vm.argError(L, 1, "expected 1 argument");
      return decoder.decode(L);
    },
    encode_sparse_array: (L) => {
      fillArguments(vm, L, 3);
      settings.sparseConvert = wordOption(vm, L, 1, settings.sparseConvert ? 1 : 0, ON_OFF) === 1;
      settings.sparseRatio = integerOption(vm, L, 2, settings.sparseRatio, 0, INT_MAX);
      settings.sparseSafe = integerOption(vm, L, 3, settings.sparseSafe, 0, INT_MAX);
      return 3;
    },
    encode_max_depth: (L) => {
      fillArguments(vm, L, 1);
      settings.encodeMaxDepth = integerOption(vm, L, 1, settings.encodeMaxDepth, 1, INT_MAX);
      return 1;
    },
    decode_max_depth: (L) => {
      fillArguments(vm, L, 1);
      settings.decodeMaxDepth = integerOption(vm, L, 1, settings.decodeMaxDepth, 1, INT_MAX);
      return 1;
    },
    encode_number_precision: (L) => {
      fillArguments(vm, L, 1);
      settings.numberPrecision = integerOption(vm, L, 1, settings.numberPrecision, 1, 14);
      return 1;
    },
    encode_keep_buffer: (L) => {
      fillArguments(vm, L, 1);
      settings.keepBuffer = wordOption(vm, L, 1, settings.keepBuffer ? 1 : 0, ON_OFF) === 1;
      if (!settings.keepBuffer) encoder.dropBuffer();
      return 1;
    },
    encode_invalid_numbers: (L) => {
      fillArguments(vm, L, 1);
      settings.encodeInvalidNumbers = wordOption(vm, L, 1, settings.encodeInvalidNumbers, [...ON_OFF, "null"]);
      return 1;
    },
    decode_invalid_numbers: (L) => {
      fillArguments(vm, L, 1);
      settings.decodeInvalidNumbers = wordOption(vm, L, 1, settings.decodeInvalidNumbers ? 1 : 0, ON_OFF) === 1;
      return 1;
    },
    new: (L) => {
      // Built on the main state's stack, then moved to the coroutine that may have asked.
      pushModule(vm);
      vm.moveTop(state, L);
      return 1;
    },
  });
  api.lua_pushlightuserdata(state, 0);
  api.lua_setfield(state, -2, vm.name("null"));
  vm.setText("_NAME", "cjson");
  vm.setText("_VERSION", "2.1.0");
}

export function openJsonLibrary(vm: LuaVm): void {
  pushModule(vm);
  vm.setGlobal("cjson");
  showNull(vm);
}

/** tostring(cjson.null): this binary's C library writes a null pointer as 0, Redis' as (nil). */
function showNull(vm: LuaVm): void {
  const { api, state } = vm;
  api.lua_pushlightuserdata(state, 0);
  api.lua_createtable(state, 0, 2);
  vm.register({
    __tostring: (L) => {
      vm.pushText(L, "userdata: (nil)");
      return 1;
    },
  });
  // Not for scripts to see or change.
  api.lua_pushboolean(state, 0);
  api.lua_setfield(state, -2, vm.name("__metatable"));
  api.lua_setmetatable(state, -2);
  vm.pop(state);
}
