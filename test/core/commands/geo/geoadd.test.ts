import t from "tap";
import { startGeo } from "../../../support/geo-client.ts";
import { RespError } from "../../../support/run.ts";
import { checkCommon, checkWrongType, SYNTAX_ERROR } from "../../../support/string-client.ts";
import { FORMS } from "../../../support/zset-client.ts";

t.test("GEOADD", async (t) => {
  await checkCommon(t, ["GEOADD", "KEY", "13", "38", "a"], 1);
  await checkWrongType(t, ["GEOADD", "KEY", "13", "38", "a"]);
});

for (const [form, options] of FORMS) {
  t.test(`scores and conditions in a ${form} set`, async (t) => {
    const { run, show, problems } = await startGeo(t, options);
    // Of redis-server 7.2.4.
    const scores = "Palermo 3479099956230698 edge1 3479273021651468 Catania 3479447370796909 edge2 3481342659049484";
    t.equal(await show("Sicily"), scores);
    t.equal(await run("GEOADD", "Sicily", "NX", "0", "0", "Palermo", "1", "1", "new"), 1);
    t.equal(await run("GEOADD", "Sicily", "XX", "CH", "2", "2", "new", "1", "1", "none"), 1);
    t.equal(await run("GEOADD", "map", "180", "85.05112878", "a", "-180", "-85.05112878", "b"), 2);
    t.equal(await run("ZSCORE", "map", "b"), "0");
    t.same(problems(), []);
  });
}

t.test("refused arguments change nothing", async (t) => {
  const { run } = await startGeo(t);
  const off = (pair: string): RespError => new RespError(`ERR invalid longitude,latitude pair ${pair}`);
  t.same(await run("GEOADD", "g", "181", "0", "a"), off("181.000000,0.000000"));
  t.same(await run("GEOADD", "g", "1", "2", "a", "-0", "-86", "b"), off("-0.000000,-86.000000"));
  t.same(await run("GEOADD", "g", "inf", "1e22", "a"), off("inf,10000000000000000000000.000000"));
  t.same(await run("GEOADD", "g", "x", "0", "a"), new RespError("ERR value is not a valid float"));
  t.same(await run("GEOADD", "g", "1", "2"), new RespError("ERR wrong number of arguments for 'geoadd' command"));
  t.same(await run("GEOADD", "g", "1", "2", "a", "3"), SYNTAX_ERROR);
  t.same(await run("GEOADD", "g", "NX", "XX", "1", "2", "a"), SYNTAX_ERROR);
  t.same(await run("GEOADD", "g", "NX", "CH", "CH"), SYNTAX_ERROR);
  t.equal(await run("EXISTS", "g"), 0);
});
