import t from "tap";
import { RespError } from "../../../support/run.ts";
import { checkCommon, checkWrongType } from "../../../support/string-client.ts";
import { FORMS, startZsets } from "../../../support/zset-client.ts";

t.test("ZCOUNT and ZLEXCOUNT", async (t) => {
  await checkCommon(t, ["ZCOUNT", "KEY", "-inf", "+inf"], 0);
  await checkCommon(t, ["ZLEXCOUNT", "KEY", "-", "+"], 0);
  await checkWrongType(t, ["ZCOUNT", "KEY", "0", "1"]);
  await checkWrongType(t, ["ZLEXCOUNT", "KEY", "-", "+"]);
  const { run } = await startZsets(t);
  const noFloat = new RespError("ERR min or max is not a float");
  for (const bound of ["x", "nan", "(x", "1x"]) t.same(await run("ZCOUNT", "list", bound, "1"), noFloat);
  const noItem = new RespError("ERR min or max not valid string range item");
  for (const bound of ["a", "", "-a", "+x"]) t.same(await run("ZLEXCOUNT", "list", "-", bound), noItem);
});

for (const [form, options] of FORMS) {
  t.test(`counts in a ${form} set`, async (t) => {
    const { run, fill } = await startZsets(t, options);
    await fill("z", "a 1 b 2 c 2 d 3 e inf");
    for (const [min, max, count] of [
      ["1", "2", 3],
      ["(1", "2", 2],
      ["1", "(2", 1],
      ["(2", "(3", 0],
      ["3", "1", 0],
      ["-inf", "+inf", 5],
      ["-inf", "(inf", 4],
      ["", "(", 0],
      [" 2", "2", 2],
    ] as const) {
      t.equal(await run("ZCOUNT", "z", min, max), count, `${min} ${max}`);
    }
    await fill("l", "a 0 aa 0 b 0 ba 0 c 0");
    for (const [min, max, count] of [
      ["-", "+", 5],
      ["[a", "[b", 3],
      ["(a", "(b", 1],
      ["[aa", "+", 4],
      ["+", "-", 0],
      ["-", "-", 0],
      ["[b", "[b", 1],
      ["(b", "[b", 0],
      ["[", "[zz", 5],
    ] as const) {
      t.equal(await run("ZLEXCOUNT", "l", min, max), count, `${min} ${max}`);
    }
  });
}
