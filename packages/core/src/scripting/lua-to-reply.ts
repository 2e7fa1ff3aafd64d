/** Turns the Lua value that a script returned into the client's reply. */
import type { ReplyWriter } from "../resp/reply-writer.ts";
import { LUA_TYPE, type LuaExports } from "./lua-exports.ts";
import type { LuaVm } from "./lua-vm.ts";
import { toInt64 } from "./lua-number-library.ts";
import { isTextual } from "./reply-to-lua.ts";

const EXACT = 2 ** 53;

export class LuaToReply {
  private readonly vm: LuaVm;
  private readonly api: LuaExports;
  private readonly L: number;
  private reply: ReplyWriter;
  /** RESP version that the script chose; it decides what booleans become. */
  private scriptResp = 2;

  constructor(vm: LuaVm, reply: ReplyWriter) {
    this.vm = vm;
    this.api = vm.api;
    this.L = vm.state;
    this.reply = reply;
  }

  /** Writes the value on top and drops it. */
  write(reply: ReplyWriter, scriptResp: number): void {
    this.reply = reply;
    this.scriptResp = scriptResp;
    this.value();
  }

  private value(): void {
    const { api, vm, L, reply } = this;
    if (api.lua_checkstack(L, 4) === 0) {
      reply.error("ERR reached lua stack limit");
      vm.pop(L);
      return;
    }
    switch (vm.typeOfTop(L)) {
      case LUA_TYPE.string:
        this.bulk(vm.topString(L));
        break;
      case LUA_TYPE.boolean:
        this.boolean(vm.topBoolean(L));
        break;
      case LUA_TYPE.number:
        reply.integer(toInteger(vm.topNumber(L)));
        break;
      case LUA_TYPE.table:
        this.table();
        break;
      default:
        reply.null();
    }
    vm.pop(L);
  }

  private bulk(at: number): void {
    this.reply.bulk(this.vm.bytes, at, at + this.vm.lengthAt(at));
  }

  private boolean(value: boolean): void {
    if (this.scriptResp !== 2) this.reply.boolean(value);
    else if (value) this.reply.integer(1);
    else this.reply.null();
  }

  /** Pushes a field of the table on top, without its metatable; its type. */
  private field(name: string): number {
    this.vm.pushText(this.L, name);
    this.api.lua_rawget(this.L, -2);
    return this.vm.typeOfTop(this.L);
  }

  private table(): void {
    const { vm, L } = this;
    if (this.field("err") === LUA_TYPE.string) {
      vm.pop(L);
      this.error();
      return;
    }
    vm.pop(L);
    const isWritten =
      this.tryField("ok", LUA_TYPE.string, () => this.reply.simple(oneLine(vm.cTextAt(vm.topString(L))))) ||
      this.tryField("double", LUA_TYPE.number, () => this.reply.double(vm.topNumber(L))) ||
      this.tryField("big_number", LUA_TYPE.string, () => this.bigNumber(vm.topString(L))) ||
      this.tryVerbatim() ||
      this.tryField("map", LUA_TYPE.table, () => this.map()) ||
      this.tryField("set", LUA_TYPE.table, () => this.set());
    if (!isWritten) this.array();
  }

  /** Writes a field of the table on top if it has the type. */
  private tryField(name: string, type: number, write: () => void): boolean {
    const isThere = this.field(name) === type;
    if (isThere) write();
    this.vm.pop(this.L);
    return isThere;
  }

  private error(): void {
    const { reply } = this;
    const { text, isCounted } = readError(this.vm, this.L);
    writeError(reply, text ?? "", isCounted);
  }

  private bigNumber(at: number): void {
    const { reply, vm } = this;
    const text = oneLine(vm.textAt(at));
    if (reply.resp === 2) reply.bulk(Buffer.from(text, "latin1"));
    else reply.bigNumber(text);
  }

  private tryVerbatim(): boolean {
    const { vm, L } = this;
    let isWritten = false;
    if (this.field("verbatim_string") === LUA_TYPE.table) {
      if (this.field("format") === LUA_TYPE.string) {
        const format = vm.cTextAt(vm.topString(L)).slice(0, 3).padEnd(3);
        vm.pop(L);
        if (this.field("string") === LUA_TYPE.string) {
          this.verbatim(format, vm.topString(L));
          isWritten = true;
        }
      }
      vm.pop(L);
    }
    vm.pop(L);
    return isWritten;
  }

  private verbatim(format: string, at: number): void {
    const { reply, vm } = this;
    const length = vm.lengthAt(at);
    if (reply.resp === 2) {
      this.bulk(at);
      return;
    }
    reply.raw(`=${length + 4}\r\n${format}:`);
    reply.rawBytes(vm.bytes, at, at + length);
    reply.raw("\r\n");
  }

  /** The table on top holds the pairs. */
  private map(): void {
    const { api, L, reply } = this;
    reply.mapHeader(this.countPairs());
    api.lua_pushnil(L);
    while (api.lua_next(L, -2) !== 0) {
      api.lua_pushvalue(L, -2);
      this.value();
      this.value();
    }
  }

  private set(): void {
    const { api, vm, L, reply } = this;
    reply.setHeader(this.countPairs());
    api.lua_pushnil(L);
    while (api.lua_next(L, -2) !== 0) {
      vm.pop(L);
      api.lua_pushvalue(L, -1);
      this.value();
    }
  }

  private countPairs(): number {
    const { api, vm, L } = this;
    let pairs = 0;
    api.lua_pushnil(L);
    for (; api.lua_next(L, -2) !== 0; pairs++) vm.pop(L);
    return pairs;
  }

  /** Elements 1, 2 ... up to the first nil. */
  private array(): void {
    const { api, vm, L, reply } = this;
    let length = 0;
    for (; ; length++) {
      api.lua_rawgeti(L, -1, length + 1);
      const isEnd = vm.typeOfTop(L) === LUA_TYPE.nil;
      vm.pop(L);
      if (isEnd) break;
    }
    reply.arrayHeader(length);
    for (let i = 1; i <= length; i++) {
      api.lua_rawgeti(L, -1, i);
      this.value();
    }
  }
}

/** A C cast to a 64-bit integer. */
function toInteger(value: number): number | bigint {
  const whole = Math.trunc(value);
  return whole > -EXACT && whole < EXACT ? whole + 0 : toInt64(value);
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]/g, " ");
}

export interface ScriptError {
  /** Null: the table has no text. */
  readonly text: string | null;
  readonly source: string | null;
  readonly line: string | null;
  readonly isCounted: boolean;
}

/** What the error value on top says; a string is a message without code. */
export function readError(vm: LuaVm, L: number): ScriptError {
  const { api } = vm;
  if (isTextual(vm.typeOfTop(L))) {
    api.lua_tolstring(L, -1, 0);
    return { text: `ERR ${vm.cTextAt(vm.topString(L))}`, source: null, line: null, isCounted: false };
  }
  const text = (name: string): string | null => {
    api.lua_getfield(L, -1, vm.name(name));
    let value: string | null = null;
    if (isTextual(vm.typeOfTop(L))) {
      api.lua_tolstring(L, -1, 0);
      value = vm.cTextAt(vm.topString(L));
    }
    vm.pop(L);
    return value;
  };
  const error = { text: text("err"), source: text("source"), line: text("line") };
  api.lua_getfield(L, -1, vm.name("ignore_error_stats_update"));
  const isCounted = vm.typeOfTop(L) === LUA_TYPE.boolean && vm.topBoolean(L);
  vm.pop(L);
  return { ...error, isCounted };
}

/** An error reply; one that the statistics have already is not counted again. */
export function writeError(reply: ReplyWriter, text: string, isCounted: boolean): void {
  reply.error(text.replace(/^[\r\n]+|[\r\n]+$/g, ""));
  if (isCounted) reply.errorCount--;
}
