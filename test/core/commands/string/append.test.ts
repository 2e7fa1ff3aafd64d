import t from "tap";
import { RespError } from "../../../support/run.ts";
import {
  CHUNK_BYTES,
  checkCommon,
  checkWrongType,
  INLINE_STRING_MAX,
  startStrings,
} from "../../../support/string-client.ts";

const TOO_LONG = new RespError("ERR string exceeds maximum allowed size (proto-max-bulk-len)");

t.test("APPEND", async (t) => {
  await checkCommon(t, ["APPEND", "KEY", "abc"], 3);
  await checkWrongType(t, ["APPEND", "KEY", "abc"]);
  const { run, encoding } = await startStrings(t);
  t.equal(await run("APPEND", "a", "12"), 2);
  t.equal(await encoding("a"), "int");
  t.equal(await run("APPEND", "a", "3"), 3);
  t.equal(await encoding("a"), "raw");
  t.equal(await run("GET", "a"), "123");
  t.equal(await run("APPEND", "new", ""), 0);
  t.equal(await run("EXISTS", "new"), 1, "an empty string is created");
  await run("SET", "n", "5", "EX", 100);
  t.equal(await run("APPEND", "n", ""), 1);
  t.equal(await encoding("n"), "raw");
  t.equal(await run("TTL", "n"), 100);
  await run("APPEND", "n", "6");
  t.equal(await run("TTL", "n"), 100);
});

t.test("from the record into chunks and on", async (t) => {
  const { run } = await startStrings(t);
  let wanted = "";
  for (const size of [INLINE_STRING_MAX, 1, CHUNK_BYTES - INLINE_STRING_MAX - 1, 1, CHUNK_BYTES, 3 * CHUNK_BYTES, 5]) {
    const more = String.fromCharCode(97 + (size % 26)).repeat(size);
    wanted += more;
    t.equal(await run("APPEND", "a", more), wanted.length);
    t.ok((await run("GET", "a")) === wanted, `${wanted.length} bytes`);
  }
  t.equal(await run("APPEND", "a", ""), wanted.length);
  t.ok((await run("GET", "a")) === wanted);
});

t.test("the longest string", async (t) => {
  const { run } = await startStrings(t, { config: { "proto-max-bulk-len": 1 << 20 } });
  await run("SET", "a", "x".repeat(1 << 20));
  t.same(await run("APPEND", "a", "y"), TOO_LONG);
  t.equal(await run("APPEND", "a", ""), 1 << 20);
});

t.test("an empty addition counts as a change", async (t) => {
  const { run } = await startStrings(t);
  await run("SET", "a", "1");
  await run("WATCH", "a");
  await run("APPEND", "a", "");
  await run("MULTI");
  await run("PING");
  t.equal(await run("EXEC"), null);
});
