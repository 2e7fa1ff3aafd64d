import t from "tap";
import { RespError } from "../../../support/run.ts";
import { checkCommon, NOT_AN_INTEGER, startStrings } from "../../../support/string-client.ts";

for (const [name, unitMs] of [
  ["SETEX", 1000],
  ["PSETEX", 1],
] as const) {
  t.test(name, async (t) => {
    await checkCommon(t, [name, "KEY", 100_000, "v"], "OK");
    const { run, encoding } = await startStrings(t);
    await run(name, "a", 100_000_000, "1");
    t.equal(await run("GET", "a"), "1");
    t.equal(await encoding("a"), "int");
    const left = Number(await run("PTTL", "a"));
    t.ok(left > 100_000_000 * unitMs - 10_000 && left <= 100_000_000 * unitMs);
    t.equal(await run(name, "list", 100, "x".repeat(20_000)), "OK", "replaces any type");
    t.equal(await run("STRLEN", "list"), 20_000);
    const invalid = new RespError(`ERR invalid expire time in '${name.toLowerCase()}' command`);
    for (const time of [0, -5, 9223372036854775807n]) t.same(await run(name, "a", time, "2"), invalid, String(time));
    for (const time of ["", "1.5", "x"]) t.same(await run(name, "a", time, "2"), NOT_AN_INTEGER, time);
    t.equal(await run("GET", "a"), "1");
  });
}
