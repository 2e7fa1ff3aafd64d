import t from "tap";
import { RespError } from "../../../support/run.ts";
import {
  CHUNK_BYTES,
  checkCommon,
  checkWrongType,
  INLINE_STRING_MAX,
  startStrings,
} from "../../../support/string-client.ts";

const OFFSET_ERROR = new RespError("ERR bit offset is not an integer or out of range");
const BIT_ERROR = new RespError("ERR bit is not an integer or out of range");

t.test("SETBIT", async (t) => {
  await checkCommon(t, ["SETBIT", "KEY", 5, 1], 0);
  await checkWrongType(t, ["SETBIT", "KEY", 5, 1]);
  const { run, encoding } = await startStrings(t);
  await run("SET", "a", "1", "EX", 100);
  t.equal(await run("SETBIT", "a", 6, 1), 0);
  t.equal(await run("GET", "a"), "3");
  t.equal(await encoding("a"), "raw");
  t.equal(await run("TTL", "a"), 100);
  t.equal(await run("SETBIT", "a", 6, 0), 1);
  t.equal(await run("GET", "a"), "1");
  t.equal(await run("SETBIT", "new", 17, 0), 0);
  t.equal(await run("GET", "new"), "\0\0\0");
  for (const offset of ["-1", "x", "4294967296", "", "#1"]) {
    t.same(await run("SETBIT", "a", offset, 1), OFFSET_ERROR, offset);
  }
  for (const bit of ["2", "-1", "x", "", "1.0", 1n << 63n])
    t.same(await run("SETBIT", "a", 0, bit), BIT_ERROR, String(bit));
});

t.test("no change is not seen by WATCH, but the encoding tells", async (t) => {
  const { run, encoding } = await startStrings(t);
  await run("SET", "a", "1");
  await run("WATCH", "a");
  t.equal(await run("SETBIT", "a", 7, 1), 1);
  t.equal(await encoding("a"), "raw");
  await run("MULTI");
  await run("GET", "a");
  t.same(await run("EXEC"), ["1"]);
  await run("WATCH", "a");
  await run("SETBIT", "a", 8, 0);
  await run("MULTI");
  await run("GET", "a");
  t.equal(await run("EXEC"), null, "growing is a change");
});

t.test("grows into chunks, up to the last bit", async (t) => {
  const { run } = await startStrings(t);
  const bytes = [
    0,
    INLINE_STRING_MAX - 1,
    INLINE_STRING_MAX,
    CHUNK_BYTES - 1,
    CHUNK_BYTES,
    10 * CHUNK_BYTES,
    2 ** 29 - 1,
  ];
  for (const byte of bytes) {
    for (const bit of [0, 7]) {
      t.equal(await run("SETBIT", "a", byte * 8 + bit, 1), 0);
      t.equal(await run("SETBIT", "a", byte * 8 + bit, 1), 1);
    }
    t.equal(await run("STRLEN", "a"), byte + 1);
  }
  t.equal(await run("BITCOUNT", "a"), bytes.length * 2);
});
