/** cjson.decode: JSON to Lua values, with Lua CJSON's tolerance (numbers as strtod reads them) and error texts. */
import { GrowingBytes } from "../base/growing-bytes.ts";
import type { LuaExports } from "./lua-exports.ts";
import type { JsonSettings } from "./lua-json-library.ts";
import type { LuaVm } from "./lua-vm.ts";
import { NESTING_LIMIT } from "./nesting-limit.ts";

const TOKEN = {
  objectBegin: 0,
  objectEnd: 1,
  arrayBegin: 2,
  arrayEnd: 3,
  string: 4,
  number: 5,
  boolean: 6,
  null: 7,
  colon: 8,
  comma: 9,
  end: 10,
  error: 12,
} as const;
const TOKEN_NAMES = [
  "T_OBJ_BEGIN",
  "T_OBJ_END",
  "T_ARR_BEGIN",
  "T_ARR_END",
  "T_STRING",
  "T_NUMBER",
  "T_BOOLEAN",
  "T_NULL",
  "T_COLON",
  "T_COMMA",
  "T_END",
];
const SINGLE: Readonly<Record<number, number>> = {
  123: TOKEN.objectBegin,
  125: TOKEN.objectEnd,
  91: TOKEN.arrayBegin,
  93: TOKEN.arrayEnd,
  44: TOKEN.comma,
  58: TOKEN.colon,
};
const ESCAPED: Readonly<Record<number, number>> = {
  34: 0x22,
  92: 0x5c,
  47: 0x2f,
  98: 8,
  116: 9,
  110: 10,
  102: 12,
  114: 13,
};
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** What C's strtod takes: decimal, hexadecimal, infinity, not a number. */
const NUMBER =
  /[+-]?(?:0[xX](?:[0-9a-fA-F]+(?:\.[0-9a-fA-F]*)?|\.[0-9a-fA-F]+)(?:[pP][+-]?[0-9]+)?|inf(?:inity)?|nan(?:\([0-9a-zA-Z_]*\))?|(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)/iy;

export class JsonDecoder {
  private readonly vm: LuaVm;
  private readonly api: LuaExports;
  private readonly settings: JsonSettings;
  private readonly text = new GrowingBytes();
  private L = 0;
  /** Address of the input, and its length; a zero byte follows it. */
  private data = 0;
  private at = 0;
  private depth = 0;
  // The token read last.
  private token: number = TOKEN.end;
  private tokenIndex = 0;
  private number = 0;
  private boolean = 0;
  private problem = "";

  constructor(vm: LuaVm, settings: JsonSettings) {
    this.vm = vm;
    this.api = vm.api;
    this.settings = settings;
  }

  decode(L: number): number {
    const { vm } = this;
    this.L = L;
    this.data = vm.checkString(L, 1);
    this.at = 0;
    this.depth = 0;
    if (vm.lengthAt(this.data) >= 2 && (this.byteAt(0) === 0 || this.byteAt(1) === 0)) {
      vm.fail(L, "JSON parser does not support UTF-16 or UTF-32");
    }
    this.next();
    this.value();
    this.next();
    if (!this.is(TOKEN.end)) this.expected("the end");
    return 1;
  }

  /** Whether the present token is this one. */
  private is(token: number): boolean {
    return this.token === token;
  }

  private byteAt(index: number): number {
    return this.vm.bytes[this.data + index] as number;
  }

  private expected(what: string): never {
    const found = this.token === TOKEN.error ? this.problem : TOKEN_NAMES[this.token];
    return this.vm.fail(this.L, `Expected ${what} but found ${found} at character ${this.tokenIndex + 1}`);
  }

  private error(problem: string): void {
    this.token = TOKEN.error;
    this.tokenIndex = this.at;
    this.problem = problem;
  }

  /** Reads the next token. */
  private next(): void {
    let c = this.byteAt(this.at);
    while (c === 0x20 || c === 9 || c === 10 || c === 13) c = this.byteAt(++this.at);
    this.tokenIndex = this.at;
    const single = SINGLE[c];
    if (single !== undefined) {
      this.token = single;
      this.at++;
    } else if (c === 0) this.token = TOKEN.end;
    else if (c === QUOTE) this.string();
    else if (c === 0x2d || (c >= 0x30 && c <= 0x39)) {
      if (!this.settings.decodeInvalidNumbers && this.isInvalidNumber()) this.error("invalid number");
      else this.readNumber();
    } else if (this.startsWith("true")) this.word(TOKEN.boolean, 4, 1);
    else if (this.startsWith("false")) this.word(TOKEN.boolean, 5, 0);
    else if (this.startsWith("null")) this.word(TOKEN.null, 4, 0);
    else if (this.settings.decodeInvalidNumbers && "iInN+".includes(String.fromCharCode(c)) && this.isInvalidNumber()) {
      this.readNumber();
    } else this.error("invalid token");
  }

  private startsWith(word: string): boolean {
    for (let i = 0; i < word.length; i++) if (this.byteAt(this.at + i) !== word.charCodeAt(i)) return false;
    return true;
  }

  private word(token: number, length: number, boolean: number): void {
    this.token = token;
    this.boolean = boolean;
    this.at += length;
  }

  /** At most `length` bytes of the input. */
  private textAt(index: number, length: number): string {
    const { bytes } = this.vm;
    const from = this.data + index;
    return bytes.latin1Slice(from, Math.min(from + length, bytes.length));
  }

  /** Numbers that strtod takes and JSON does not have. */
  private isInvalidNumber(): boolean {
    const text = this.textAt(this.at, 5);
    return /^(?:\+|-?(?:0[xX0-9]|inf|nan))/i.test(text);
  }

  private readNumber(): void {
    const { vm } = this;
    const first = this.data + this.at;
    let end = first;
    while (isNumberByte(vm.bytes[end] as number)) end++;
    NUMBER.lastIndex = 0;
    const match = NUMBER.exec(vm.bytes.latin1Slice(first, end));
    if (match === null) {
      this.error("invalid number");
      return;
    }
    this.token = TOKEN.number;
    this.number = parseNumber(match[0]);
    this.at += match[0].length;
  }

  private string(): void {
    const { text, vm } = this;
    text.clear();
    this.at++;
    for (;;) {
      const { bytes } = vm;
      let end = this.data + this.at;
      const from = end;
      for (let c = bytes[end] as number; c !== QUOTE && c !== BACKSLASH && c !== 0; c = bytes[end] as number) end++;
      text.add(bytes, from, end);
      this.at += end - from;
      const c = this.byteAt(this.at);
      if (c === QUOTE) break;
      if (c === 0) {
        this.error("unexpected end of string");
        return;
      }
      const escaped = this.byteAt(this.at + 1);
      if (escaped === 0x75) {
        if (!this.unicode()) {
          this.error("invalid unicode escape code");
          return;
        }
        continue;
      }
      const plain = ESCAPED[escaped];
      if (plain === undefined) {
        this.error("invalid escape code");
        return;
      }
      text.byte(plain);
      this.at += 2;
    }
    this.at++;
    this.token = TOKEN.string;
  }

  /** Four hexadecimal digits at `index`; -1 when there are none. */
  private hex4(index: number): number {
    const text = this.textAt(index, 4);
    return /^[0-9a-fA-F]{4}$/.test(text) ? Number.parseInt(text, 16) : -1;
  }

  private unicode(): boolean {
    let code = this.hex4(this.at + 2);
    let length = 6;
    if (code < 0) return false;
    if ((code & 0xf800) === 0xd800) {
      if ((code & 0x400) !== 0) return false;
      if (this.byteAt(this.at + 6) !== BACKSLASH || this.byteAt(this.at + 7) !== 0x75) return false;
      const low = this.hex4(this.at + 8);
      if (low < 0 || (low & 0xfc00) !== 0xdc00) return false;
      code = (((code & 0x3ff) << 10) | (low & 0x3ff)) + 0x10000;
      length = 12;
    }
    const utf8 = Buffer.from(String.fromCodePoint(code), "utf8");
    this.text.add(utf8, 0, utf8.length);
    this.at += length;
    return true;
  }

  /** Pushes the value that the present token starts. */
  private value(): void {
    const { api, L } = this;
    switch (this.token) {
      case TOKEN.string:
        this.vm.pushBytes(L, this.text.bytes, 0, this.text.length);
        return;
      case TOKEN.number:
        api.lua_pushnumber(L, this.number);
        return;
      case TOKEN.boolean:
        api.lua_pushboolean(L, this.boolean);
        return;
      case TOKEN.null:
        api.lua_pushlightuserdata(L, 0);
        return;
      case TOKEN.objectBegin:
        this.object();
        return;
      case TOKEN.arrayBegin:
        this.array();
        return;
      default:
        this.expected("value");
    }
  }

  private descend(slots: number): void {
    this.depth++;
    if (
      this.depth <= Math.min(this.settings.decodeMaxDepth, NESTING_LIMIT) &&
      this.api.lua_checkstack(this.L, slots) !== 0
    )
      return;
    this.vm.fail(this.L, `Found too many nested data structures (${this.depth}) at character ${this.at}`);
  }

  private object(): void {
    const { api, L } = this;
    this.descend(3);
    api.lua_createtable(L, 0, 0);
    this.next();
    if (!this.is(TOKEN.objectEnd)) {
      for (;;) {
        if (!this.is(TOKEN.string)) this.expected("object key string");
        this.vm.pushBytes(L, this.text.bytes, 0, this.text.length);
        this.next();
        if (!this.is(TOKEN.colon)) this.expected("colon");
        this.next();
        this.value();
        api.lua_rawset(L, -3);
        this.next();
        if (this.is(TOKEN.objectEnd)) break;
        if (!this.is(TOKEN.comma)) this.expected("comma or object end");
        this.next();
      }
    }
    this.depth--;
  }

  private array(): void {
    const { api, L } = this;
    this.descend(2);
    api.lua_createtable(L, 0, 0);
    this.next();
    if (!this.is(TOKEN.arrayEnd)) {
      for (let i = 1; ; i++) {
        this.value();
        api.lua_rawseti(L, -2, i);
        this.next();
        if (this.is(TOKEN.arrayEnd)) break;
        if (!this.is(TOKEN.comma)) this.expected("comma or array end");
        this.next();
      }
    }
    this.depth--;
  }
}

/** Bytes that can be part of what strtod takes. */
function isNumberByte(c: number): boolean {
  const isAlphanumeric = (c >= 0x30 && c <= 0x39) || (c >= 0x41 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a);
  return isAlphanumeric || c === 0x2b || c === 0x2d || c === 0x2e || c === 0x28 || c === 0x29 || c === 0x5f;
}

function parseNumber(text: string): number {
  const sign = text.startsWith("-") ? -1 : 1;
  const rest = text.replace(/^[+-]/, "").toLowerCase();
  if (rest.startsWith("inf")) return sign * Number.POSITIVE_INFINITY;
  if (rest.startsWith("nan")) return Number.NaN;
  if (!rest.startsWith("0x")) return sign * Number(rest);
  const [mantissa = "", exponent = "0"] = rest.slice(2).split("p");
  const [whole = "", fraction = ""] = mantissa.split(".");
  return sign * Number(BigInt(`0x0${whole}${fraction}`)) * 2 ** (Number(exponent) - 4 * fraction.length);
}
