/** cjson.encode: Lua values to JSON, as Lua CJSON does it (array or object, escapes, numbers, limits). */

import { GrowingBytes } from "../base/growing-bytes.ts";
import { formatGeneral } from "./format-general.ts";
import { LUA_TYPE, type LuaExports } from "./lua-exports.ts";
import type { JsonSettings } from "./lua-json-library.ts";
import type { LuaVm } from "./lua-vm.ts";
import { NESTING_LIMIT } from "./nesting-limit.ts";

const ESCAPES: (Buffer | null)[] = Array.from({ length: 256 }, (_, c) => {
  const short = { 8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 47: "\\/", 92: "\\\\" }[c];
  if (short !== undefined) return Buffer.from(short);
  return c < 32 || c === 127 ? Buffer.from(`\\u${c.toString(16).padStart(4, "0")}`) : null;
});
const TYPE_NAMES = ["nil", "boolean", "userdata", "number", "string", "table", "function", "userdata", "thread"];

export class JsonEncoder {
  private readonly vm: LuaVm;
  private readonly api: LuaExports;
  private readonly settings: JsonSettings;
  private out = new GrowingBytes();

  constructor(vm: LuaVm, settings: JsonSettings) {
    this.vm = vm;
    this.api = vm.api;
    this.settings = settings;
  }

  dropBuffer(): void {
    this.out = new GrowingBytes();
  }

  /** Argument 1 to a string on top. */
  encode(L: number): number {
    this.out.clear();
    this.value(L, 0);
    this.vm.pushBytes(L, this.out.bytes, 0, this.out.length);
    return 1;
  }

  private refuse(L: number, type: number, reason: string): never {
    return this.vm.fail(L, `Cannot serialise ${TYPE_NAMES[type]}: ${reason}`);
  }

  /** The value on top, which stays. */
  private value(L: number, depth: number): void {
    const { vm, out } = this;
    const type = vm.typeOfTop(L);
    switch (type) {
      case LUA_TYPE.string:
        this.string(vm.topString(L));
        return;
      case LUA_TYPE.number:
        this.number(L, vm.topNumber(L));
        return;
      case LUA_TYPE.boolean:
        out.text(vm.topBoolean(L) ? "true" : "false");
        return;
      case LUA_TYPE.table:
        this.table(L, depth + 1);
        return;
      case LUA_TYPE.nil:
        out.text("null");
        return;
      default:
        if (type === LUA_TYPE.lightUserdata && this.api.lua_touserdata(L, -1) === 0) out.text("null");
        else this.refuse(L, type, "type not supported");
    }
  }

  private string(at: number): void {
    const { out } = this;
    const { bytes } = this.vm;
    const end = at + this.vm.lengthAt(at);
    out.byte(34);
    let from = at;
    for (let i = at; i < end; i++) {
      const escaped = ESCAPES[bytes[i] as number];
      if (escaped == null) continue;
      out.add(bytes, from, i);
      out.add(escaped, 0, escaped.length);
      from = i + 1;
    }
    out.add(bytes, from, end);
    out.byte(34);
  }

  private number(L: number, value: number): void {
    if (!Number.isFinite(value)) {
      const mode = this.settings.encodeInvalidNumbers;
      if (mode === 0) this.refuse(L, LUA_TYPE.number, "must not be NaN or Inf");
      this.out.text(mode === 2 ? "null" : formatGeneral(value, 14));
      return;
    }
    this.out.text(formatGeneral(value, this.settings.numberPrecision));
  }

  private table(L: number, depth: number): void {
    const { api, vm, settings } = this;
    if (depth > Math.min(settings.encodeMaxDepth, NESTING_LIMIT) || api.lua_checkstack(L, 3) === 0) {
      vm.fail(L, `Cannot serialise, excessive nesting (${depth})`);
    }
    const length = this.arrayLength(L);
    if (length > 0) this.array(L, depth, length);
    else this.object(L, depth);
  }

  /** Length of the table on top as an array; -1 when it is none, 0 when it is empty. */
  private arrayLength(L: number): number {
    const { api, vm, settings } = this;
    let max = 0;
    let items = 0;
    api.lua_pushnil(L);
    while (api.lua_next(L, -2) !== 0) {
      vm.pop(L);
      const key = vm.typeOfTop(L) === LUA_TYPE.number ? vm.topNumber(L) : 0;
      if (!(key >= 1 && Math.floor(key) === key)) {
        vm.pop(L);
        return -1;
      }
      // A C int: what does not fit becomes the smallest one.
      if (key > max) max = key > 2147483647 ? -2147483648 : key;
      items++;
    }
    const { sparseRatio, sparseSafe } = settings;
    if (sparseRatio > 0 && max > items * sparseRatio && max > sparseSafe) {
      if (!settings.sparseConvert) this.refuse(L, LUA_TYPE.table, "excessively sparse array");
      return -1;
    }
    return max;
  }

  private array(L: number, depth: number, length: number): void {
    const { api, vm, out } = this;
    out.byte(91);
    for (let i = 1; i <= length; i++) {
      if (i > 1) out.byte(44);
      api.lua_rawgeti(L, -1, i);
      this.value(L, depth);
      vm.pop(L);
    }
    out.byte(93);
  }

  private object(L: number, depth: number): void {
    const { api, vm, out } = this;
    out.byte(123);
    api.lua_pushnil(L);
    for (let isFirst = true; api.lua_next(L, -2) !== 0; isFirst = false) {
      if (!isFirst) out.byte(44);
      this.key(L);
      this.value(L, depth);
      vm.pop(L);
    }
    out.byte(125);
  }

  /** The key below the value on top. */
  private key(L: number): void {
    const { api, vm, out } = this;
    api.lua_pushvalue(L, -2);
    const type = vm.typeOfTop(L);
    if (type === LUA_TYPE.string) {
      this.string(vm.topString(L));
    } else if (type === LUA_TYPE.number) {
      out.byte(34);
      this.number(L, vm.topNumber(L));
      out.byte(34);
    } else this.refuse(L, type, "table key must be a number or string");
    out.byte(58);
    vm.pop(L);
  }
}
