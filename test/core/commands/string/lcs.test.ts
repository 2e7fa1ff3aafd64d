import t from "tap";
import { RespError } from "../../../support/run.ts";
import {
  checkCommon,
  checkWrongType,
  NOT_AN_INTEGER,
  SYNTAX_ERROR,
  startStrings,
} from "../../../support/string-client.ts";

t.test("LCS", async (t) => {
  await checkCommon(t, ["LCS", "KEY", "KEY"], "");
  const error = new RespError("ERR The specified keys must contain string values");
  await checkWrongType(t, ["LCS", "KEY", "other"], error);
  await checkWrongType(t, ["LCS", "other", "KEY", "LEN"], error);
  const { run } = await startStrings(t);
  await run("MSET", "a", "ohmytext", "b", "mynewtext", "n", "123", "m", "x1y2z3");
  t.equal(await run("LCS", "a", "b"), "mytext");
  t.equal(await run("LCS", "a", "b", "len"), 6);
  t.equal(await run("LCS", "a", "nokey", "LEN"), 0);
  t.equal(await run("LCS", "n", "m"), "123");
  const first = [
    [4, 7],
    [5, 8],
  ];
  const second = [
    [2, 3],
    [0, 1],
  ];
  t.same(await run("LCS", "a", "b", "IDX"), ["matches", [first, second], "len", 6]);
  t.same(await run("LCS", "a", "b", "IDX", "MINMATCHLEN", 4, "WITHMATCHLEN"), ["matches", [[...first, 4]], "len", 6]);
  t.same(await run("LCS", "a", "b", "IDX", "MINMATCHLEN", -1), ["matches", [first, second], "len", 6]);
  await run("HELLO", 3);
  t.same(
    await run("LCS", "a", "b", "IDX", "MINMATCHLEN", 5),
    new Map<string, unknown>([
      ["matches", []],
      ["len", 6],
    ]),
  );
});

t.test("errors", async (t) => {
  const { run } = await startStrings(t);
  await run("MSET", "a", "abc", "b", "abd");
  t.same(await run("LCS", "a", "b", "FOO"), SYNTAX_ERROR);
  t.same(await run("LCS", "a", "b", "MINMATCHLEN"), SYNTAX_ERROR);
  t.same(await run("LCS", "a", "b", "MINMATCHLEN", "x"), NOT_AN_INTEGER);
  t.same(
    await run("LCS", "a", "b", "IDX", "LEN"),
    new RespError("ERR If you want both the length and indexes, please just use IDX."),
  );
});

t.test("large values", async (t) => {
  const { run } = await startStrings(t, { config: { "proto-max-bulk-len": 1 << 20 } });
  await run("SET", "a", "x".repeat(20_000));
  await run("SET", "b", "axbxc");
  t.equal(await run("LCS", "a", "b"), "xx");
  await run("SET", "b", "x".repeat(20));
  t.same(
    await run("LCS", "a", "b"),
    new RespError("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len"),
  );
});
