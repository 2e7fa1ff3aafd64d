import t from "tap";
import { type RespError, startClient } from "../../../support/run.ts";

t.test("XTRIM", async (t) => {
  const { run } = await startClient(t, { config: { "stream-node-max-entries": 10 } });
  const fill = async () => {
    await run("DEL", "s");
    for (let i = 1; i <= 100; i++) await run("XADD", "s", `${i}-0`, "f", "v");
  };
  await fill();
  t.equal(await run("XTRIM", "s", "MAXLEN", "~", "85"), 10);
  t.equal(await run("XTRIM", "s", "MAXLEN", "~", "0", "LIMIT", "25"), 20);
  t.equal(await run("XTRIM", "s", "MAXLEN", "~", "0", "LIMIT", "0"), 70);
  t.equal(await run("EXISTS", "s"), 1, "an empty stream stays");
  await fill();
  t.equal(await run("XTRIM", "s", "MINID", "~", "55"), 50);
  t.equal(await run("XTRIM", "s", "MINID", "55"), 4);
  t.equal(await run("XTRIM", "s", "MAXLEN", "=", "3"), 43);
  t.same(
    ((await run("XRANGE", "s", "-", "+")) as [string][]).map(([id]) => id),
    ["98-0", "99-0", "100-0"],
  );
  t.equal(await run("XTRIM", "s", "MAXLEN", "3"), 0);
  t.equal(await run("XTRIM", "missing", "MAXLEN", "3"), 0);
  t.match((await run("XTRIM", "s", "WHAT", "3")) as RespError, /ERR syntax error/);
  t.match((await run("XTRIM", "s", "LIMIT", "0")) as RespError, /XTRIM|arguments/);
  t.match((await run("XTRIM", "s", "MAXLEN", "~", "3", "LIMIT", "-1")) as RespError, /LIMIT argument must be >= 0/);
  await run("SET", "string", "x");
  t.match((await run("XTRIM", "string", "MAXLEN", "3")) as RespError, /WRONGTYPE/);
});
