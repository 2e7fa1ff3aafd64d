import t from "tap";
import { RespError } from "../../../support/run.ts";
import { checkCommon, checkWrongType, SYNTAX_ERROR } from "../../../support/string-client.ts";
import { FORMS, startZsets } from "../../../support/zset-client.ts";

const POSITIVE = new RespError("ERR value is out of range, must be positive");

t.test("ZPOPMIN and ZPOPMAX", async (t) => {
  for (const name of ["ZPOPMIN", "ZPOPMAX"]) {
    await checkCommon(t, [name, "KEY"], []);
    await checkCommon(t, [name, "KEY", "3"], []);
    await checkWrongType(t, [name, "KEY"]);
    await checkWrongType(t, [name, "KEY", "0"]);
    const { run } = await startZsets(t);
    for (const count of ["-1", "x", "1.5"]) t.same(await run(name, "z", count), POSITIVE);
    t.same(await run(name, "z", "1", "1"), SYNTAX_ERROR);
  }
});

for (const [form, options] of FORMS) {
  t.test(`takes from the ends of a ${form} set`, async (t) => {
    const { run, fill, show, problems } = await startZsets(t, options);
    await fill("z", "a 1 b 2 c 3 d 4 e 5 f 6");
    t.same(await run("ZPOPMIN", "z"), ["a", "1"]);
    t.same(await run("ZPOPMAX", "z", "2"), ["f", "6", "e", "5"]);
    t.same(await run("ZPOPMAX", "z", "0"), []);
    await run("HELLO", "3");
    t.same(await run("ZPOPMIN", "z"), ["b", { double: "2" }]);
    t.same(await run("ZPOPMIN", "z", "1"), [["c", { double: "3" }]]);
    t.same(problems(), []);
    t.same(await run("ZPOPMAX", "z", "10"), [["d", { double: "4" }]]);
    t.equal(await run("EXISTS", "z"), 0);
    await run("HELLO", "2");
    await fill("z", "x 1");
    t.equal(await show("z"), "x 1");
    t.same(problems(), []);
  });
}
