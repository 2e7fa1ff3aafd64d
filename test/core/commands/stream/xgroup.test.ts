import t from "tap";
import { RespError, startClient } from "../../../support/run.ts";

t.test("XGROUP", async (t) => {
  const { run } = await startClient(t);
  t.match((await run("XGROUP", "CREATE", "s", "g", "$")) as RespError, /requires the key to exist/);
  t.equal(await run("XGROUP", "CREATE", "s", "g", "$", "MKSTREAM"), "OK");
  t.same(await run("XGROUP", "CREATE", "s", "g", "$"), new RespError("BUSYGROUP Consumer Group name already exists"));
  t.match((await run("XGROUP", "CREATE", "s", "h", "x")) as RespError, /Invalid stream ID/);
  t.match(
    (await run("XGROUP", "CREATE", "s", "h", "0", "WHAT")) as RespError,
    /unknown subcommand or wrong number of arguments for 'CREATE'/,
  );
  t.match((await run("XGROUP", "CREATE", "s", "h", "0", "ENTRIESREAD", "-3")) as RespError, /must be positive or -1/);
  t.equal(await run("XGROUP", "CREATECONSUMER", "s", "g", "c"), 1);
  t.equal(await run("XGROUP", "CREATECONSUMER", "s", "g", "c"), 0);
  t.same(
    await run("XGROUP", "CREATECONSUMER", "s", "no", "c"),
    new RespError("NOGROUP No such consumer group 'no' for key name 's'"),
  );
  t.equal(await run("XGROUP", "SETID", "s", "g", "-"), "OK", "SETID takes the ends of the range of IDs");
  t.equal(await run("XGROUP", "SETID", "s", "g", "0", "ENTRIESREAD", "7"), "OK");
  await run("XADD", "s", "1-0", "f", "v");
  await run("XADD", "s", "2-0", "f", "v");
  await run("XREADGROUP", "GROUP", "g", "c", "STREAMS", "s", ">");
  t.equal(await run("XGROUP", "DELCONSUMER", "s", "g", "c"), 2);
  t.equal(await run("XGROUP", "DELCONSUMER", "s", "g", "c"), 0);
  t.same(await run("XPENDING", "s", "g"), [0, null, null, null]);
  t.equal(await run("XGROUP", "DESTROY", "s", "g"), 1);
  t.equal(await run("XGROUP", "DESTROY", "s", "g"), 0);
  t.equal(
    ((await run("XGROUP", "HELP")) as string[])[0],
    "XGROUP <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
  );
  await run("SET", "string", "x");
  t.match((await run("XGROUP", "CREATE", "string", "g", "$")) as RespError, /WRONGTYPE/);
});

t.test("long names, COPY and RENAME", async (t) => {
  const { run } = await startClient(t, { store: "lmdb" });
  const names = ["a".repeat(2500), `${"a".repeat(2500)}b`, "m".repeat(40000), "short"];
  await run("XADD", "s", "1-0", "f", "v");
  for (const name of names) {
    await run("XGROUP", "CREATE", "s", name, "0");
    await run("XREADGROUP", "GROUP", name, name, "STREAMS", "s", ">");
  }
  await run("COPY", "s", "copy");
  await run("RENAME", "s", "moved");
  for (const key of ["copy", "moved"]) {
    const groups = (await run("XINFO", "GROUPS", key)) as string[][];
    t.same(groups.map((group) => group[1]).sort(), [...names].sort());
    for (const name of names) {
      t.same(await run("XPENDING", key, name), [1, "1-0", "1-0", [[name, "1"]]]);
      t.equal(((await run("XPENDING", key, name, "-", "+", "1")) as string[][])[0]?.[1], name);
    }
  }
  t.equal(await run("XGROUP", "DESTROY", "copy", names[2] as string), 1);
  t.equal(((await run("XINFO", "GROUPS", "moved")) as unknown[]).length, 4);
});
