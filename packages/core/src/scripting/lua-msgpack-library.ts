/**
 * `cmsgpack`: MessagePack. Numbers take the smallest form that holds them; tables with the keys 1 to n are arrays; deeper
 * than 16 tables nothing is packed but nil.
 */
import { GrowingBytes } from "../base/growing-bytes.ts";
import { LUA_TYPE, type LuaExports } from "./lua-exports.ts";
import { toInt64 } from "./lua-number-library.ts";
import type { LuaVm } from "./lua-vm.ts";
import { NESTING_LIMIT } from "./nesting-limit.ts";

const MAX_NESTING = 16;
const INT_MAX = 2147483647;

class Packer {
  readonly out = new GrowingBytes();
  private readonly vm: LuaVm;
  private readonly api: LuaExports;

  constructor(vm: LuaVm) {
    this.vm = vm;
    this.api = vm.api;
  }

  /** Packs the value on top and drops it. */
  value(L: number, level: number): void {
    const { vm, out } = this;
    switch (vm.typeOfTop(L)) {
      case LUA_TYPE.string:
        this.string(vm.topString(L));
        break;
      case LUA_TYPE.boolean:
        out.byte(vm.topBoolean(L) ? 0xc3 : 0xc2);
        break;
      case LUA_TYPE.number:
        this.number(vm.topNumber(L));
        break;
      case LUA_TYPE.table:
        if (level === MAX_NESTING) out.byte(0xc0);
        else if (this.isArray(L)) this.array(L, level);
        else this.map(L, level);
        break;
      default:
        out.byte(0xc0);
    }
    vm.pop(L);
  }

  private string(at: number): void {
    const { out } = this;
    const length = this.vm.lengthAt(at);
    if (length < 32) out.byte(0xa0 | length);
    else if (length <= 0xff) this.head(0xd9, length, 1);
    else if (length <= 0xffff) this.head(0xda, length, 2);
    else this.head(0xdb, length, 4);
    out.add(this.vm.bytes, at, at + length);
  }

  private head(code: number, value: number, size: number): void {
    this.out.byte(code);
    this.out.big(value, size);
  }

  private number(n: number): void {
    const isInt64 = n >= -(2 ** 63) && n < 2 ** 63 && Math.trunc(n) === n;
    if (isInt64) this.integer(n);
    else if (Math.fround(n) === n) {
      this.out.byte(0xca);
      this.out.float(n);
    } else {
      this.out.byte(0xcb);
      this.out.double(n);
    }
  }

  private integer(n: number): void {
    const { out } = this;
    if (n >= 0) {
      if (n <= 127) out.byte(n);
      else if (n <= 0xff) this.head(0xcc, n, 1);
      else if (n <= 0xffff) this.head(0xcd, n, 2);
      else if (n <= 0xffffffff) this.head(0xce, n, 4);
      else {
        out.byte(0xcf);
        out.int64(BigInt(n));
      }
    } else if (n >= -32) out.byte(n & 0xff);
    else if (n >= -128) this.head(0xd0, n & 0xff, 1);
    else if (n >= -32768) this.head(0xd1, n & 0xffff, 2);
    else if (n >= -2147483648) this.head(0xd2, n >>> 0, 4);
    else {
      out.byte(0xd3);
      out.int64(BigInt(n));
    }
  }

  /** Whether the keys of the table on top are exactly 1 to n. */
  private isArray(L: number): boolean {
    const { api, vm } = this;
    let count = 0;
    let max = 0;
    const top = vm.argCount(L);
    api.luaL_checkstack(L, 2, vm.name("in function table_is_an_array"));
    api.lua_pushnil(L);
    while (api.lua_next(L, -2) !== 0) {
      vm.pop(L);
      const n = vm.typeOfTop(L) === LUA_TYPE.number ? vm.topNumber(L) : 0;
      if (!(n > 0 && n <= INT_MAX && Math.trunc(n) === n)) {
        api.lua_settop(L, top);
        return false;
      }
      if (n > max) max = n;
      count++;
    }
    return max === count;
  }

  private array(L: number, level: number): void {
    const { api, vm } = this;
    const length = api.lua_objlen(L, -1);
    if (length <= 15) this.out.byte(0x90 | length);
    else if (length <= 0xffff) this.head(0xdc, length, 2);
    else this.head(0xdd, length, 4);
    api.luaL_checkstack(L, 1, vm.name("in function mp_encode_lua_table_as_array"));
    for (let i = 1; i <= length; i++) {
      api.lua_pushnumber(L, i);
      api.lua_gettable(L, -2);
      this.value(L, level + 1);
    }
  }

  private map(L: number, level: number): void {
    const { api, vm } = this;
    let length = 0;
    api.luaL_checkstack(L, 3, vm.name("in function mp_encode_lua_table_as_map"));
    api.lua_pushnil(L);
    for (; api.lua_next(L, -2) !== 0; length++) vm.pop(L);
    if (length <= 15) this.out.byte(0x80 | length);
    else if (length <= 0xffff) this.head(0xde, length, 2);
    else this.head(0xdf, length, 4);
    api.lua_pushnil(L);
    while (api.lua_next(L, -2) !== 0) {
      api.lua_pushvalue(L, -2);
      this.value(L, level + 1);
      this.value(L, level + 1);
    }
  }
}

/** Reads values from the string in argument 1, which stays on the stack and so in its place. */
class Unpacker {
  private readonly vm: LuaVm;
  private readonly L: number;
  private readonly end: number;
  at: number;
  private depth = 0;

  constructor(vm: LuaVm, L: number, at: number, end: number) {
    this.vm = vm;
    this.L = L;
    this.at = at;
    this.end = end;
  }

  private need(size: number): void {
    if (this.end - this.at < size) this.vm.fail(this.L, "Missing bytes in input.");
  }

  private take(size: number): number {
    this.need(size);
    const at = this.at;
    this.at += size;
    return at;
  }

  /** `size` bytes behind the code byte, big endian. */
  private length(size: number): number {
    return this.vm.bytes.readUIntBE(this.take(1 + size) + 1, size);
  }

  private signed(size: number): number {
    return this.vm.bytes.readIntBE(this.take(1 + size) + 1, size);
  }

  /** Pushes the next value. */
  value(): void {
    const { vm, L } = this;
    const { api } = vm;
    this.need(1);
    api.luaL_checkstack(L, 1, vm.name("too many return values at once; use unpack_one or unpack_limit instead."));
    const code = vm.bytes[this.at] as number;
    if (code < 0x80) this.small(code);
    else if (code >= 0xe0) this.small(code - 256);
    else if (code >= 0xa0 && code <= 0xbf) this.string(code & 0x1f, 1);
    else if (code >= 0x90 && code <= 0x9f) this.shortTable(code & 0xf, true);
    else if (code <= 0x8f) this.shortTable(code & 0xf, false);
    else this.coded(code);
  }

  private small(value: number): void {
    this.at++;
    this.vm.api.lua_pushnumber(this.L, value);
  }

  private shortTable(length: number, isArray: boolean): void {
    this.at++;
    if (isArray) this.array(length);
    else this.map(length);
  }

  private coded(code: number): void {
    const { vm, L } = this;
    const { api } = vm;
    switch (code) {
      case 0xc0:
        this.at++;
        api.lua_pushnil(L);
        return;
      case 0xc2:
      case 0xc3:
        this.at++;
        api.lua_pushboolean(L, code & 1);
        return;
      case 0xcc:
      case 0xcd:
      case 0xce:
        api.lua_pushnumber(L, this.length(2 ** (code - 0xcc)));
        return;
      case 0xd0:
      case 0xd1:
      case 0xd2:
        api.lua_pushnumber(L, this.signed(2 ** (code - 0xd0)));
        return;
      // An unsigned 64-bit integer goes through a signed one in Redis.
      case 0xcf:
      case 0xd3:
        api.lua_pushnumber(L, Number(vm.bytes.readBigInt64BE(this.take(9) + 1)));
        return;
      case 0xca:
        api.lua_pushnumber(L, vm.bytes.readFloatBE(this.take(5) + 1));
        return;
      case 0xcb:
        api.lua_pushnumber(L, vm.bytes.readDoubleBE(this.take(9) + 1));
        return;
      case 0xd9:
      case 0xda:
      case 0xdb:
        this.string(this.length(2 ** (code - 0xd9)), 0);
        return;
      case 0xdc:
      case 0xdd:
        this.array(this.length(2 ** (code - 0xdb)));
        return;
      case 0xde:
      case 0xdf:
        this.map(this.length(2 ** (code - 0xdd)));
        return;
      default:
        vm.fail(L, "Bad data format in input.");
    }
  }

  private string(length: number, head: number): void {
    const at = this.take(head + length) + head;
    this.vm.api.lua_pushlstring(this.L, at, length);
  }

  private descend(where: string): void {
    if (++this.depth > NESTING_LIMIT) this.vm.fail(this.L, `stack overflow (in function ${where})`);
  }

  private array(length: number): void {
    const { vm, L } = this;
    this.descend("mp_decode_to_lua_array");
    vm.api.lua_createtable(L, 0, 0);
    vm.api.luaL_checkstack(L, 1, vm.name("in function mp_decode_to_lua_array"));
    for (let i = 1; i <= length; i++) {
      vm.api.lua_pushnumber(L, i);
      this.value();
      vm.api.lua_settable(L, -3);
    }
    this.depth--;
  }

  private map(length: number): void {
    const { vm, L } = this;
    this.descend("mp_decode_to_lua_hash");
    vm.api.lua_createtable(L, 0, 0);
    for (let i = 0; i < length; i++) {
      this.value();
      this.value();
      vm.api.lua_settable(L, -3);
    }
    this.depth--;
  }
}

function pack(vm: LuaVm, L: number): number {
  const { api } = vm;
  const count = vm.argCount(L);
  if (count === 0) vm.argError(L, 0, "MessagePack pack needs input.");
  if (api.lua_checkstack(L, count) === 0) vm.argError(L, 0, "Too many arguments for MessagePack pack.");
  const packer = new Packer(vm);
  for (let i = 1; i <= count; i++) {
    api.luaL_checkstack(L, 1, vm.name("in function mp_check"));
    api.lua_pushvalue(L, i);
    packer.value(L, 0);
  }
  vm.pushBytes(L, packer.out.bytes, 0, packer.out.length);
  return 1;
}

/** `limit` 0 with `offset` 0: all values, without the next offset. */
function unpack(vm: LuaVm, L: number, limit: number, offset: number): number {
  const { api } = vm;
  const isAll = limit === 0 && offset === 0;
  const data = vm.checkString(L, 1);
  const length = vm.lengthAt(data);
  if (offset < 0 || limit < 0) {
    vm.fail(L, `Invalid request to unpack with offset of ${asInt(offset)} and limit of ${length}.`);
  }
  if (offset > length) vm.fail(L, `Start offset ${asInt(offset)} greater than input length ${length}.`);
  const unpacker = new Unpacker(vm, L, data + offset, data + length);
  let count = 0;
  const most = isAll ? INT_MAX : limit;
  for (; unpacker.at < data + length && count < most; count++) unpacker.value();
  if (isAll) return count;
  api.luaL_checkstack(L, 1, vm.name("in function mp_unpack_full"));
  api.lua_pushnumber(L, unpacker.at === data + length ? -1 : unpacker.at - data);
  api.lua_insert(L, 2);
  return count + 1;
}

/** Argument `i` as a whole number, 0 when there is none. */
function optWhole(vm: LuaVm, L: number, i: number): number {
  return vm.typeOf(L, i) > LUA_TYPE.nil ? Number(toInt64(vm.checkNumber(L, i))) : 0;
}

/** As C shows a number that it takes for an int. */
function asInt(value: number): number {
  return Number(BigInt.asIntN(32, BigInt(value)));
}

export function openMsgpackLibrary(vm: LuaVm): void {
  const { api, state } = vm;
  api.lua_createtable(state, 0, 8);
  vm.register({
    pack: (L) => pack(vm, L),
    unpack: (L) => unpack(vm, L, 0, 0),
    unpack_one: (L) => {
      const offset = optWhole(vm, L, 2);
      api.lua_settop(L, 1);
      return unpack(vm, L, 1, offset);
    },
    unpack_limit: (L) => {
      const limit = Number(toInt64(vm.checkNumber(L, 2)));
      const offset = optWhole(vm, L, 3);
      api.lua_settop(L, 1);
      return unpack(vm, L, limit, offset);
    },
  });
  vm.setText("_NAME", "cmsgpack");
  vm.setText("_VERSION", "lua-cmsgpack 0.4.0");
  vm.setText("_COPYRIGHT", "Copyright (C) 2012, Salvatore Sanfilippo");
  vm.setText("_DESCRIPTION", "MessagePack C implementation for Lua");
  vm.setGlobal("cmsgpack");
}
