import t from "tap";
import { startGeo } from "../../../support/geo-client.ts";
import { checkCommon, checkWrongType } from "../../../support/string-client.ts";

t.test("GEOPOS and GEOHASH", async (t) => {
  await checkCommon(t, ["GEOPOS", "KEY", "a", "b"], [null, null]);
  await checkCommon(t, ["GEOHASH", "KEY", "a"], [null]);
  await checkWrongType(t, ["GEOPOS", "KEY", "a"]);
  await checkWrongType(t, ["GEOHASH", "KEY", "a"]);
  const { run } = await startGeo(t);
  t.same(await run("GEOHASH", "Sicily", "Palermo", "none", "Catania"), ["sqc8b49rny0", null, "sqdtr74hyu0"]);
  t.same(await run("GEOPOS", "Sicily", "Palermo", "none", "edge2"), [
    ["13.36138933897018433", "38.11555639549629859"],
    null,
    ["17.24151045083999634", "38.78813451624225195"],
  ]);
  await run("HELLO", "3");
  t.same(await run("GEOPOS", "Sicily", "Palermo"), [
    [{ double: "13.36138933897018433" }, { double: "38.11555639549629859" }],
  ]);
});

t.test("scores that are no places", async (t) => {
  const { run } = await startGeo(t);
  // Answers of redis-server 7.2.4.
  const scores = ["0.5", "-5", "1e300", "-inf", "inf", "9223372036854775807"];
  await run("ZADD", "odd", ...scores.flatMap((score) => [score, score]));
  t.same(await run("GEOPOS", "odd", ...scores), [
    ["-179.99999731779098511", "-85.05112751263942528"],
    ["180", "85.0511287799999991"],
    ["-179.99999731779098511", "-85.05112751263942528"],
    ["180", "-85.05112751263942528"],
    ["-179.99999731779098511", "-85.05112751263942528"],
    ["180", "-85.05112751263942528"],
  ]);
  t.same(await run("GEOHASH", "odd", ...scores), [
    "00bh0hbj200",
    "bp05b5048p0",
    "00bh0hbj200",
    "00bh0hbj200",
    "00bh0hbj200",
    "00bh0hbj200",
  ]);
});
