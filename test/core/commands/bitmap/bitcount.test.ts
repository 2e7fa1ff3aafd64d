import t from "tap";
import {
  CHUNK_BYTES,
  checkCommon,
  checkWrongType,
  NOT_AN_INTEGER,
  SYNTAX_ERROR,
  startStrings,
} from "../../../support/string-client.ts";

t.test("BITCOUNT", async (t) => {
  await checkCommon(t, ["BITCOUNT", "KEY"], 0);
  await checkCommon(t, ["BITCOUNT", "KEY", "x"], 0);
  await checkWrongType(t, ["BITCOUNT", "KEY"]);
  const { run } = await startStrings(t);
  await run("SET", "a", "foobar");
  for (const [range, wanted] of [
    ["", 26],
    ["0 0", 4],
    ["1 1", 6],
    ["1 1 byte", 6],
    ["5 30 BIT", 17],
    ["0 -1 BIT", 26],
    ["-2 -1", 7],
    ["-1 -2", 0],
    ["-100 -90", 4],
    ["-90 -100", 0],
    ["3 1", 0],
    ["100 200", 0],
    ["0 9223372036854775807 BIT", 26],
  ] as const) {
    t.equal(await run("BITCOUNT", "a", ...range.split(" ").filter(Boolean)), wanted, range);
  }
  await run("SET", "empty", "");
  t.equal(await run("BITCOUNT", "empty"), 0);
  t.equal(await run("BITCOUNT", "empty", 0, -1, "BIT"), 0);
});

t.test("errors", async (t) => {
  const { run } = await startStrings(t);
  await run("SET", "a", "foobar");
  t.same(await run("BITCOUNT", "a", 0), SYNTAX_ERROR);
  t.same(await run("BITCOUNT", "a", 0, 1, "FOO"), SYNTAX_ERROR);
  t.same(await run("BITCOUNT", "a", 0, 1, "BIT", "x"), SYNTAX_ERROR);
  t.same(await run("BITCOUNT", "a", "x", 1), NOT_AN_INTEGER);
  t.same(await run("BITCOUNT", "a", 0, "x", "FOO"), NOT_AN_INTEGER);
  t.equal(await run("BITCOUNT", "a", -1, -2, "FOO"), 0, "an inverted range hides a wrong unit");
});

t.test("across chunks", async (t) => {
  const { run } = await startStrings(t);
  await run("SET", "a", Buffer.alloc(3 * CHUNK_BYTES, 0xff));
  t.equal(await run("BITCOUNT", "a"), 3 * CHUNK_BYTES * 8);
  t.equal(await run("BITCOUNT", "a", CHUNK_BYTES - 1, CHUNK_BYTES), 16);
  t.equal(await run("BITCOUNT", "a", CHUNK_BYTES * 8 - 3, CHUNK_BYTES * 16 + 4, "BIT"), CHUNK_BYTES * 8 + 8);
  await run("SETRANGE", "a", 9 * CHUNK_BYTES, "\x01");
  t.equal(await run("BITCOUNT", "a"), 3 * CHUNK_BYTES * 8 + 1);
  t.equal(await run("BITCOUNT", "a", -1, -1), 1);
  t.equal(await run("BITCOUNT", "a", 4 * CHUNK_BYTES, 5 * CHUNK_BYTES), 0);
});
