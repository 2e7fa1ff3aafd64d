/**
 * Changes that the stock Lua 5.1 WebAssembly binary needs before it is compiled, since they cannot be made from outside:
 *
 *   - Read-only tables, as Redis' Lua has them: bit 7 of a table's `marked` byte (the collector uses bits 0 to 6 and
 *     leaves it alone). Every way to change a table ends in one of three functions; each gets a check in front that calls the `_emscripten_system`
 *     import (else only used by os.execute, which is never opened) with the Lua state when the bit is set.
 *   - Integers: `lua_Integer` is 32 bits here and 64 bits in Redis; a number beyond 32 bits became the smallest integer.
 *     Now it becomes the nearest one, which for positions and lengths of strings is as good as 64 bits.
 *   - Compiled code: a chunk that begins with ESC was taken for bytecode, which can do anything. Now it is source text, a
 *     syntax error, as in Redis.
 *   - Strings are hashed as a whole, as in Redis' build: long ones that differ in a few places only shared a hash.
 *
 * The functions are found through the exports that call them, so that no index of one build is written down here;
 * anything unexpected throws.
 */

const SECTION = { import: 2, export: 7, code: 10 } as const;
const OP = { call: 0x10, truncate: 0xaa, f64const: 0x44 } as const;
/** Table.marked in the binary (a 32-bit build). */
export const TABLE_MARKED_OFFSET = 5;
export const READONLY_BIT = 0x80;

interface Section {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

class Reader {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  byte(): number {
    return this.bytes[this.at++] as number;
  }

  /** LEB128, also a signed one that is not to be understood. */
  number(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  text(): string {
    const length = this.number();
    this.at += length;
    return Buffer.from(this.bytes.subarray(this.at - length, this.at)).latin1Slice();
  }
}

function fail(what: string): never {
  throw new Error(`the Lua binary is not the one expected: ${what}`);
}

function leb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest & 127) | 128);
  bytes.push(rest);
  return bytes;
}

function readSections(bytes: Uint8Array): Section[] {
  const sections: Section[] = [];
  const reader = new Reader(bytes, 8);
  while (reader.at < bytes.length) {
    const id = reader.byte();
    const length = reader.number();
    sections.push({ id, start: reader.at, end: reader.at + length });
    reader.at += length;
  }
  return sections;
}

/** Indexes of the imported functions by name. */
function readImports(bytes: Uint8Array, section: Section): Map<string, number> {
  const reader = new Reader(bytes, section.start);
  const imports = new Map<string, number>();
  for (let left = reader.number(); left > 0; left--) {
    reader.text();
    const name = reader.text();
    if (reader.byte() !== 0) fail(`import ${name} is no function`);
    reader.number();
    imports.set(name, imports.size);
  }
  return imports;
}

function readExports(bytes: Uint8Array, section: Section): Map<string, number> {
  const reader = new Reader(bytes, section.start);
  const functions = new Map<string, number>();
  for (let left = reader.number(); left > 0; left--) {
    const name = reader.text();
    const isFunction = reader.byte() === 0;
    const index = reader.number();
    if (isFunction) functions.set(name, index);
  }
  return functions;
}

/** Bodies of the functions, without their lengths. */
function readCode(bytes: Uint8Array, section: Section): Uint8Array[] {
  const reader = new Reader(bytes, section.start);
  const bodies: Uint8Array[] = [];
  for (let left = reader.number(); left > 0; left--) {
    const length = reader.number();
    bodies.push(bytes.subarray(reader.at, reader.at + length));
    reader.at += length;
  }
  return bodies;
}

/** Where a body's instructions start, behind the declaration of its locals. */
function instructionsOf(body: Uint8Array): number {
  const reader = new Reader(body, 0);
  for (let left = reader.number(); left > 0; left--) {
    reader.number();
    reader.byte();
  }
  return reader.at;
}

/** The only function that the body calls. Immediates that look like a call are told apart by the callee's range. */
function onlyCallee(body: Uint8Array, importCount: number, functionCount: number): number {
  const callees = new Set<number>();
  for (let at = instructionsOf(body); at < body.length - 2; at++) {
    if (body[at] !== OP.call) continue;
    const callee = new Reader(body, at + 1).number();
    if (callee >= importCount && callee < functionCount && callee > 127) callees.add(callee);
  }
  const [callee, ...others] = callees;
  if (callee === undefined || others.length > 0) fail("a table function calls other functions than thought");
  return callee;
}

function insert(body: Uint8Array, code: readonly number[]): Uint8Array {
  const at = instructionsOf(body);
  return Buffer.concat([body.subarray(0, at), Uint8Array.from(code), body.subarray(at)]);
}

/** `if (table.marked & READONLY_BIT) refuse(L)`, with the table's address on the stack and L in local 0. */
function readonlyCheck(refuse: number): number[] {
  return [
    ...[0x2d, 0x00, TABLE_MARKED_OFFSET], // i32.load8_u
    ...[0x41, ...[0x80, 0x01], 0x71], // i32.const 128, i32.and
    ...[0x04, 0x40, 0x20, 0x00, OP.call, ...leb(refuse), 0x1a, 0x0b], // if, local.get 0, call, drop, end
  ];
}

/** The same for lua_setmetatable(L, index): the object may be no table. */
function metatableCheck(refuse: number): number[] {
  // Address of the object: index > 0 ? L.base + index * 16 - 16 : L.top + index * 16. Kept in no local: computed twice.
  const slot = [
    ...[0x20, 0x01, 0x41, 0x00, 0x4a, 0x04, 0x7f], // local.get 1, i32.const 0, i32.gt_s, if (i32)
    ...[0x20, 0x00, 0x28, 0x02, 12, 0x41, 0x10, 0x6b], // L.base - 16
    0x05,
    ...[0x20, 0x00, 0x28, 0x02, 8], // L.top
    0x0b,
    ...[0x20, 0x01, 0x41, 0x04, 0x74, 0x6a], // + index << 4
  ];
  return [
    ...slot,
    ...[0x28, 0x02, 8, 0x41, 0x05, 0x46, 0x04, 0x40], // type = table ? if
    ...slot,
    ...[0x28, 0x02, 0], // i32.load: the table
    ...readonlyCheck(refuse),
    0x0b,
  ];
}

/** In lua_tointeger: `|d| < 2^31 ? (int)d : smallest` becomes `|d| < 2^63 ? saturated d : smallest`. */
function saturate(body: Uint8Array): Uint8Array {
  const bytes = Buffer.from(body);
  const limit = Buffer.alloc(9);
  limit[0] = OP.f64const;
  limit.writeDoubleLE(2 ** 31, 1);
  const at = bytes.indexOf(limit);
  if (at < 0) fail("lua_tointeger compares with no limit");
  const truncate = bytes.indexOf(OP.truncate, at + limit.length);
  if (truncate < 0 || truncate > at + 24) fail("lua_tointeger does not truncate");
  bytes.writeDoubleLE(2 ** 63, at + 1);
  return Buffer.concat([bytes.subarray(0, truncate), Uint8Array.of(0xfc, 0x02), bytes.subarray(truncate + 1)]);
}

/** `first character == ESC ? undump : parse`, in the one function that has it: ESC becomes a number no character is. */
function refuseBytecode(bodies: Uint8Array[]): void {
  const found: { index: number; at: number }[] = [];
  const pattern = Uint8Array.of(0x41, 27, 0x46, 0x04); // i32.const 27, i32.eq, if; a local.get before them
  bodies.forEach((body, index) => {
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
    for (let at = bytes.indexOf(pattern); at >= 0; at = bytes.indexOf(pattern, at + 1)) {
      if (bytes[at - 2] === 0x20) found.push({ index, at: at + 1 });
    }
  });
  const [place, ...others] = found;
  if (place === undefined || others.length > 0) fail("no single place tells bytecode from source");
  const body = Uint8Array.from(bodies[place.index] as Uint8Array);
  body[place.at] = 0x7e; // -2; the end of the input is -1
  bodies[place.index] = body;
}

/**
 * In luaS_newlstr: the hash of a string takes every (length / 32 + 1)th character; Redis' build takes all. Otherwise long
 * strings that differ in a few places share a hash: 40,000 strings of 1 KB took 22 s, and pairs() went by another order.
 */
function hashWholeStrings(bodies: Uint8Array[]): void {
  const found: { index: number; at: number }[] = [];
  bodies.forEach((body, index) => {
    for (let at = instructionsOf(body); at < body.length - 6; at++) {
      const isStep = body[at] === 0x41 && body[at + 1] === 5 && body[at + 2] === 0x76; // i32.const 5, i32.shr_u
      if (isStep && body[at + 3] === 0x22 && body[at + 5] === 0x4b) found.push({ index, at: at + 1 }); // local.tee, i32.gt_u
    }
  });
  const [place, ...others] = found;
  if (place === undefined || others.length > 0) fail("no single place hashes strings");
  const body = Uint8Array.from(bodies[place.index] as Uint8Array);
  body[place.at] = 31; // no string is as long as that
  bodies[place.index] = body;
}

/** The binary with the changes above. */
export function patchLua(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const sections = readSections(bytes);
  const find = (id: number): Section => sections.find((section) => section.id === id) ?? fail(`no section ${id}`);
  const imports = readImports(bytes, find(SECTION.import));
  const functions = readExports(bytes, find(SECTION.export));
  const code = find(SECTION.code);
  const bodies = readCode(bytes, code);
  const refuse = imports.get("_emscripten_system") ?? fail("no import for the refusal");
  const exported = (name: string): number => (functions.get(name) ?? fail(`no ${name}`)) - imports.size;
  const bodyOf = (index: number): Uint8Array => bodies[index] ?? fail("function out of range");
  const total = imports.size + bodies.length;
  for (const name of ["lua_rawset", "lua_rawseti"]) {
    const target = onlyCallee(bodyOf(exported(name)), imports.size, total) - imports.size;
    bodies[target] = insert(bodyOf(target), [0x20, 0x01, ...readonlyCheck(refuse)]); // the table is local 1
  }
  const setMetatable = exported("lua_setmetatable");
  bodies[setMetatable] = insert(bodyOf(setMetatable), metatableCheck(refuse));
  const toInteger = exported("lua_tointeger");
  bodies[toInteger] = saturate(bodyOf(toInteger));
  refuseBytecode(bodies);
  hashWholeStrings(bodies);
  const parts: Uint8Array[] = [Uint8Array.from(leb(bodies.length))];
  for (const body of bodies) parts.push(Uint8Array.from(leb(body.length)), body);
  const content = Buffer.concat(parts);
  const head = Uint8Array.of(SECTION.code, ...leb(content.length));
  // The section's own head is its id and length, right before its start.
  const before = bytes.subarray(0, code.start - 1 - leb(code.end - code.start).length);
  const length = before.length + head.length + content.length + (bytes.length - code.end);
  const patched = new Uint8Array(length);
  let at = 0;
  for (const part of [before, head, content, bytes.subarray(code.end)]) {
    patched.set(part, at);
    at += part.length;
  }
  return patched;
}
