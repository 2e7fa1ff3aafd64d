import t from "tap";
import { RespError, startClient } from "../../../support/run.ts";

t.test("XSETID", async (t) => {
  const { run } = await startClient(t);
  t.same(await run("XSETID", "s", "1-0"), new RespError("ERR no such key"));
  await run("XADD", "s", "5-0", "f", "v");
  t.match((await run("XSETID", "s", "4-0")) as RespError, /smaller than the target stream top item/);
  t.match((await run("XSETID", "s", "9-0", "ENTRIESADDED", "0")) as RespError, /smaller than the target stream length/);
  t.match((await run("XSETID", "s", "9-0", "ENTRIESADDED", "-1")) as RespError, /entries_added must be positive/);
  t.match((await run("XSETID", "s", "9-0", "MAXDELETEDID", "10-0")) as RespError, /provided max_deleted_entry_id/);
  t.match((await run("XSETID", "s", "9-0", "WHAT", "1")) as RespError, /syntax error/);
  t.equal(await run("XSETID", "s", "9-0", "ENTRIESADDED", "9223372036854775807", "MAXDELETEDID", "8-0"), "OK");
  const info = (await run("XINFO", "STREAM", "s")) as unknown[];
  t.equal(info[info.indexOf("entries-added") + 1], 9223372036854775807n);
  t.equal(info[info.indexOf("last-generated-id") + 1], "9-0");
  t.match((await run("XSETID", "s", "7-0")) as RespError, /smaller than current max_deleted_entry_id/);
});
