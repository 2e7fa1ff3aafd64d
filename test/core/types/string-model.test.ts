/**
 * Random changes of a few strings beside a model of plain Buffers, with sizes and offsets around the edges of records and
 * chunks. Every reply is compared, and at the end the whole store is checked. The seed is printed with each failure.
 */
import t from "tap";
import { checkKeyspace } from "../../../packages/core/src/keyspace/check.ts";
import { CHUNK_BYTES } from "../../../packages/core/src/keyspace/chunks.ts";
import { INLINE_STRING_MAX } from "../../../packages/core/src/types/string.ts";
import type { Argument } from "../../support/resp-client.ts";
import { type Reply, startClient } from "../../support/run.ts";
import { SeededRandom } from "../../support/seeded-random.ts";

const STEPS = 1500;
const EDGES = [0, 1, INLINE_STRING_MAX, CHUNK_BYTES, 2 * CHUNK_BYTES, 3 * CHUNK_BYTES];
const KEYS = ["a", "b", "c"];
const EMPTY = Buffer.alloc(0);

class Model {
  readonly values = new Map<string, Buffer>();

  get(key: string): Buffer {
    return this.values.get(key) ?? EMPTY;
  }

  setRange(key: string, offset: number, bytes: Buffer): number {
    const old = this.get(key);
    if (bytes.length > 0) {
      const next = Buffer.alloc(Math.max(old.length, offset + bytes.length));
      old.copy(next);
      bytes.copy(next, offset);
      this.values.set(key, next);
    }
    return this.get(key).length;
  }

  bit(key: string, offset: number): number {
    const byte = this.get(key)[Math.floor(offset / 8)] ?? 0;
    return (byte >> (7 - (offset % 8))) & 1;
  }

  setBit(key: string, offset: number, bit: number): number {
    const old = this.bit(key, offset);
    const at = Math.floor(offset / 8);
    const mask = 0x80 >> (offset % 8);
    const byte = this.get(key)[at] ?? 0;
    this.setRange(key, at, Buffer.from([bit === 1 ? byte | mask : byte & ~mask]));
    return old;
  }

  count(key: string, from: number, last: number): number {
    let bits = 0;
    for (const byte of this.get(key).subarray(from, last + 1)) bits += byte.toString(2).replaceAll("0", "").length;
    return bits;
  }

  firstBit(key: string, bit: number, from: number, last: number): number {
    const skipped = bit === 1 ? 0 : 255;
    const value = this.get(key);
    for (let at = from; at <= Math.min(last, value.length - 1); at++) {
      if (value[at] === skipped) continue;
      let offset = at * 8;
      while (this.bit(key, offset) !== bit) offset++;
      return offset;
    }
    return -1;
  }

  operate(operation: string, target: string, sources: readonly string[]): number {
    const values = sources.map((key) => this.get(key));
    const length = Math.max(...values.map((value) => value.length));
    const result = Buffer.alloc(length);
    for (let i = 0; i < length; i++) {
      const bytes = values.map((value) => value[i] ?? 0);
      if (operation === "NOT") result[i] = ~(bytes[0] ?? 0);
      else if (operation === "AND") result[i] = bytes.reduce((x, y) => x & y);
      else if (operation === "OR") result[i] = bytes.reduce((x, y) => x | y);
      else result[i] = bytes.reduce((x, y) => x ^ y);
    }
    if (length === 0) this.values.delete(target);
    else this.values.set(target, result);
    return length;
  }

  /** An unsigned field of up to 48 bits. */
  field(key: string, offset: number, width: number): number {
    let value = 0;
    for (let i = 0; i < width; i++) value = value * 2 + this.bit(key, offset + i);
    return value;
  }

  setField(key: string, offset: number, width: number, value: number): number {
    const old = this.field(key, offset, width);
    for (let i = 0; i < width; i++) {
      this.setBit(key, offset + i, Math.floor(value / 2 ** (width - 1 - i)) % 2);
    }
    return old;
  }
}

/** One command and the reply that it must have. */
function step(r: SeededRandom, model: Model): [Argument[], Reply] {
  const key = r.pick(KEYS);
  const near = (): number => Math.max(0, r.pick(EDGES) + r.between(-20, 20));
  const bytes = (): Buffer => {
    const size = r.chance(0.6) ? r.between(0, 30) : near();
    return Buffer.alloc(size, r.pick(["\0", "\xff", "\x5a", r.bytes(7)]), "latin1");
  };
  const length = model.get(key).length;
  switch (r.between(0, 11)) {
    case 0: {
      const value = bytes();
      model.values.set(key, value);
      return [["SET", key, value], "OK"];
    }
    case 1: {
      const value = bytes();
      if (!model.values.has(key)) model.values.set(key, EMPTY);
      return [["APPEND", key, value], model.setRange(key, length, value)];
    }
    case 2:
    case 3: {
      const [offset, value] = [near(), bytes()];
      return [["SETRANGE", key, offset, value], model.setRange(key, offset, value)];
    }
    case 4: {
      const [offset, bit] = [near() * 8 + r.between(0, 7), r.between(0, 1)];
      return [["SETBIT", key, offset, bit], model.setBit(key, offset, bit)];
    }
    case 5: {
      const offset = near() * 8 + r.between(0, 7);
      return [["GETBIT", key, offset], model.bit(key, offset)];
    }
    case 6: {
      const [from, last] = [near(), near()];
      return [
        ["GETRANGE", key, from, last],
        model
          .get(key)
          .subarray(from, last + 1)
          .toString("latin1"),
      ];
    }
    case 7: {
      const [from, last] = [near(), near()];
      return [["BITCOUNT", key, from, last], model.count(key, from, last)];
    }
    case 8: {
      const [from, last, bit] = [near(), near(), r.between(0, 1)];
      const wanted = model.values.has(key) ? model.firstBit(key, bit, from, last) : bit - 1 === 0 ? -1 : 0;
      return [["BITPOS", key, bit, from, last], wanted];
    }
    case 9: {
      const operation = r.pick(["AND", "OR", "XOR", "NOT"]);
      const sources =
        operation === "NOT" ? [r.pick(KEYS)] : Array.from({ length: r.between(1, 3) }, () => r.pick(KEYS));
      return [["BITOP", operation, key, ...sources], model.operate(operation, key, sources)];
    }
    case 10: {
      const [offset, width] = [near() * 8 + r.between(0, 7), r.between(1, 48)];
      const value = Math.floor(r.next() * 2 ** width);
      const before = model.setField(key, offset, width, value);
      const command = ["BITFIELD", key, "SET", `u${width}`, offset, value, "GET", `u${width}`, offset];
      return [command, [before, value]];
    }
    default:
      return [["STRLEN", key], length];
  }
}

for (const store of ["memory", "lmdb"] as const) {
  for (const seed of [1, 2]) {
    t.test(`strings on ${store} beside a model, seed ${seed}`, async (t) => {
      const { run, worker } = await startClient(t, { store });
      const random = new SeededRandom(seed);
      const model = new Model();
      for (let i = 0; i < STEPS; i++) {
        const [command, wanted] = step(random, model);
        const found = await run(...command);
        const words = command.map((word) => String(word).slice(0, 40)).join(" ");
        if (!sameReply(found, wanted)) {
          t.same(found, wanted, `step ${i}: ${words}`);
          return;
        }
        if (i % 10 !== 0) continue;
        for (const key of KEYS) {
          if ((await run("GET", key)) === (model.values.get(key)?.latin1Slice() ?? null)) continue;
          t.fail(`step ${i}: ${words}: the value of ${key} differs`);
          return;
        }
      }
      const { keyspace } = worker.server;
      keyspace.renewSnapshot();
      t.same(checkKeyspace(keyspace).problems, []);
      keyspace.store.releaseSnapshot();
    });
  }
}

function sameReply(found: Reply, wanted: Reply): boolean {
  if (Array.isArray(found) && Array.isArray(wanted)) return found.every((item, i) => item === wanted[i]);
  return found === wanted;
}
