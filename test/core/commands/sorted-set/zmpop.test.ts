import t from "tap";
import { RespError } from "../../../support/run.ts";
import { checkCommon, checkWrongType, SYNTAX_ERROR } from "../../../support/string-client.ts";
import { FORMS, startZsets } from "../../../support/zset-client.ts";

t.test("ZMPOP", async (t) => {
  await checkCommon(t, ["ZMPOP", "1", "KEY", "MIN"], null);
  await checkWrongType(t, ["ZMPOP", "2", "none", "KEY", "MIN"]);
  const { run } = await startZsets(t);
  const numkeys = new RespError("ERR numkeys should be greater than 0");
  for (const count of ["0", "-1", "x"]) t.same(await run("ZMPOP", count, "z", "MIN"), numkeys);
  const count = new RespError("ERR count should be greater than 0");
  for (const bad of ["0", "-1", "x"]) t.same(await run("ZMPOP", "1", "z", "MIN", "COUNT", bad), count);
  for (const words of [
    ["2", "z", "MIN"],
    ["1", "z", "MID"],
    ["1", "z", "MIN", "COUNT"],
    ["1", "z", "MIN", "COUNT", "1", "COUNT", "2"],
    ["1", "z", "MIN", "LIMIT", "1"],
    ["9", "z", "MIN"],
  ]) {
    t.same(await run("ZMPOP", ...words), SYNTAX_ERROR);
  }
});

for (const [form, options] of FORMS) {
  t.test(`takes from the first ${form} set that has any`, async (t) => {
    const { run, fill, problems } = await startZsets(t, options);
    await fill("y", "a 1 b 2");
    await fill("z", "c 3 d 4 e 5");
    t.same(await run("ZMPOP", 3, "x", "y", "z", "MAX"), ["y", [["b", "2"]]]);
    t.same(await run("ZMPOP", 2, "y", "z", "min", "count", 5), ["y", [["a", "1"]]]);
    await run("HELLO", "3");
    const two = [
      ["e", { double: "5" }],
      ["d", { double: "4" }],
    ];
    t.same(await run("ZMPOP", 2, "y", "z", "MAX", "COUNT", 2), ["z", two]);
    t.same(problems(), []);
  });
}
