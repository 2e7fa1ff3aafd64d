import t from "tap";
import { startGeo } from "../../../support/geo-client.ts";
import { RespError } from "../../../support/run.ts";
import { checkCommon, checkWrongType, SYNTAX_ERROR } from "../../../support/string-client.ts";
import { FORMS } from "../../../support/zset-client.ts";

t.test("GEOSEARCH and GEOSEARCHSTORE", async (t) => {
  const shape = ["FROMLONLAT", "15", "37", "BYRADIUS", "200", "km"];
  await checkCommon(t, ["GEOSEARCH", "KEY", ...shape], []);
  await checkCommon(t, ["GEOSEARCHSTORE", "target", "KEY", ...shape], 0);
  await checkWrongType(t, ["GEOSEARCH", "KEY", ...shape]);
  await checkWrongType(t, ["GEOSEARCHSTORE", "target", "KEY", ...shape]);
});

t.test("refused arguments", async (t) => {
  const { run } = await startGeo(t);
  const search = (...words: string[]): Promise<unknown> => run("geoSearch", "Sicily", ...words);
  const error = (text: string): RespError => new RespError(`ERR ${text}`);
  const from = ["FROMLONLAT", "15", "37"];
  const by = ["BYRADIUS", "1", "m"];
  t.same(
    await search(...by, "ASC", "ASC"),
    error("exactly one of FROMMEMBER or FROMLONLAT can be specified for geoSearch"),
  );
  t.same(
    await search(...from, "ASC", "ASC"),
    error("exactly one of BYRADIUS and BYBOX can be specified for geoSearch"),
  );
  t.same(await search(...from, "FROMMEMBER", "Palermo", ...by), SYNTAX_ERROR);
  t.same(await search(...from, ...by, "BYBOX", "1", "1", "m"), SYNTAX_ERROR);
  t.same(await search(...from, ...by, "STOREDIST"), SYNTAX_ERROR);
  t.same(await search("FROMMEMBER", "none", ...by), error("could not decode requested zset member"));
  t.same(await search(...from, "BYRADIUS", "x", "m"), error("need numeric radius"));
  t.same(await search(...from, "BYRADIUS", "-1", "m"), error("radius cannot be negative"));
  t.same(await search(...from, "BYBOX", "x", "1", "m"), error("need numeric width"));
  t.same(await search(...from, "BYBOX", "1", "x", "m"), error("need numeric height"));
  t.same(await search(...from, "BYBOX", "1", "-1", "m"), error("height or width cannot be negative"));
  t.same(await search(...from, ...by, "COUNT", "0"), error("COUNT must be > 0"));
  t.same(await search(...from, ...by, "ANY"), error("the ANY argument requires COUNT argument"));
  t.same(
    await run("GEOSEARCHSTORE", "target", "Sicily", ...from, ...by, "WITHDIST"),
    error("GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options"),
  );
});

for (const [form, options] of FORMS) {
  t.test(`searches a ${form} set`, async (t) => {
    const { run, problems } = await startGeo(t, options);
    const search = (...words: string[]): Promise<unknown> => run("GEOSEARCH", "Sicily", ...words);
    const from = ["FROMLONLAT", "15", "37"];
    t.same(await search(...from, "BYBOX", "400", "400", "km", "ASC"), ["Catania", "Palermo", "edge2", "edge1"]);
    t.same(await search(...from, "BYRADIUS", "200", "km", "DESC"), ["Palermo", "Catania"]);
    t.same(await search("FROMMEMBER", "Palermo", "BYRADIUS", "0", "m"), ["Palermo"]);
    t.same(await search(...from, "BYRADIUS", "30000", "km", "COUNT", "2"), ["Catania", "Palermo"]);
    t.equal(((await search(...from, "BYRADIUS", "30000", "km", "COUNT", "3", "ANY")) as unknown[]).length, 3);
    t.same(await search(...from, "BYRADIUS", "200", "km", "COUNT", "1", "WITHCOORD", "WITHDIST", "WITHHASH"), [
      ["Catania", "56.4413", 3479447370796909, ["15.08726745843887329", "37.50266842333162032"]],
    ]);
    await run("HELLO", "3");
    t.same(await search(...from, "BYRADIUS", "100", "km", "WITHCOORD"), [
      ["Catania", [{ double: "15.08726745843887329" }, { double: "37.50266842333162032" }]],
    ]);
    t.same(problems(), []);
  });

  t.test(`stores what it finds in a ${form} set`, async (t) => {
    const { run, show, problems } = await startGeo(t, options);
    const shape = ["FROMLONLAT", "15", "37", "BYRADIUS", "200", "km"];
    t.equal(await run("GEOSEARCHSTORE", "target", "Sicily", ...shape), 2);
    t.equal(await show("target"), "Palermo 3479099956230698 Catania 3479447370796909");
    t.equal(await run("GEOSEARCHSTORE", "target", "Sicily", ...shape, "STOREDIST"), 2);
    t.equal(await show("target"), "Catania 56.4412578701582 Palermo 190.44242984775784");
    t.equal(await run("GEOSEARCHSTORE", "target", "Sicily", "FROMLONLAT", "0", "0", "BYRADIUS", "1", "m"), 0);
    t.equal(await run("EXISTS", "target"), 0);
    t.same(problems(), []);
  });
}

t.test("no place is missed, whatever the size of the shape", async (t) => {
  const { run } = await startGeo(t);
  const places = Array.from({ length: 2000 }, (_, i) => [
    ((i * 73) % 3600) / 10 - 180,
    ((i * 37) % 1600) / 10 - 80,
    `p${i}`,
  ]);
  await run("GEOADD", "map", ...places.flat());
  for (const [longitude, latitude] of [
    [0, 0],
    [179.9, 10],
    [-60, 79],
    [100, -70],
  ] as const) {
    const all = (await run(
      ...["GEOSEARCH", "map", "FROMLONLAT", longitude, latitude, "BYRADIUS", 6000, "km", "WITHDIST", "ASC"],
    )) as [string, string][];
    for (const radius of [100, 1000, 3000]) {
      const found = await run("GEOSEARCH", "map", "FROMLONLAT", longitude, latitude, "BYRADIUS", radius, "km", "ASC");
      const near = all.filter(([, distance]) => Number(distance) <= radius).map(([member]) => member);
      t.same([...(found as string[])].sort(), near.sort(), `${longitude} ${latitude} ${radius}`);
    }
  }
});
