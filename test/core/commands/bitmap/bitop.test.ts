import t from "tap";
import { RespError } from "../../../support/run.ts";
import { CHUNK_BYTES, SYNTAX_ERROR, startStrings, WRONGTYPE, wrongArity } from "../../../support/string-client.ts";

t.test("BITOP", async (t) => {
  const { run, encoding, setDue } = await startStrings(t);
  await run("MSET", "a", "abcd", "b", "ab", "n", "15", "dest", "x");
  await run("EXPIRE", "dest", 100);
  t.equal(await run("BITOP", "AND", "dest", "a", "b"), 4);
  t.equal(await run("GET", "dest"), "ab\0\0");
  t.equal(await encoding("dest"), "raw");
  t.equal(await run("TTL", "dest"), -1);
  t.equal(await run("BITOP", "or", "dest", "a", "b", "nokey"), 4);
  t.equal(await run("GET", "dest"), "abcd");
  t.equal(await run("BITOP", "XOR", "a", "a", "b"), 4);
  t.equal(await run("GET", "a"), "\0\0cd", "a source may be the destination");
  t.equal(await run("BITOP", "NOT", "dest", "n"), 2);
  t.equal(await run("GET", "dest"), "\xce\xca");
  t.equal(await run("BITOP", "AND", "list", "b"), 2, "the destination's type does not matter");
  t.equal(await run("TYPE", "list"), "string");
  await setDue("due", "zzzz");
  t.equal(await run("BITOP", "OR", "dest", "due", "b"), 2, "a due source is empty");
  t.equal(await run("BITOP", "OR", "dest", "nokey", "nokey2"), 0);
  t.equal(await run("EXISTS", "dest"), 0, "an empty result deletes");
  await run("HELLO", 3);
  t.equal(await run("BITOP", "NOT", "dest", "b"), 2);
});

t.test("errors", async (t) => {
  const { run } = await startStrings(t);
  await run("SET", "a", "abc");
  t.same(await run("BITOP", "AND", "dest"), wrongArity("bitop"));
  t.same(await run("BITOP", "FOO", "dest", "a"), SYNTAX_ERROR);
  t.same(await run("BITOP", "AND", "dest", "a", "list"), WRONGTYPE);
  t.same(
    await run("BITOP", "NOT", "dest", "a", "a"),
    new RespError("ERR BITOP NOT must be called with a single source key."),
  );
  t.equal(await run("EXISTS", "dest"), 0);
});

t.test("values in chunks", async (t) => {
  const { run } = await startStrings(t);
  await run("SET", "a", Buffer.alloc(3 * CHUNK_BYTES + 5, 0x0f));
  await run("SET", "b", Buffer.alloc(CHUNK_BYTES + 1, 0xff));
  t.equal(await run("BITOP", "AND", "dest", "a", "b"), 3 * CHUNK_BYTES + 5);
  t.equal(await run("BITCOUNT", "dest"), (CHUNK_BYTES + 1) * 4);
  await run("BITOP", "OR", "dest", "b", "a");
  t.equal(await run("BITCOUNT", "dest"), (CHUNK_BYTES + 1) * 8 + (2 * CHUNK_BYTES + 4) * 4);
  await run("BITOP", "XOR", "dest", "a", "dest");
  t.equal(await run("BITCOUNT", "dest"), (CHUNK_BYTES + 1) * 4);
  await run("BITOP", "NOT", "a", "a");
  t.equal(await run("BITCOUNT", "a", 0, CHUNK_BYTES - 1), CHUNK_BYTES * 4);
  t.equal(await run("GETRANGE", "a", -2, -1), "\xf0\xf0");
  await run("SETRANGE", "sparse", 2 ** 29 - 1, "\x01");
  t.equal(await run("BITOP", "OR", "dest", "sparse", "a"), 2 ** 29);
  t.equal(await run("BITCOUNT", "dest"), (3 * CHUNK_BYTES + 5) * 4 + 1);
});

t.test("LSHIFT and RSHIFT", async (t) => {
  const { run } = await startStrings(t);
  const shifted = async (word: string, value: string, bits: number | bigint): Promise<unknown> => {
    await run("SET", "a", value);
    const length = await run("BITOP", word, "dest", "a", bits);
    const result = await run("GET", "dest");
    t.equal(length, result === null ? 0 : String(result).length);
    return result;
  };
  t.equal(await shifted("LSHIFT", "abcd", 0), "abcd");
  t.equal(await shifted("LSHIFT", "abcd", 8), "\0abcd");
  t.equal(await shifted("RSHIFT", "abcd", 8), "bcd", "byte 0 is the least significant one");
  t.equal(await shifted("lshift", "\x01", 1), "\x02\0");
  t.equal(await shifted("LSHIFT", "\x81", 1), "\x02\x01");
  t.equal(await shifted("RSHIFT", "\x02\x01", 1), "\x81\0");
  t.equal(await shifted("LSHIFT", "abcd", -16), "cd");
  t.equal(await shifted("RSHIFT", "abcd", -8), "\0abcd");
  t.equal(await shifted("RSHIFT", "abcd", 32), null);
  t.equal(await shifted("RSHIFT", "abcd", 1 << 30), null);
  t.equal(await shifted("LSHIFT", "abcd", -(1n << 63n)), null);
  t.equal(await run("BITOP", "LSHIFT", "dest", "nokey", 8), 1, "a missing source is empty");
  const value = Array.from({ length: 40_000 }, (_, i) => String.fromCharCode((i * 31) % 256)).join("");
  for (const bits of [0, 1, 7, 8, 13, CHUNK_BYTES * 8, CHUNK_BYTES * 8 + 3, 1_000_001]) {
    const up = String(await shifted("LSHIFT", value, bits));
    const back = String(await shifted("RSHIFT", up, bits));
    t.ok(
      back.slice(0, value.length) === value && /^\0*$/.test(back.slice(value.length)),
      `${bits} bits there and back`,
    );
  }
});

t.test("errors of the shifts", async (t) => {
  const { run } = await startStrings(t, { config: { "proto-max-bulk-len": 1 << 20 } });
  await run("SET", "a", "abc");
  const form = new RespError("ERR BITOP SHIFT must be called with a single source key and an integer shift.");
  t.same(await run("BITOP", "LSHIFT", "dest", "a"), form);
  t.same(await run("BITOP", "RSHIFT", "dest", "a", "b", 3), form);
  const integer = new RespError("ERR BITOP SHIFT's last parameter must be an integer");
  t.same(await run("BITOP", "LSHIFT", "dest", "a", "x"), integer);
  t.same(await run("BITOP", "LSHIFT", "dest", "a", 1n << 63n), integer);
  const large = new RespError("ERR BITOP SHIFT value is too large.");
  t.same(await run("BITOP", "LSHIFT", "dest", "a", 2 ** 30 + 1), large);
  t.same(await run("BITOP", "RSHIFT", "dest", "a", 2 ** 30 + 1), large);
  t.same(await run("BITOP", "RSHIFT", "dest", "a", -(2 ** 30) - 1), large);
  t.same(await run("BITOP", "LSHIFT", "dest", "list", 1), WRONGTYPE);
  t.same(
    await run("BITOP", "LSHIFT", "dest", "a", 2 ** 30),
    new RespError("ERR string exceeds maximum allowed size (proto-max-bulk-len)"),
  );
  t.equal(await run("EXISTS", "dest"), 0);
});
