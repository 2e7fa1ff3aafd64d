/** `bit`: operations on 32-bit integers, as in Lua BitOp. */

import { LUA_TYPE } from "./lua-exports.ts";
import type { LuaFunction, LuaVm } from "./lua-vm.ts";

/** 2^52 + 2^51: added to a number it brings the number, rounded to even and modulo 2^32, into its lowest bits. */
const BIAS = 6755399441055744;
const number = new Float64Array(1);
const words = new Int32Array(number.buffer);

export function openBitLibrary(vm: LuaVm): void {
  const { api, state } = vm;

  const bits = (L: number, argument: number): number => {
    const isNumber = vm.typeOf(L, argument) === LUA_TYPE.number;
    number[0] = (isNumber ? vm.numberAt(L, argument) : api.lua_tonumber(L, argument)) + BIAS;
    const value = words[0] as number;
    if (value === 0 && !isNumber && api.lua_isnumber(L, argument) === 0) {
      api.luaL_typerror(L, argument, vm.name("number"));
    }
    return value;
  };
  const result = (L: number, value: number): number => {
    api.lua_pushnumber(L, value | 0);
    return 1;
  };
  const fold = (combine: (a: number, b: number) => number): LuaFunction => {
    return (L) => {
      let value = bits(L, 1);
      for (let i = vm.argCount(L); i > 1; i--) value = combine(value, bits(L, i));
      return result(L, value);
    };
  };
  const shift = (apply: (value: number, by: number) => number): LuaFunction => {
    return (L) => result(L, apply(bits(L, 1), bits(L, 2) & 31));
  };
  const toHex = (L: number): number => {
    const value = bits(L, 1) >>> 0;
    const wanted = vm.typeOf(L, 2) === LUA_TYPE.none ? 8 : bits(L, 2);
    const digits = Math.min(8, Math.abs(wanted));
    const hex = value
      .toString(16)
      .padStart(8, "0")
      .slice(8 - digits);
    vm.pushText(L, wanted < 0 ? hex.toUpperCase() : hex);
    return 1;
  };

  api.lua_createtable(state, 0, 12);
  vm.register({
    tobit: (L) => result(L, bits(L, 1)),
    bnot: (L) => result(L, ~bits(L, 1)),
    band: fold((a, b) => a & b),
    bor: fold((a, b) => a | b),
    bxor: fold((a, b) => a ^ b),
    lshift: shift((value, by) => value << by),
    rshift: shift((value, by) => value >>> by),
    arshift: shift((value, by) => value >> by),
    rol: shift((value, by) => (value << by) | (value >>> ((32 - by) & 31))),
    ror: shift((value, by) => (value >>> by) | (value << ((32 - by) & 31))),
    bswap: (L) => {
      const b = bits(L, 1);
      return result(L, (b >>> 24) | ((b >>> 8) & 0xff00) | ((b & 0xff00) << 8) | (b << 24));
    },
    tohex: toHex,
  });
  vm.setGlobal("bit");
}
