import t from "tap";
import { type RespError, startClient } from "../../../support/run.ts";

t.test("XDEL", async (t) => {
  const { run } = await startClient(t, { config: { "stream-node-max-entries": 2 } });
  for (let i = 1; i <= 6; i++) await run("XADD", "s", `${i}-0`, "f", i === 3 ? "y".repeat(40000) : "v");
  const ids = async () => ((await run("XRANGE", "s", "-", "+")) as [string][]).map(([id]) => id).join(" ");
  t.equal(await run("XDEL", "s", "1-0", "9-9", "1-0"), 1);
  t.equal(await run("XDEL", "s", "3-0", "4-0"), 2);
  t.equal(await ids(), "2-0 5-0 6-0");
  t.equal(await run("XDEL", "s", "6-0", "5-0"), 2, "the last node goes, the one before is the last again");
  t.equal(await run("XADD", "s", "7-0", "f", "v"), "7-0");
  t.equal(await ids(), "2-0 7-0");
  t.match((await run("XDEL", "s", "2-0", "bad")) as RespError, /Invalid stream ID/);
  t.equal(await ids(), "2-0 7-0", "a bad ID stops all");
  const info = (await run("XINFO", "STREAM", "s")) as unknown[];
  t.equal(info[info.indexOf("max-deleted-entry-id") + 1], "6-0");
  t.equal(info[info.indexOf("recorded-first-entry-id") + 1], "2-0");
  t.equal(await run("XDEL", "s", "2-0", "7-0"), 2);
  t.equal(await run("XLEN", "s"), 0);
  t.equal(await run("XDEL", "missing", "bad"), 0);
  await run("SET", "string", "x");
  t.match((await run("XDEL", "string", "1")) as RespError, /WRONGTYPE/);
});
