import t from "tap";
import {
  CHUNK_BYTES,
  checkCommon,
  checkWrongType,
  INLINE_STRING_MAX,
  startStrings,
} from "../../../support/string-client.ts";

t.test("GET", async (t) => {
  await checkCommon(t, ["GET", "KEY"], null);
  await checkWrongType(t, ["GET", "KEY"]);
});

t.test("values of all sizes", async (t) => {
  const { run } = await startStrings(t);
  const sizes = [0, 1, 63, 64, INLINE_STRING_MAX, INLINE_STRING_MAX + 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES];
  for (const size of [...sizes, 1_000_000]) {
    const value = Buffer.alloc(size, "a\0\r\n\xff");
    await run("SET", "a", value);
    t.ok((await run("GET", "a")) === value.toString("latin1"), `${size} bytes`);
    t.equal(await run("STRLEN", "a"), size);
  }
});

t.test("hits and misses are counted", async (t) => {
  const { run } = await startStrings(t);
  const stats = async (): Promise<string[]> =>
    String(await run("INFO", "stats"))
      .split("\r\n")
      .filter((line) => line.startsWith("keyspace_"));
  await run("SET", "a", "1");
  await run("GET", "a");
  await run("GET", "nokey");
  await run("MGET", "a", "a", "nokey");
  await run("GETSET", "a", "2");
  await run("SET", "nokey2", "2", "GET");
  t.same(await stats(), ["keyspace_hits:4", "keyspace_misses:3"]);
});

t.test("a due key met inside a transaction is deleted", async (t) => {
  const { run, setDue } = await startStrings(t);
  await setDue("a", "1");
  await run("MULTI");
  await run("GET", "a");
  await run("SET", "b", "1");
  t.same(await run("EXEC"), [null, "OK"]);
  t.equal(await run("DBSIZE"), 2, "list and b");
});
