import t from "tap";
import { type RespError, startClient } from "../../../support/run.ts";

t.test("XCLAIM", async (t) => {
  const { run } = await startClient(t);
  for (let i = 1; i <= 5; i++) await run("XADD", "s", `${i}-0`, "f", `${i}`);
  await run("XGROUP", "CREATE", "s", "g", "0");
  await run("XREADGROUP", "GROUP", "g", "a", "COUNT", "3", "STREAMS", "s", ">");
  const counts = async () =>
    ((await run("XPENDING", "s", "g", "-", "+", "10")) as [string, string, number, number][])
      .map(([id, name, , count]) => `${id}${name}${count}`)
      .join(" ");
  t.same(await run("XCLAIM", "s", "g", "b", "0", "1-0", "4-0"), [["1-0", ["f", "1"]]]);
  t.same(await run("XCLAIM", "s", "g", "b", "0", "2-0", "JUSTID"), ["2-0"]);
  t.equal(await counts(), "1-0b2 2-0b1 3-0a1");
  t.same(await run("XCLAIM", "s", "g", "b", "100000", "3-0"), [], "not idle for long enough");
  t.same(await run("XCLAIM", "s", "g", "b", "0", "4-0", "FORCE", "RETRYCOUNT", "9", "JUSTID"), ["4-0"]);
  await run("XCLAIM", "s", "g", "c", "0", "1-0", "RETRYCOUNT", "9223372036854775807", "IDLE", "5000");
  t.equal(await counts(), "1-0c9223372036854775807 2-0b1 3-0a1 4-0b9");
  const [[, , idle]] = (await run("XPENDING", "s", "g", "-", "+", "1")) as [[string, string, number]];
  t.ok(idle >= 5000 && idle < 60000);
  await run("XDEL", "s", "3-0");
  t.same(await run("XCLAIM", "s", "g", "b", "0", "3-0"), [], "a deleted entry is no longer pending");
  t.equal(await counts(), "1-0c9223372036854775807 2-0b1 4-0b9");
  await run("XCLAIM", "s", "g", "b", "0", "2-0", "LASTID", "5-0");
  t.equal(await run("XREADGROUP", "GROUP", "g", "a", "STREAMS", "s", ">"), null);
  t.match((await run("XCLAIM", "s", "g", "b", "x", "1-0")) as RespError, /Invalid min-idle-time argument for XCLAIM/);
  t.match((await run("XCLAIM", "s", "g", "b", "0", "1-0", "IDLE", "x")) as RespError, /Invalid IDLE option/);
  t.match((await run("XCLAIM", "s", "g", "b", "0", "1-0", "WHAT")) as RespError, /Unrecognized XCLAIM option 'WHAT'/);
  t.match((await run("XCLAIM", "s", "no", "b", "0", "1-0")) as RespError, /NOGROUP/);
});

t.test("XAUTOCLAIM", async (t) => {
  const { run } = await startClient(t);
  for (let i = 1; i <= 5; i++) await run("XADD", "s", `${i}-0`, "f", `${i}`);
  await run("XGROUP", "CREATE", "s", "g", "0");
  await run("XREADGROUP", "GROUP", "g", "a", "STREAMS", "s", ">");
  await run("XDEL", "s", "2-0");
  t.same(await run("XAUTOCLAIM", "s", "g", "b", "0", "-", "COUNT", "3"), [
    "4-0",
    [
      ["1-0", ["f", "1"]],
      ["3-0", ["f", "3"]],
    ],
    ["2-0"],
  ]);
  t.same(await run("XAUTOCLAIM", "s", "g", "b", "0", "4-0", "JUSTID"), ["0-0", ["4-0", "5-0"], []]);
  t.same(await run("XAUTOCLAIM", "s", "g", "c", "100000", "0"), ["0-0", [], []]);
  t.same(await run("XPENDING", "s", "g"), [4, "1-0", "5-0", [["b", "4"]]]);
  t.match((await run("XAUTOCLAIM", "s", "g", "b", "0", "-", "COUNT", "0")) as RespError, /COUNT must be > 0/);
  t.match(
    (await run("XAUTOCLAIM", "s", "g", "b", "x", "-")) as RespError,
    /Invalid min-idle-time argument for XAUTOCLAIM/,
  );
  t.match((await run("XAUTOCLAIM", "s", "g", "b", "0", "-", "WHAT")) as RespError, /syntax error/);
  t.match((await run("XAUTOCLAIM", "missing", "g", "b", "0", "-")) as RespError, /NOGROUP/);
});
