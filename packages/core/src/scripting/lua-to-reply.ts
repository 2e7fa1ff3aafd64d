/** Turns the Lua value that a script returned into the client's reply. */
import type { ReplyWriter } from "../resp/reply-writer.ts";
import { LUA_TYPE, type LuaExports } from "./lua-exports.ts";
import { toInt64 } from "./lua-number-library.ts";
import type { LuaVm } from "./lua-vm.ts";
import { isTextual } from "./reply-to-lua.ts";

const EXACT = 2 ** 53;

/** A table whose elements are being written. `value`: a map of which a key is written, but not yet its value. */
interface OpenTable {
  kind: "array" | "map" | "value" | "set";
  next: number;
  readonly length: number;
}

/** Writes an error reply; `isCounted`: the statistics have it already. */
export type WriteError = (reply: ReplyWriter, text: string, isCounted: boolean) => void;

export class LuaToReply {
  private readonly vm: LuaVm;
  private readonly api: LuaExports;
  private readonly L: number;
  private readonly writeError: WriteError;
  private reply: ReplyWriter;
  /** RESP version that the script chose; it decides what booleans become. */
  private scriptResp = 2;
  private readonly open: OpenTable[] = [];

  constructor(vm: LuaVm, reply: ReplyWriter, writeError: WriteError) {
    this.vm = vm;
    this.api = vm.api;
    this.L = vm.state;
    this.reply = reply;
    this.writeError = writeError;
  }

  /**
   * Writes the value on top and drops it. Without recursion: a script can nest tables deeper than JavaScript calls go;
   * what ends it is the limit of Lua's stack, on which the open tables lie.
   */
  write(reply: ReplyWriter, scriptResp: number): void {
    this.reply = reply;
    this.scriptResp = scriptResp;
    this.open.length = 0;
    this.value();
    while (this.open.length > 0) this.step(this.open[this.open.length - 1] as OpenTable);
  }

  /** Writes the next part of the innermost open table. */
  private step(table: OpenTable): void {
    const { api, vm, L } = this;
    switch (table.kind) {
      case "array":
        if (table.next > table.length) this.close(1);
        else {
          api.lua_rawgeti(L, -1, table.next++);
          this.value();
        }
        return;
      case "value":
        // The pair's key is written, its value on top.
        table.kind = "map";
        this.value();
        return;
      default:
        // The key before is on top.
        if (api.lua_next(L, -2) === 0) {
          this.close(2);
          return;
        }
        if (table.kind === "map") {
          table.kind = "value";
          api.lua_pushvalue(L, -2);
        } else {
          vm.pop(L);
          api.lua_pushvalue(L, -1);
        }
        this.value();
    }
  }

  /** The innermost table is written; it lies on the stack with the tables around it that make one value. */
  private close(slots: number): void {
    this.open.pop();
    this.api.lua_settop(this.L, -slots - 1);
  }

  /** Writes the value on top and drops it; of a table only the head, the rest is done by `step`. */
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
        if (!this.table()) return;
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

  /** Writes the table on top, or opens it; true: it is done. */
  private table(): boolean {
    const { vm, L } = this;
    if (this.field("err") === LUA_TYPE.string) {
      vm.pop(L);
      this.error();
      return true;
    }
    vm.pop(L);
    const isWritten =
      this.tryField("ok", LUA_TYPE.string, () => this.reply.simple(oneLine(vm.cTextAt(vm.topString(L))))) ||
      this.tryField("double", LUA_TYPE.number, () => this.reply.double(vm.topNumber(L))) ||
      this.tryField("big_number", LUA_TYPE.string, () => this.bigNumber(vm.topString(L))) ||
      this.tryVerbatim();
    if (isWritten) return true;
    if (!this.tryPairs("map") && !this.tryPairs("set")) this.array();
    return false;
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
    this.writeError(reply, text ?? "", isCounted);
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

  /** Opens the map or set that the table on top holds, if it holds one. */
  private tryPairs(kind: "map" | "set"): boolean {
    const { api, vm, L, reply } = this;
    if (this.field(kind) !== LUA_TYPE.table) {
      vm.pop(L);
      return false;
    }
    const pairs = this.countPairs();
    if (kind === "map") reply.mapHeader(pairs);
    else reply.setHeader(pairs);
    this.open.push({ kind, next: 0, length: pairs });
    api.lua_pushnil(L);
    return true;
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
    this.open.push({ kind: "array", next: 1, length });
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
