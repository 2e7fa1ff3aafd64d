/** Pushes a command's reply, RESP as the reply writer made it, as a Lua value. */
import { LUA_TYPE } from "./lua-exports.ts";
import type { LuaVm } from "./lua-vm.ts";

const LF = 10;

export class ReplyToLua {
  private readonly vm: LuaVm;
  private bytes: Buffer = Buffer.alloc(0);
  private at = 0;

  constructor(vm: LuaVm) {
    this.vm = vm;
  }

  /** Pushes the reply that starts at `at`. */
  push(L: number, bytes: Buffer, at: number): void {
    this.bytes = bytes;
    this.at = at;
    this.value(L);
  }

  /** Start of the present line's text; moves behind the line. */
  private line(): number {
    const { bytes } = this;
    const start = this.at + 1;
    let end = start;
    while (bytes[end] !== LF) end++;
    this.at = end + 1;
    return start;
  }

  private text(): string {
    const start = this.line();
    return this.bytes.latin1Slice(start, this.at - 2);
  }

  private integer(): number {
    const { bytes } = this;
    let p = this.at + 1;
    const isNegative = bytes[p] === 0x2d;
    if (isNegative) p++;
    let n = 0;
    let digits = 0;
    for (let c = bytes[p] as number; c !== 13; c = bytes[++p] as number, digits++) n = n * 10 + (c - 48);
    if (digits > 15) return Number(this.text());
    this.at = p + 2;
    return isNegative ? -n : n;
  }

  private value(L: number): void {
    const { vm } = this;
    const { api } = vm;
    switch (this.bytes[this.at]) {
      case 0x24: // $
        this.bulk(L);
        return;
      case 0x3a: // :
        api.lua_pushnumber(L, this.integer());
        return;
      case 0x2b: // +
        this.field(L, "ok", this.text());
        return;
      case 0x2d: // -
        pushError(vm, L, this.text(), true);
        return;
      case 0x2a: // *
        this.array(L);
        return;
      case 0x5f: // _
        this.line();
        api.lua_pushnil(L);
        return;
      case 0x23: // #
        api.lua_checkstack(L, 1);
        api.lua_pushboolean(L, this.text() === "t" ? 1 : 0);
        return;
      case 0x2c: // ,
        this.double(L);
        return;
      case 0x28: // (
        this.field(L, "big_number", this.text());
        return;
      case 0x3d: // =
        this.verbatim(L);
        return;
      case 0x25: // %
        this.map(L);
        return;
      case 0x7e: // ~
        this.set(L);
        return;
      case 0x7c: // | attributes are left out
        for (let left = this.integer() * 2; left > 0; left--) {
          this.value(L);
          vm.pop(L);
        }
        this.value(L);
        return;
      default:
        throw new Error(`reply type ${this.bytes[this.at]} is not known`);
    }
  }

  private bulk(L: number): void {
    const { api } = this.vm;
    api.lua_checkstack(L, 1);
    const length = this.integer();
    if (length < 0) {
      api.lua_pushboolean(L, 0);
      return;
    }
    this.vm.pushBytes(L, this.bytes, this.at, this.at + length);
    this.at += length + 2;
  }

  private field(L: number, name: string, text: string): void {
    const { vm } = this;
    vm.api.lua_checkstack(L, 3);
    vm.api.lua_createtable(L, 0, 1);
    vm.pushText(L, text);
    vm.api.lua_setfield(L, -2, vm.name(name));
  }

  private array(L: number): void {
    const { api } = this.vm;
    const length = this.integer();
    if (length < 0) {
      api.lua_pushboolean(L, 0);
      return;
    }
    api.lua_checkstack(L, 2);
    api.lua_createtable(L, length, 0);
    for (let i = 1; i <= length; i++) {
      this.value(L);
      api.lua_rawseti(L, -2, i);
    }
  }

  private double(L: number): void {
    const text = this.text();
    const value = text === "inf" ? Number.POSITIVE_INFINITY : text === "-inf" ? Number.NEGATIVE_INFINITY : Number(text);
    const { api } = this.vm;
    api.lua_checkstack(L, 3);
    api.lua_createtable(L, 0, 1);
    api.lua_pushnumber(L, value);
    api.lua_setfield(L, -2, this.vm.name("double"));
  }

  private verbatim(L: number): void {
    const { vm } = this;
    const { api } = vm;
    const length = this.integer();
    api.lua_checkstack(L, 5);
    api.lua_createtable(L, 0, 1);
    api.lua_createtable(L, 0, 2);
    vm.pushBytes(L, this.bytes, this.at + 4, this.at + length);
    api.lua_setfield(L, -2, vm.name("string"));
    vm.pushBytes(L, this.bytes, this.at, this.at + 3);
    api.lua_setfield(L, -2, vm.name("format"));
    api.lua_setfield(L, -2, vm.name("verbatim_string"));
    this.at += length + 2;
  }

  private map(L: number): void {
    const { api } = this.vm;
    api.lua_checkstack(L, 4);
    const length = this.integer();
    api.lua_createtable(L, 0, 1);
    api.lua_createtable(L, 0, length);
    for (let i = 0; i < length; i++) {
      this.value(L);
      this.value(L);
      api.lua_settable(L, -3);
    }
    api.lua_setfield(L, -2, this.vm.name("map"));
  }

  private set(L: number): void {
    const { api } = this.vm;
    api.lua_checkstack(L, 4);
    const length = this.integer();
    api.lua_createtable(L, 0, 1);
    api.lua_createtable(L, 0, length);
    for (let i = 0; i < length; i++) {
      this.value(L);
      api.lua_pushboolean(L, 1);
      api.lua_settable(L, -3);
    }
    api.lua_setfield(L, -2, this.vm.name("set"));
  }
}

/**
 * Pushes an error table. `text` with its code and without '-'; `isCounted`: the statistics have it already. A text of one
 * word gets the code ERR, as in Redis.
 */
export function pushError(vm: LuaVm, L: number, text: string, isCounted: boolean): void {
  const { api } = vm;
  api.lua_checkstack(L, 3);
  api.lua_createtable(L, 0, 2);
  const blank = text.indexOf(" ");
  const code = blank < 0 ? "ERR" : text.slice(0, blank);
  const message = (blank < 0 ? text : text.slice(blank + 1)).replace(/^[\r\n]+|[\r\n]+$/g, "");
  vm.pushText(L, `${code} ${message}`);
  api.lua_setfield(L, -2, vm.name("err"));
  if (isCounted) {
    api.lua_pushboolean(L, 1);
    api.lua_setfield(L, -2, vm.name("ignore_error_stats_update"));
  }
}

/** Whether a value of this type can stand where a string is wanted. */
export function isTextual(type: number): boolean {
  return type === LUA_TYPE.string || type === LUA_TYPE.number;
}
