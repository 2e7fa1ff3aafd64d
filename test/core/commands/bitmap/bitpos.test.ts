import t from "tap";
import { RespError } from "../../../support/run.ts";
import {
  CHUNK_BYTES,
  checkCommon,
  checkWrongType,
  NOT_AN_INTEGER,
  SYNTAX_ERROR,
  startStrings,
} from "../../../support/string-client.ts";

t.test("BITPOS", async (t) => {
  await checkCommon(t, ["BITPOS", "KEY", 0], 0);
  await checkCommon(t, ["BITPOS", "KEY", 1], -1);
  await checkCommon(t, ["BITPOS", "KEY", 0, 5, 9], 0);
  await checkWrongType(t, ["BITPOS", "KEY", 0]);
  const { run } = await startStrings(t);
  await run("SET", "a", "\x00\xff\xf0");
  await run("SET", "ones", "\xff\xff\xff");
  await run("SET", "empty", "");
  for (const [args, wanted] of [
    ["a 1", 8],
    ["a 0", 0],
    ["a 0 1", 20],
    ["a 1 2", 16],
    ["a 1 0 0", -1],
    ["a 1 -1", 16],
    ["a 0 1 1", -1],
    ["a 1 7 15 BIT", 8],
    ["a 0 8 19 BIT", -1],
    ["a 0 8 -1 bit", 20],
    ["a 1 20 23 BIT", -1],
    ["a 1 3 2", -1],
    ["a 1 50", -1],
    ["ones 0", 24],
    ["ones 0 1", 24],
    ["ones 0 0 -1", -1],
    ["ones 0 0 -1 BIT", -1],
    ["ones 0 5", -1],
    ["empty 0", -1],
    ["empty 1 0 -1 BIT", -1],
  ] as const) {
    t.equal(await run("BITPOS", ...args.split(" ")), wanted, args);
  }
});

t.test("errors", async (t) => {
  const { run } = await startStrings(t);
  await run("SET", "a", "abc");
  t.same(await run("BITPOS", "a", 2), new RespError("ERR The bit argument must be 1 or 0."));
  t.same(await run("BITPOS", "a", "x"), NOT_AN_INTEGER);
  t.same(await run("BITPOS", "a", 1, "x"), NOT_AN_INTEGER);
  t.same(await run("BITPOS", "a", 1, 0, "x"), NOT_AN_INTEGER);
  t.same(await run("BITPOS", "a", 1, 0, 1, "FOO"), SYNTAX_ERROR);
  t.same(await run("BITPOS", "a", 1, 0, 1, "BIT", "x"), SYNTAX_ERROR);
});

t.test("across chunks, and where there are none", async (t) => {
  const { run } = await startStrings(t);
  await run("SETRANGE", "a", 5 * CHUNK_BYTES + 3, "\x10");
  t.equal(await run("BITPOS", "a", 1), (5 * CHUNK_BYTES + 3) * 8 + 3);
  t.equal(await run("BITPOS", "a", 0, CHUNK_BYTES + 1), (CHUNK_BYTES + 1) * 8);
  await run("SET", "b", Buffer.alloc(2 * CHUNK_BYTES, 0xff));
  t.equal(await run("BITPOS", "b", 0), 2 * CHUNK_BYTES * 8);
  t.equal(await run("BITPOS", "b", 0, 0, -1), -1);
  await run("SETBIT", "b", CHUNK_BYTES * 8 - 1, 0);
  t.equal(await run("BITPOS", "b", 0), CHUNK_BYTES * 8 - 1);
  t.equal(await run("BITPOS", "b", 0, CHUNK_BYTES), 2 * CHUNK_BYTES * 8);
  await run("SETRANGE", "b", 4 * CHUNK_BYTES, "\xff");
  t.equal(await run("BITPOS", "b", 0, CHUNK_BYTES), 2 * CHUNK_BYTES * 8, "a hole");
});
