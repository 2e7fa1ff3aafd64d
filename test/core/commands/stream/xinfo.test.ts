import t from "tap";
import { RespError, startClient } from "../../../support/run.ts";

t.test("XINFO", async (t) => {
  const { run } = await startClient(t);
  t.same(await run("XINFO", "STREAM", "s"), new RespError("ERR no such key"));
  for (let i = 1; i <= 5; i++) await run("XADD", "s", `${i}-0`, "f", `${i}`);
  await run("XGROUP", "CREATE", "s", "g", "0");
  await run("XREADGROUP", "GROUP", "g", "c", "COUNT", "2", "STREAMS", "s", ">");
  await run("HELLO", "3");
  const stream = (await run("XINFO", "STREAM", "s")) as Map<string, unknown>;
  t.same(Object.fromEntries(stream), {
    length: 5,
    "radix-tree-keys": 1,
    "radix-tree-nodes": 2,
    "last-generated-id": "5-0",
    "max-deleted-entry-id": "0-0",
    "entries-added": 5,
    "recorded-first-entry-id": "1-0",
    groups: 1,
    "first-entry": ["1-0", ["f", "1"]],
    "last-entry": ["5-0", ["f", "5"]],
  });
  const group = { name: "g", consumers: 1, pending: 2, "last-delivered-id": "2-0", "entries-read": 2, lag: 3 };
  const groups = async () =>
    ((await run("XINFO", "GROUPS", "s")) as Map<string, unknown>[]).map((g) => Object.fromEntries(g));
  t.same(await groups(), [group]);
  await run("XDEL", "s", "4-0");
  t.same(await groups(), [{ ...group, lag: null }], "with a gap ahead the lag is not known");
  const [consumer] = (await run("XINFO", "CONSUMERS", "s", "g")) as [Map<string, unknown>];
  t.equal(consumer.get("pending"), 2);
  const full = (await run("XINFO", "STREAM", "s", "FULL", "COUNT", "1")) as Map<string, Map<string, unknown>[]>;
  t.equal(full.get("entries")?.length, 1);
  t.equal((full.get("groups")?.[0]?.get("pending") as unknown[] | undefined)?.length, 1);
  t.match(
    (await run("XINFO", "STREAM", "s", "WHAT")) as RespError,
    /unknown subcommand or wrong number of arguments for 'STREAM'. Try XINFO HELP./,
  );
  t.same(
    await run("XINFO", "CONSUMERS", "s", "no"),
    new RespError("NOGROUP No such consumer group 'no' for key name 's'"),
  );
  t.equal(await run("OBJECT", "ENCODING", "s"), "stream");
  t.equal(await run("TYPE", "s"), "stream");
  t.ok(((await run("MEMORY", "USAGE", "s")) as number) > 100);
});
