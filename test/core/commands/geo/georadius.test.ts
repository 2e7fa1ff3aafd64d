import t from "tap";
import { startGeo } from "../../../support/geo-client.ts";
import { RespError } from "../../../support/run.ts";
import { checkCommon, checkWrongType, SYNTAX_ERROR } from "../../../support/string-client.ts";

t.test("GEORADIUS, GEORADIUSBYMEMBER and their read-only forms", async (t) => {
  for (const name of ["GEORADIUS", "GEORADIUS_RO"]) {
    await checkCommon(t, [name, "KEY", "15", "37", "200", "km"], []);
    await checkWrongType(t, [name, "KEY", "15", "37", "200", "km"]);
  }
  for (const name of ["GEORADIUSBYMEMBER", "GEORADIUSBYMEMBER_RO"]) {
    await checkCommon(t, [name, "KEY", "a", "200", "km"], []);
    await checkWrongType(t, [name, "KEY", "a", "200", "km"]);
  }
  await checkCommon(t, ["GEORADIUS", "KEY", "15", "37", "200", "km", "STORE", "target"], 0);
});

t.test("searches and stores", async (t) => {
  const { run, show, problems } = await startGeo(t);
  t.same(await run("GEORADIUS", "Sicily", "15", "37", "200", "km", "ASC"), ["Catania", "Palermo"]);
  t.same(await run("GEORADIUS_RO", "Sicily", "15", "37", "200", "km", "WITHDIST", "DESC"), [
    ["Palermo", "190.4424"],
    ["Catania", "56.4413"],
  ]);
  t.same(await run("GEORADIUSBYMEMBER", "Sicily", "Catania", "300", "km", "COUNT", "1", "DESC"), ["edge1"]);
  t.same(await run("GEORADIUSBYMEMBER_RO", "Sicily", "Palermo", "1", "m"), ["Palermo"]);
  t.equal(await run("GEORADIUS", "Sicily", "15", "37", "200", "km", "STORE", "a", "STOREDIST", "target"), 2);
  t.equal(await run("EXISTS", "a"), 0, "the last one counts");
  t.equal(await show("target"), "Catania 56.4412578701582 Palermo 190.44242984775784");
  t.equal(await run("GEORADIUSBYMEMBER", "none", "x", "1", "m", "STORE", "target"), 0);
  t.equal(await run("EXISTS", "target"), 0);
  t.same(problems(), []);
});

t.test("refused arguments", async (t) => {
  const { run } = await startGeo(t);
  const error = (text: string): RespError => new RespError(`ERR ${text}`);
  t.same(await run("GEORADIUS_RO", "Sicily", "15", "37", "1", "m", "STORE", "a"), SYNTAX_ERROR);
  t.same(await run("GEORADIUS", "Sicily", "15", "37", "1", "m", "FROMMEMBER", "a"), SYNTAX_ERROR);
  t.same(
    await run("GEORADIUS", "Sicily", "15", "37", "1", "m", "STORE", "a", "WITHDIST"),
    error("STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options"),
  );
  t.same(await run("GEORADIUSBYMEMBER", "Sicily", "none", "1", "m"), error("could not decode requested zset member"));
  t.same(
    await run("GEORADIUS", "Sicily", "15", "37", "1", "mm"),
    error("unsupported unit provided. please use M, KM, FT, MI"),
  );
});
