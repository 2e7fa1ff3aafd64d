import t from "tap";
import { startGeo } from "../../../support/geo-client.ts";
import { RespError } from "../../../support/run.ts";
import { checkCommon, checkWrongType, SYNTAX_ERROR } from "../../../support/string-client.ts";

t.test("GEODIST", async (t) => {
  await checkCommon(t, ["GEODIST", "KEY", "a", "b"], null);
  await checkWrongType(t, ["GEODIST", "KEY", "a", "b"]);
  const { run } = await startGeo(t);
  const distance = (...unit: string[]): Promise<unknown> => run("GEODIST", "Sicily", "Palermo", "Catania", ...unit);
  t.equal(await distance(), "166274.1516");
  t.equal(await distance("m"), "166274.1516");
  t.equal(await distance("KM"), "166.2742");
  t.equal(await distance("ft"), "545518.8700");
  t.equal(await distance("mi"), "103.3182");
  t.equal(await run("GEODIST", "Sicily", "Palermo", "Palermo"), "0.0000");
  t.equal(await run("GEODIST", "Sicily", "Palermo", "none"), null);
  t.same(await distance("x"), new RespError("ERR unsupported unit provided. please use M, KM, FT, MI"));
  t.same(await distance("m", "m"), SYNTAX_ERROR);
});
