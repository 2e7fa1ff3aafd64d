/**
 * string.format and tonumber as in a 64-bit build (the binary's `long` has 32 bits), and Redis' own math.random, which
 * gives the same numbers everywhere.
 */
import { LUA_TYPE, luaUpvalue } from "./lua-exports.ts";
import type { LuaFunction, LuaVm } from "./lua-vm.ts";

const INT64_MIN = -(2n ** 63n);
const FLAGS = "-+ #0";

/** A C cast of a double to a 64-bit integer on x86-64: out of range gives the smallest one. */
export function toInt64(value: number): bigint {
  if (!(value >= -(2 ** 63) && value < 2 ** 63)) return INT64_MIN;
  return BigInt(Math.trunc(value));
}

/** A C cast of a double to an unsigned 64-bit integer on x86-64, as compilers write it. */
export function toUint64(value: number): bigint {
  if (value >= 2 ** 63) return BigInt.asUintN(64, toInt64(value - 2 ** 63) ^ INT64_MIN);
  return BigInt.asUintN(64, toInt64(value));
}

/** Argument `i` as a C int, as luaL_checkint of a 64-bit build gives it. */
export function checkInt(vm: LuaVm, L: number, i: number): number {
  return Number(BigInt.asIntN(32, toInt64(vm.checkNumber(L, i))));
}

interface Directive {
  readonly flags: string;
  readonly width: number;
  /** -1: none given. */
  readonly precision: number;
  readonly text: string;
}

function pad(text: string, { flags, width }: Directive): string {
  return flags.includes("-") ? text.padEnd(width) : text.padStart(width);
}

/** %d %i %o %u %x %X of C, with 64 bits. */
function formatInteger(directive: Directive, conversion: string, value: number): string {
  const { flags, width, precision } = directive;
  const signed = conversion === "d" || conversion === "i";
  const n = signed ? toInt64(value) : toUint64(value);
  const radix = conversion === "o" ? 8 : conversion === "x" || conversion === "X" ? 16 : 10;
  let digits = (n < 0n ? -n : n).toString(radix);
  if (precision === 0 && n === 0n) digits = "";
  digits = digits.padStart(precision, "0");
  let sign = n < 0n ? "-" : !signed ? "" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
  if (flags.includes("#") && radix === 8 && !digits.startsWith("0")) digits = `0${digits}`;
  if (flags.includes("#") && radix === 16 && n !== 0n) sign = "0x";
  if (flags.includes("0") && !flags.includes("-") && precision < 0) digits = digits.padStart(width - sign.length, "0");
  const text = pad(sign + digits, directive);
  return conversion === "X" ? text.toUpperCase() : text;
}

/** %q of Lua. */
function quote(text: string): string {
  const inner = text.replace(/["\\\n\r\0]/g, (c) => (c === "\r" ? "\\r" : c === "\0" ? "\\000" : `\\${c}`));
  return `"${inner}"`;
}

class Formatter {
  private readonly vm: LuaVm;
  private readonly L: number;
  private readonly format: string;
  private readonly count: number;
  private at = 0;
  private argument = 1;
  private result = "";

  constructor(vm: LuaVm, L: number, format: string) {
    this.vm = vm;
    this.L = L;
    this.format = format;
    this.count = vm.argCount(L);
  }

  run(): string {
    const { format } = this;
    while (this.at < format.length) {
      const percent = format.indexOf("%", this.at);
      this.result += format.slice(this.at, percent < 0 ? format.length : percent);
      if (percent < 0) break;
      this.at = percent + 1;
      if (format[this.at] === "%") {
        this.result += "%";
        this.at++;
      } else this.directive();
    }
    return this.result;
  }

  private directive(): void {
    const { vm, L } = this;
    if (++this.argument > this.count) vm.argError(L, this.argument, "no value");
    const directive = this.readDirective();
    const conversion = this.format[this.at++] ?? "";
    switch (conversion) {
      case "c":
        this.result += this.character(directive, vm.checkNumber(L, this.argument));
        break;
      case "d":
      case "i":
      case "o":
      case "u":
      case "x":
      case "X":
        this.result += formatInteger(directive, conversion, vm.checkNumber(L, this.argument));
        break;
      case "e":
      case "E":
      case "f":
      case "g":
      case "G":
        this.result += this.double(directive, conversion);
        break;
      case "q":
        this.result += quote(vm.textAt(vm.checkString(L, this.argument)));
        break;
      case "s":
        this.result += this.string(directive, vm.checkString(L, this.argument));
        break;
      default:
        vm.fail(L, `invalid option '%${cText(conversion)}' to 'format'`);
    }
  }

  /** A zero byte ends what C has formatted. A number that is no C int becomes the smallest one. */
  private character(directive: Directive, value: number): string {
    const c = value > -2147483649 && value < 2147483648 ? Math.trunc(value) & 255 : 0;
    const text = pad(String.fromCharCode(c), directive);
    return c === 0 ? text.slice(0, text.indexOf("\0")) : text;
  }

  private readDirective(): Directive {
    const { vm, L, format } = this;
    const start = this.at;
    while (this.at < format.length && FLAGS.includes(format[this.at] as string)) this.at++;
    const flags = format.slice(start, this.at);
    if (flags.length >= FLAGS.length + 1) vm.fail(L, "invalid format (repeated flags)");
    const width = this.readNumber();
    let precision = -1;
    if (format[this.at] === ".") {
      this.at++;
      precision = this.readNumber();
    }
    if (isDigit(format[this.at])) vm.fail(L, "invalid format (width or precision too long)");
    return { flags, width, precision, text: format.slice(start, this.at) };
  }

  /** At most two digits. */
  private readNumber(): number {
    const start = this.at;
    while (this.at < start + 2 && isDigit(this.format[this.at])) this.at++;
    return Number(this.format.slice(start, this.at));
  }

  /** The binary's own string.format (upvalue 1) writes floating point numbers well. */
  private double(directive: Directive, conversion: string): string {
    const { vm, L } = this;
    const { api } = vm;
    vm.checkNumber(L, this.argument);
    api.luaL_checkstack(L, 4, vm.name("string.format"));
    api.lua_pushvalue(L, luaUpvalue(1));
    vm.pushText(L, `%${directive.text}${conversion}`);
    // The value itself: through JavaScript a NaN may lose its sign, which C shows.
    api.lua_pushvalue(L, this.argument);
    api.lua_call(L, 2, 1);
    const text = vm.textAt(vm.topString(L));
    vm.pop(L);
    return text;
  }

  private string(directive: Directive, at: number): string {
    const text = this.vm.textAt(at);
    // As in Lua: no precision and a long string is added whole; else C formats it, up to its first zero byte.
    if (directive.precision < 0 && text.length >= 100) return text;
    const zero = text.indexOf("\0");
    const visible = zero < 0 ? text : text.slice(0, zero);
    return pad(directive.precision < 0 ? visible : visible.slice(0, directive.precision), directive);
  }
}

function isDigit(c: string | undefined): boolean {
  return c !== undefined && c >= "0" && c <= "9";
}

function cText(c: string): string {
  return c === "\0" ? "" : c;
}

/** C's strtoul over the whole text, blanks around it allowed; null when it is no number. */
export function parseUnsigned(text: string, base: number): number | null {
  const match = /^[ \t-\r]*([+-]?)([0-9a-zA-Z]+)[ \t-\r]*$/.exec(text);
  if (match === null) return null;
  let digits = (match[2] as string).toLowerCase();
  if (base === 16 && /^0x[0-9a-f]/.test(digits)) digits = digits.slice(2);
  let value = 0n;
  for (const c of digits) {
    const digit = c <= "9" ? c.charCodeAt(0) - 48 : c.charCodeAt(0) - 87;
    if (digit >= base) return null;
    value = value * BigInt(base) + BigInt(digit);
  }
  if (value >= 2n ** 64n) return Number(2n ** 64n - 1n);
  return Number(match[1] === "-" ? BigInt.asUintN(64, -value) : value);
}

/** Redis' generator: drand48's, of which the upper 31 bits are used. One per server, seeded by nobody at start. */
export class LuaRandom {
  private state = 0x1234abcd330en;

  next(): number {
    this.state = BigInt.asUintN(48, this.state * 0x5deece66dn + 0xbn);
    return Number(this.state >> 17n);
  }

  seed(seed: number): void {
    this.state = (BigInt.asUintN(32, BigInt(seed)) << 16n) | 0x330en;
  }
}

const RANDOM_MAX = 2147483647;

function randomLibrary(vm: LuaVm, random: LuaRandom): Record<string, LuaFunction> {
  return {
    random: (L) => {
      const r = (random.next() % RANDOM_MAX) / RANDOM_MAX;
      const { api } = vm;
      switch (vm.argCount(L)) {
        case 0:
          api.lua_pushnumber(L, r);
          return 1;
        case 1: {
          const upper = checkInt(vm, L, 1);
          if (upper < 1) vm.argError(L, 1, "interval is empty");
          api.lua_pushnumber(L, Math.floor(r * upper) + 1);
          return 1;
        }
        case 2: {
          const lower = checkInt(vm, L, 1);
          const upper = checkInt(vm, L, 2);
          if (lower > upper) vm.argError(L, 2, "interval is empty");
          api.lua_pushnumber(L, Math.floor(r * ((upper - lower + 1) | 0)) + lower);
          return 1;
        }
        default:
          return vm.fail(L, "wrong number of arguments");
      }
    },
    randomseed: (L) => {
      random.seed(checkInt(vm, L, 1));
      return 0;
    },
  };
}

/** Replaces functions of the opened libraries of the main state. */
export function openNumberLibrary(vm: LuaVm, random: LuaRandom): void {
  const { api, state: L } = vm;
  const [format, toNumber] = vm.functions([
    (caller) => {
      vm.pushText(caller, new Formatter(vm, caller, vm.textAt(vm.checkString(caller, 1))).run());
      return 1;
    },
    (caller) => luaToNumber(vm, caller),
  ]);
  vm.getGlobal("string");
  api.lua_getfield(L, -1, vm.name("format"));
  api.lua_pushcclosure(L, format as number, 1);
  api.lua_setfield(L, -2, vm.name("format"));
  vm.getGlobal("math");
  vm.register(randomLibrary(vm, random));
  api.lua_pushcclosure(L, toNumber as number, 0);
  vm.setGlobal("tonumber");
  api.lua_settop(L, -3);
}

function luaToNumber(vm: LuaVm, L: number): number {
  const { api } = vm;
  const base = vm.typeOf(L, 2) > LUA_TYPE.nil ? checkInt(vm, L, 2) : 10;
  if (base === 10) {
    api.luaL_checkany(L, 1);
    if (api.lua_isnumber(L, 1) === 0) api.lua_pushnil(L);
    else if (vm.typeOf(L, 1) === LUA_TYPE.number) api.lua_pushnumber(L, vm.numberAt(L, 1));
    else {
      const value = api.lua_tonumber(L, 1);
      // The binary's C library takes a prefix without digits for zero.
      if (value === 0 && /0x\s*$/i.test(vm.cTextAt(vm.stringAt(L, 1)))) api.lua_pushnil(L);
      else api.lua_pushnumber(L, value);
    }
    return 1;
  }
  const text = vm.cTextAt(vm.checkString(L, 1));
  if (base < 2 || base > 36) vm.argError(L, 2, "base out of range");
  const value = parseUnsigned(text, base);
  if (value === null) api.lua_pushnil(L);
  else api.lua_pushnumber(L, value);
  return 1;
}
