import t from "tap";
import { RespError } from "../../../support/run.ts";
import {
  CHUNK_BYTES,
  checkCommon,
  checkWrongType,
  INLINE_STRING_MAX,
  NOT_AN_INTEGER,
  startStrings,
} from "../../../support/string-client.ts";

const TOO_LONG = new RespError("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
const OUT_OF_RANGE = new RespError("ERR offset is out of range");
const MAX = 512 * 1024 * 1024;

t.test("SETRANGE", async (t) => {
  await checkCommon(t, ["SETRANGE", "KEY", 2, "abc"], 5);
  await checkCommon(t, ["SETRANGE", "KEY", 2, ""], 0);
  await checkWrongType(t, ["SETRANGE", "KEY", 2, "abc"]);
  await checkWrongType(t, ["SETRANGE", "KEY", 2, ""]);
  const { run, encoding } = await startStrings(t);
  await run("SET", "a", "1234", "EX", 100);
  t.equal(await run("SETRANGE", "a", 10, ""), 4);
  t.equal(await encoding("a"), "int", "nothing was set");
  t.equal(await run("SETRANGE", "a", 1, "x"), 4);
  t.equal(await run("GET", "a"), "1x34");
  t.equal(await encoding("a"), "raw");
  t.equal(await run("TTL", "a"), 100);
  t.equal(await run("SETRANGE", "a", 6, "yz"), 8);
  t.equal(await run("GET", "a"), "1x34\0\0yz");
  t.equal(await run("SETRANGE", "new", 0, ""), 0);
  t.equal(await run("EXISTS", "new"), 0);
});

t.test("bounds", async (t) => {
  const { run } = await startStrings(t);
  t.same(await run("SETRANGE", "a", -1, "x"), OUT_OF_RANGE);
  t.same(await run("SETRANGE", "a", -(1n << 63n), "x"), OUT_OF_RANGE);
  t.same(await run("SETRANGE", "a", "x", "x"), NOT_AN_INTEGER);
  t.same(await run("SETRANGE", "a", 1n << 63n, "x"), NOT_AN_INTEGER);
  t.same(await run("SETRANGE", "a", (1n << 63n) - 1n, "x"), TOO_LONG);
  t.same(await run("SETRANGE", "a", MAX, "x"), TOO_LONG);
  t.same(await run("SETRANGE", "a", MAX - 2, "xyz"), TOO_LONG);
  t.equal(await run("SETRANGE", "a", (1n << 63n) - 1n, ""), 0);
  t.equal(await run("EXISTS", "a"), 0);
});

t.test("a sparse value of the longest length costs one chunk", async (t) => {
  const { run, worker } = await startStrings(t);
  t.equal(await run("SETRANGE", "a", MAX - 3, "end"), MAX);
  t.equal(await run("STRLEN", "a"), MAX);
  t.equal(await run("GETRANGE", "a", -5, -1), "\0\0end");
  t.equal(await run("GETRANGE", "a", 0, 2), "\0\0\0");
  t.equal(await run("BITPOS", "a", 1), (MAX - 3) * 8 + 1);
  await run("SETRANGE", "a", 3 * CHUNK_BYTES - 2, "across");
  t.equal(await run("GETRANGE", "a", 3 * CHUNK_BYTES - 4, 3 * CHUNK_BYTES + 5), "\0\0across\0\0");
  let chunks = 0;
  const { store } = worker;
  store.renewSnapshot();
  const cursor = store.openCursor();
  store.keyBuffer[0] = 2;
  for (let found = cursor.seek(1); found && cursor.key[0] === 2; found = cursor.next()) chunks++;
  cursor.close();
  store.releaseSnapshot();
  t.equal(chunks, 3);
});

t.test("every place at the edges of chunks", async (t) => {
  const { run } = await startStrings(t);
  for (const before of [0, 10, INLINE_STRING_MAX, INLINE_STRING_MAX + 1, CHUNK_BYTES, 2 * CHUNK_BYTES + 7]) {
    for (const offset of [0, 5, INLINE_STRING_MAX - 3, INLINE_STRING_MAX, CHUNK_BYTES - 3, CHUNK_BYTES, 40_000]) {
      for (const written of ["hello", "w".repeat(CHUNK_BYTES), "v".repeat(2 * CHUNK_BYTES + 1)]) {
        await run("SET", "a", "b".repeat(before));
        const old = "b".repeat(before).padEnd(offset, "\0");
        const wanted = old.slice(0, offset) + written + old.slice(offset + written.length);
        t.equal(await run("SETRANGE", "a", offset, written), wanted.length);
        t.ok((await run("GET", "a")) === wanted, `${written.length} bytes at ${offset} of ${before}`);
      }
    }
  }
});
