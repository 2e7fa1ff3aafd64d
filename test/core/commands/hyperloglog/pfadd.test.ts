import t from "tap";
import { RespError, startClient } from "../../../support/run.ts";

const NOT_AN_HLL = new RespError("WRONGTYPE Key is not a valid HyperLogLog string value.");
const CORRUPT = new RespError("INVALIDOBJ Corrupted HLL object detected");

t.test("PFADD and PFCOUNT", async (t) => {
  const { run } = await startClient(t);
  t.equal(await run("PFADD", "h"), 1, "made empty");
  t.equal(await run("PFADD", "h"), 0);
  t.equal(await run("PFCOUNT", "h"), 0);
  t.equal(await run("PFADD", "h", "a", "b", "c"), 1);
  t.equal(await run("PFADD", "h", "a", ""), 1, "the empty element is one");
  t.equal(await run("PFADD", "h", "a", "b"), 0);
  t.equal(await run("PFCOUNT", "h"), 4);
  t.equal(await run("PFCOUNT", "missing"), 0);
  await run("PFADD", "i", "c", "d");
  t.equal(await run("PFCOUNT", "h", "i", "missing"), 5);
  t.match((await run("PFADD")) as RespError, /wrong number of arguments for 'pfadd'/);
  await run("LPUSH", "list", "x");
  t.match((await run("PFADD", "list", "x")) as RespError, /WRONGTYPE Operation/);
});

t.test("the bytes are those of Redis", async (t) => {
  const { run } = await startClient(t);
  await run("PFADD", "h", "a", "b", "c");
  // Recorded of Redis 7.2.4.
  const recorded = "48594c4c01000000000000000000008060f38050b1844bfb80425a";
  t.equal(Buffer.from(String(await run("GET", "h")), "latin1").toString("hex"), recorded);
  t.equal(await run("GETRANGE", "h", "15", "15"), "\x80", "the cardinality is not cached");
  await run("PFCOUNT", "h");
  t.equal(await run("GETRANGE", "h", "8", "15"), "\x03\0\0\0\0\0\0\0");
  await run("PFADD", "h", "a");
  t.equal(await run("GETRANGE", "h", "15", "15"), "\0");
  await run("PFADD", "h", "z");
  t.equal(await run("GETRANGE", "h", "15", "15"), "\x80");
});

t.test("PFCOUNT among other reads needs no lock", async (t) => {
  const { run } = await startClient(t);
  await run("PFADD", "h", "a", "b");
  await run("MULTI");
  await run("PFCOUNT", "h");
  t.same(await run("EXEC"), [2]);
});

t.test("estimates through both forms", async (t) => {
  const { run } = await startClient(t, { store: "lmdb" });
  for (let i = 0; i < 20000; i += 500) {
    await run("PFADD", "h", ...Array.from({ length: 500 }, (_, k) => `element ${i + k}`));
    const count = (await run("PFCOUNT", "h")) as number;
    t.ok(Math.abs(count - i - 500) < 0.05 * (i + 500), `${count} for ${i + 500}`);
  }
  t.equal(await run("PFDEBUG", "ENCODING", "h"), "dense");
  t.equal(await run("STRLEN", "h"), 12304);
  t.equal(await run("PFADD", "h", "element 1"), 0);
});

t.test("broken values", async (t) => {
  const { run } = await startClient(t);
  for (const value of ["5", "hello", `HYLL\x05${"\0".repeat(11)}`, `HYLL\0${"\0".repeat(30)}`, "HYLL"]) {
    await run("SET", "h", Buffer.from(value, "latin1"));
    t.same(await run("PFADD", "h", "x"), NOT_AN_HLL);
    t.same(await run("PFCOUNT", "h"), NOT_AN_HLL);
    t.same(await run("PFCOUNT", "h", "i"), NOT_AN_HLL);
    t.same(await run("PFMERGE", "i", "h"), NOT_AN_HLL);
  }
  await run("DEL", "h");
  await run("PFADD", "h", "a", "b");
  await run("APPEND", "h", "\x01");
  t.same(await run("PFCOUNT", "h"), CORRUPT);
  t.same(await run("PFCOUNT", "h", "i"), CORRUPT);
  t.same(await run("PFDEBUG", "GETREG", "h"), CORRUPT);
  await run("SET", "h", Buffer.from(`HYLL\x01${"\0".repeat(10)}\x80`, "latin1"));
  t.same(await run("PFADD", "h", "x"), CORRUPT);
});
