import t from "tap";
import { CHUNK_BYTES } from "../../../packages/core/src/keyspace/chunks.ts";
import { copyKey } from "../../../packages/core/src/keyspace/copy.ts";
import {
  copyString,
  type Entry,
  HeldString,
  RAW,
  readString,
  setStringRange,
  stringLength,
} from "../../../packages/core/src/types/string.ts";
import { openTestKeyspace, STORE_KINDS, type TestKeyspace } from "../../support/test-keyspace.ts";

const A = Buffer.from("a");
const B = Buffer.from("b");

function found(test: TestKeyspace, key: string): Entry {
  const entry = test.find(key);
  if (entry === null) throw new Error(`${key} is missing`);
  return entry;
}

function setRange(test: TestKeyspace, offset: number, bytes: Buffer): number {
  return setStringRange(test.keyspace, 0, A, 0, 1, test.find("a"), offset, bytes, 0, bytes.length);
}

for (const kind of STORE_KINDS) {
  t.test(`a copy in chunks stands by itself, on ${kind}`, async (t) => {
    const test = openTestKeyspace(t, kind);
    const { keyspace } = test;
    test.write(() => setRange(test, 5 * CHUNK_BYTES, Buffer.from("end")));
    test.write(() => {
      copyKey(keyspace, 0, A, 0, 1, 0, B, 0, 1);
      setRange(test, 0, Buffer.from("changed"));
    });
    test.read(() => {
      const copy = readString(keyspace, found(test, "b"));
      t.equal(copy.length, 5 * CHUNK_BYTES + 3);
      t.equal(copy.latin1Slice(copy.length - 4), "\0end");
      t.equal(copy.indexOf("changed"), -1);
      t.equal(readString(keyspace, found(test, "a")).indexOf("changed"), 0);
    });
    t.same(test.check().problems, []);
    test.write(() => {
      test.delete("a");
      test.delete("b");
    });
    t.same(test.check().problems, []);
  });

  t.test(`a held string outlives what happens to its key, on ${kind}`, async (t) => {
    const test = openTestKeyspace(t, kind);
    const { keyspace } = test;
    test.write(() => {
      for (const size of [10, 40_000]) {
        test.set("a", "x".repeat(size));
        const held = new HeldString(keyspace, test.find("a"));
        test.set("a", "other");
        test.set("b", "yet another");
        const bytes = Buffer.alloc(20, "?");
        t.equal(held.length, size);
        t.equal(held.read(size - 5, size + 5, bytes, 3), true);
        t.equal(bytes.latin1Slice(), `???xxxxx\0\0\0\0\0???????`);
        t.equal(held.read(size + 5, size + 10, bytes, 0), false);
        t.equal(bytes.latin1Slice(0, 6), "\0\0\0\0\0x");
      }
      t.equal(new HeldString(keyspace, null).length, 0);
    });
  });

  t.test(`parts, and what no chunk holds, on ${kind}`, async (t) => {
    const test = openTestKeyspace(t, kind);
    const { keyspace } = test;
    test.write(() => setRange(test, 3, Buffer.from("front")));
    test.write(() => t.equal(setRange(test, 3 * CHUNK_BYTES, Buffer.from("\x01")), 3 * CHUNK_BYTES + 1));
    test.read(() => {
      const entry = found(test, "a");
      t.equal(stringLength(entry), 3 * CHUNK_BYTES + 1);
      t.equal(entry.encoding, RAW);
      const part = Buffer.alloc(9, "?");
      copyString(keyspace, entry, 2, 10, part, 1);
      t.equal(part.latin1Slice(), "?\0front\0\0");
      copyString(keyspace, entry, 3 * CHUNK_BYTES - 2, 3 * CHUNK_BYTES + 1, part, 0);
      t.equal(part.latin1Slice(0, 4), "\0\0\x01r");
    });
    t.same(test.check().problems, []);
  });
}
