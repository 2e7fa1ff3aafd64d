import t from "tap";
import { RespError, startClient } from "../../../support/run.ts";

t.test("XPENDING", async (t) => {
  const { run } = await startClient(t);
  for (let i = 1; i <= 6; i++) await run("XADD", "s", `${i}-0`, "f", "v");
  await run("XGROUP", "CREATE", "s", "g", "0");
  t.same(await run("XPENDING", "s", "g"), [0, null, null, null]);
  await run("XREADGROUP", "GROUP", "g", "b", "COUNT", "3", "STREAMS", "s", ">");
  await run("XREADGROUP", "GROUP", "g", "a", "STREAMS", "s", ">");
  t.same(await run("XPENDING", "s", "g"), [
    6,
    "1-0",
    "6-0",
    [
      ["a", "3"],
      ["b", "3"],
    ],
  ]);
  const rows = async (...args: string[]) =>
    ((await run("XPENDING", "s", "g", ...args)) as [string, string, number, number][]).map(
      ([id, name, , count]) => `${id}${name}${count}`,
    );
  t.same(await rows("-", "+", "10", "a"), ["4-0a1", "5-0a1", "6-0a1"]);
  t.same(await rows("(2-0", "(5-0", "10"), ["3-0b1", "4-0a1"]);
  t.same(await rows("-", "+", "2"), ["1-0b1", "2-0b1"]);
  t.same(await rows("-", "+", "0"), []);
  t.same(await rows("-", "+", "10", "nobody"), []);
  t.same(await rows("IDLE", "1000000", "-", "+", "10"), []);
  t.match((await run("XPENDING", "s", "g", "-")) as RespError, /syntax error/);
  t.match((await run("XPENDING", "s", "g", "IDLE", "1", "-", "+")) as RespError, /syntax error/);
  t.same(await run("XPENDING", "s", "no"), new RespError("NOGROUP No such key 's' or consumer group 'no'"));
  t.match((await run("XPENDING", "missing", "g")) as RespError, /NOGROUP/);
  await run("SET", "string", "x");
  t.match((await run("XPENDING", "string", "g")) as RespError, /WRONGTYPE/);
});
