import t from "tap";
import { RespError } from "../../../support/run.ts";
import { CHUNK_BYTES, checkCommon, checkWrongType, startStrings } from "../../../support/string-client.ts";

const OFFSET_ERROR = new RespError("ERR bit offset is not an integer or out of range");

t.test("GETBIT", async (t) => {
  await checkCommon(t, ["GETBIT", "KEY", 3], 0);
  await checkWrongType(t, ["GETBIT", "KEY", 0]);
  const { run } = await startStrings(t);
  await run("SET", "a", Buffer.from([0x81, 0x01]));
  const bits = await Promise.all(Array.from({ length: 20 }, (_, i) => run("GETBIT", "a", i)));
  t.equal(bits.join(""), "10000001000000010000");
  t.equal(await run("GETBIT", "a", 4294967295), 0);
  for (const offset of ["-1", "x", "1.5", "4294967296", "", "#1", (1n << 63n) - 1n]) {
    t.same(await run("GETBIT", "a", offset), OFFSET_ERROR, String(offset));
  }
  await run("SET", "n", 1);
  t.equal(await run("GETBIT", "n", 7), 1, "an integer is its text");
});

t.test("in chunks, and where there are none", async (t) => {
  const { run } = await startStrings(t);
  await run("SETRANGE", "a", 5 * CHUNK_BYTES, "\x80");
  for (const byte of [0, CHUNK_BYTES - 1, CHUNK_BYTES, 5 * CHUNK_BYTES - 1]) {
    t.equal(await run("GETBIT", "a", byte * 8), 0, String(byte));
  }
  t.equal(await run("GETBIT", "a", 5 * CHUNK_BYTES * 8), 1);
  t.equal(await run("GETBIT", "a", 5 * CHUNK_BYTES * 8 + 8), 0);
});
