/**
 * `struct`: packs and unpacks C structures, with the sizes and alignments of a 64-bit Linux.
 * Formats: b B h H l L T i[n] I[n] f d s c[n] x, and the controls > < ![n] and blank.
 */
import { GrowingBytes } from "../base/growing-bytes.ts";
import { toInt64, toUint64 } from "./lua-number-library.ts";
import type { LuaVm } from "./lua-vm.ts";

const MAX_INTEGER_BYTES = 32;
const MAX_ALIGN = 8;
const INT_MAX = 2147483647;
const SIZES: Readonly<Record<string, number>> = { B: 1, b: 1, H: 2, h: 2, L: 8, l: 8, T: 8, f: 4, d: 8, x: 1 };

/** Walks a format string: options, sizes, alignment and byte order. */
class FormatReader {
  private readonly vm: LuaVm;
  private readonly L: number;
  private readonly format: string;
  private at = 0;
  private align = 1;
  littleEndian = true;
  option = "";
  size = 0;

  constructor(vm: LuaVm, L: number) {
    this.vm = vm;
    this.L = L;
    this.format = vm.cTextAt(vm.checkString(L, 1));
  }

  /** Reads the next option and its size; false at the end. */
  next(): boolean {
    const { format, at } = this;
    if (at >= format.length) return false;
    this.option = format[at] as string;
    this.at++;
    this.size = this.optionSize();
    return true;
  }

  private optionSize(): number {
    const { option } = this;
    if (option === "c") return this.number(1);
    if (option !== "i" && option !== "I") return SIZES[option] ?? 0;
    const size = this.number(4);
    if (size > MAX_INTEGER_BYTES) {
      this.vm.fail(this.L, `integral size ${size} is larger than limit of ${MAX_INTEGER_BYTES}`);
    }
    return size;
  }

  private number(fallback: number): number {
    const start = this.at;
    let value = 0;
    for (; isDigit(this.format[this.at]); this.at++) {
      value = value * 10 + Number(this.format[this.at]);
      if (value > INT_MAX) this.vm.fail(this.L, "integral size overflow");
    }
    return this.at === start ? fallback : value;
  }

  /** Bytes to skip so that the present option is aligned at `position`. */
  padding(position: number): number {
    if (this.size === 0 || this.option === "c") return 0;
    const size = Math.min(this.size, this.align);
    return (size - (position & (size - 1))) & (size - 1);
  }

  /** The present option is no data: a control, or an error. */
  control(): void {
    const { vm, L, option } = this;
    switch (option) {
      case " ":
        return;
      case ">":
        this.littleEndian = false;
        return;
      case "<":
        this.littleEndian = true;
        return;
      case "!": {
        const align = this.number(MAX_ALIGN);
        if (align <= 0 || (align & (align - 1)) !== 0) vm.fail(L, `alignment ${align} is not a power of 2`);
        this.align = align;
        return;
      }
      default:
        vm.argError(L, 1, `invalid format option '${option}'`);
    }
  }
}

function isDigit(c: string | undefined): boolean {
  return c !== undefined && c >= "0" && c <= "9";
}

function isInteger(option: string): boolean {
  return "bBhHlLTiI".includes(option);
}

function pack(vm: LuaVm, out: GrowingBytes, L: number): number {
  const reader = new FormatReader(vm, L);
  let argument = 2;
  out.clear();
  // As in the C library: a missing argument is a nil.
  vm.api.lua_pushnil(L);
  while (reader.next()) {
    const { option } = reader;
    for (let skip = reader.padding(out.length); skip > 0; skip--) out.byte(0);
    if (isInteger(option)) {
      const value = vm.checkNumber(L, argument++);
      putInteger(out, value < 0 ? toInt64(value) : toUint64(value), reader.size, reader.littleEndian);
    } else if (option === "x") out.byte(0);
    else if (option === "f" || option === "d") {
      const value = vm.checkNumber(L, argument++);
      const from = out.length;
      if (option === "f") out.float(value);
      else out.double(value);
      if (reader.littleEndian) out.bytes.subarray(from, out.length).reverse();
    } else if (option === "c" || option === "s") {
      const at = vm.checkString(L, argument++);
      const length = vm.lengthAt(at);
      const size = reader.size === 0 ? length : reader.size;
      if (length < size) vm.argError(L, argument, "string too short");
      out.add(vm.bytes, at, at + size);
      if (option === "s") out.byte(0);
    } else reader.control();
  }
  vm.pushBytes(L, out.bytes, 0, out.length);
  return 1;
}

/** Integers of more than 8 bytes are not extended by their sign: a C `long` shifted on gives zeros. */
function putInteger(out: GrowingBytes, value: bigint, size: number, littleEndian: boolean): void {
  const bits = BigInt.asUintN(64, value);
  for (let i = 0; i < size; i++) {
    const byte = littleEndian ? i : size - 1 - i;
    out.byte(byte < 8 ? Number((bits >> BigInt(byte * 8)) & 255n) : 0);
  }
}

function getInteger(bytes: Uint8Array, at: number, size: number, littleEndian: boolean, signed: boolean): number {
  let value = 0n;
  for (let i = 0; i < size; i++) {
    const byte = bytes[at + (littleEndian ? size - 1 - i : i)] as number;
    value = BigInt.asUintN(64, (value << 8n) | BigInt(byte));
  }
  if (!signed) return Number(value);
  // The shift of a 64-bit C integer takes its count modulo 64.
  const mask = BigInt.asUintN(64, 0xffffffffffffffffn << BigInt((size * 8 - 1) & 63));
  if ((value & mask) !== 0n) value |= mask;
  return Number(BigInt.asIntN(64, value));
}

function unpack(vm: LuaVm, L: number): number {
  const { api } = vm;
  const reader = new FormatReader(vm, L);
  const data = vm.checkString(L, 2);
  const length = vm.lengthAt(data);
  const first = api.luaL_optinteger(L, 3, 1);
  if (first === 0) vm.argError(L, 3, "offset must be 1 or greater");
  // A C size_t: a negative offset is a huge one.
  let position = first < 0 ? first + 2 ** 64 : first - 1;
  let results = 0;
  const check = (size: number): void => {
    if (size > length || position > length - size) vm.argError(L, 2, "data string too short");
  };
  while (reader.next()) {
    const { option } = reader;
    let { size } = reader;
    position += reader.padding(position);
    check(size);
    api.luaL_checkstack(L, 2, vm.name("too many results"));
    const at = data + position;
    if (isInteger(option)) {
      const signed = option === option.toLowerCase();
      api.lua_pushnumber(L, getInteger(vm.bytes, at, size, reader.littleEndian, signed));
      results++;
    } else if (option === "f" || option === "d") {
      api.lua_pushnumber(L, getFloat(vm.bytes, at, size, reader.littleEndian));
      results++;
    } else if (option === "c") {
      if (size === 0) {
        if (results === 0 || api.lua_isnumber(L, -1) === 0) vm.fail(L, "format 'c0' needs a previous size");
        size = Number(toUint64(api.lua_tonumber(L, -1)));
        vm.pop(L);
        results--;
        check(size);
      }
      api.lua_pushlstring(L, data + position, size);
      results++;
    } else if (option === "s") {
      const end = vm.bytes.indexOf(0, at);
      if (end < 0 || end >= data + length) vm.fail(L, "unfinished string in data");
      size = end - at + 1;
      api.lua_pushlstring(L, at, size - 1);
      results++;
    } else if (option !== "x") reader.control();
    position += size;
  }
  api.lua_pushnumber(L, position + 1);
  return results + 1;
}

function getFloat(bytes: Buffer, at: number, size: number, littleEndian: boolean): number {
  if (size === 4) return littleEndian ? bytes.readFloatLE(at) : bytes.readFloatBE(at);
  return littleEndian ? bytes.readDoubleLE(at) : bytes.readDoubleBE(at);
}

function sizeOf(vm: LuaVm, L: number): number {
  const reader = new FormatReader(vm, L);
  let position = 0;
  while (reader.next()) {
    const { option, size } = reader;
    position += reader.padding(position);
    if (option === "s") vm.argError(L, 1, "option 's' has no fixed size");
    if (option === "c" && size === 0) vm.argError(L, 1, "option 'c0' has no fixed size");
    if (!/[0-9A-Za-z]/.test(option)) reader.control();
    position += size;
  }
  vm.api.lua_pushnumber(L, position);
  return 1;
}

export function openStructLibrary(vm: LuaVm): void {
  const out = new GrowingBytes();
  vm.api.lua_createtable(vm.state, 0, 3);
  vm.register({
    pack: (L) => pack(vm, out, L),
    unpack: (L) => unpack(vm, L),
    size: (L) => sizeOf(vm, L),
  });
  vm.setGlobal("struct");
}
