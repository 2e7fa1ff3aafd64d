import t from "tap";
import { checkCommon, checkWrongType } from "../../../support/string-client.ts";
import { FORMS, startZsets } from "../../../support/zset-client.ts";

t.test("ZSCORE and ZMSCORE", async (t) => {
  await checkCommon(t, ["ZSCORE", "KEY", "a"], null);
  await checkCommon(t, ["ZMSCORE", "KEY", "a", "b"], [null, null]);
  await checkWrongType(t, ["ZSCORE", "KEY", "a"]);
  await checkWrongType(t, ["ZMSCORE", "KEY", "a"]);
});

for (const [form, options] of FORMS) {
  t.test(`scores of a ${form} set`, async (t) => {
    const { run, fill } = await startZsets(t, options);
    await fill("z", "a 1.5 b 9007199254740993 c 0.1 d 1e300 e -3");
    t.equal(await run("ZSCORE", "z", "c"), "0.1");
    t.equal(await run("ZSCORE", "z", "none"), null);
    t.same(await run("ZMSCORE", "z", "b", "none", "d", "e"), ["9007199254740992", null, "1e+300", "-3"]);
    await run("HELLO", "3");
    t.same(await run("ZMSCORE", "z", "a", "none"), [{ double: "1.5" }, null]);
  });
}
