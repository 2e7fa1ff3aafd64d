import t from "tap";
import { type RespError, startClient } from "../../../support/run.ts";

t.test("XRANGE and XREVRANGE", async (t) => {
  const { run } = await startClient(t, { config: { "stream-node-max-entries": 3 } });
  for (let i = 1; i <= 10; i++) await run("XADD", "s", `${i}-${i}`, "n", `${i}`);
  const ids = async (...args: string[]) => ((await run(...args)) as [string, unknown][]).map(([id]) => id);
  t.same(await run("XRANGE", "s", "-", "+", "COUNT", "1"), [["1-1", ["n", "1"]]]);
  t.same(await ids("XRANGE", "s", "4", "6"), ["4-4", "5-5", "6-6"]);
  t.same(await ids("XRANGE", "s", "(4-4", "(7-7"), ["5-5", "6-6"]);
  t.same(await ids("XRANGE", "s", "4-5", "6-5"), ["5-5"]);
  t.same(await ids("XREVRANGE", "s", "+", "-", "COUNT", "4"), ["10-10", "9-9", "8-8", "7-7"]);
  t.same(await ids("XREVRANGE", "s", "(7-7", "4"), ["6-6", "5-5", "4-4"]);
  t.same(await ids("XRANGE", "s", "8", "2"), []);
  t.same(await ids("XRANGE", "missing", "-", "+"), []);
  t.equal(await run("XRANGE", "s", "-", "+", "COUNT", "0"), null);
  t.equal(await run("XRANGE", "s", "-", "+", "COUNT", "-5"), null);
  for (const bound of ["(-", "(+", "(", "x"]) {
    t.match((await run("XRANGE", "s", bound, "+")) as RespError, /Invalid stream ID/, bound);
  }
  t.match(
    (await run("XRANGE", "s", "(18446744073709551615-18446744073709551615", "+")) as RespError,
    /invalid start ID/,
  );
  t.match((await run("XRANGE", "s", "-", "(0-0")) as RespError, /invalid end ID/);
  t.match((await run("XRANGE", "s", "-", "+", "COUNT")) as RespError, /syntax error/);
  t.match((await run("XRANGE", "s", "-")) as RespError, /wrong number of arguments for 'xrange'/);
  await run("SET", "string", "x");
  t.match((await run("XRANGE", "string", "-", "+")) as RespError, /WRONGTYPE/);
});
