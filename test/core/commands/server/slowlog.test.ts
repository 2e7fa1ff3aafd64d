import t from "tap";
import { RespError, startClient } from "../../../support/run.ts";

type Entry = [id: number, time: number, usec: number, args: string[], address: string, name: string];

t.test("SLOWLOG", async (t) => {
  const { run, worker } = await startClient(t, { config: { "slowlog-log-slower-than": 0 } });
  const get = async (...count: string[]): Promise<Entry[]> => (await run("SLOWLOG", "GET", ...count)) as Entry[];
  await run("SLOWLOG", "RESET");
  await run("CLIENT", "SETNAME", "me");
  await run("SET", "k", "v");
  const entries = await get("-1");
  t.same(
    entries.map((entry) => entry[3]),
    [
      ["SET", "k", "v"],
      ["CLIENT", "SETNAME", "me"],
      ["SLOWLOG", "RESET"],
    ],
    "newest first",
  );
  const [id, time, usec, , address, name] = entries[0] as Entry;
  t.equal(id, (entries[1]?.[0] ?? 0) + 1);
  t.ok(Math.abs(time - Date.now() / 1000) < 5);
  t.ok(Number.isInteger(usec) && usec >= 0);
  t.match(address, /^127\.0\.0\.1:\d+$/);
  t.equal(name, "me");
  t.equal((await get("2")).length, 2);
  t.equal((await get("0")).length, 0);
  for (let i = 0; i < 12; i++) await run("PING");
  t.equal((await get()).length, 10, "ten unless told otherwise");
  const length = (await run("SLOWLOG", "LEN")) as number;
  t.ok(length > 15);
  t.equal(await run("SLOWLOG", "RESET"), "OK");
  await run("CONFIG", "SET", "slowlog-log-slower-than", "-1");
  await run("SLOWLOG", "RESET");
  await run("PING");
  t.equal(await run("SLOWLOG", "LEN"), 0, "off");
  t.same(await run("SLOWLOG", "GET", "-2"), new RespError("ERR count should be greater than or equal to -1"));
  t.same(await run("SLOWLOG", "GET", "x"), new RespError("ERR count should be greater than or equal to -1"));
  t.same(
    await run("SLOWLOG", "GET", "1", "2"),
    new RespError("ERR unknown subcommand or wrong number of arguments for 'GET'. Try SLOWLOG HELP."),
  );
  t.same(worker.warnings, []);
});

t.test("entries are trimmed, in number and in size", async (t) => {
  const { run } = await startClient(t, { config: { "slowlog-log-slower-than": 0, "slowlog-max-len": 5 } });
  for (let i = 0; i < 30; i++) await run("PING");
  t.equal(await run("SLOWLOG", "LEN"), 5);
  await run("CONFIG", "SET", "slowlog-max-len", "2");
  t.equal(await run("SLOWLOG", "LEN"), 2);
  await run("CONFIG", "SET", "slowlog-max-len", "0");
  t.equal(await run("SLOWLOG", "LEN"), 0);
  await run("CONFIG", "SET", "slowlog-max-len", "10");
  await run("MSET", ...Array.from({ length: 40 }, (_, i) => String(i)));
  const [[, , , args]] = (await run("SLOWLOG", "GET", "1")) as [Entry];
  t.equal(args.length, 32);
  t.equal(args[30], "29");
  t.equal(args[31], "... (10 more arguments)");
  await run("SET", "k", "A".repeat(129));
  const [[, , , [, , value]]] = (await run("SLOWLOG", "GET", "1")) as [Entry];
  t.equal(value, `${"A".repeat(128)}... (1 more bytes)`);
});

t.test("secrets are not logged", async (t) => {
  const { run } = await startClient(t, { config: { "slowlog-log-slower-than": 0 } });
  const last = async (): Promise<string[]> => ((await run("SLOWLOG", "GET", "1")) as [Entry])[0][3];
  await run("CONFIG", "SET", "masterauth", "secret", "timeout", "1");
  t.same(await last(), ["CONFIG", "SET", "masterauth", "(redacted)", "timeout", "1"]);
  await run("AUTH", "user", "secret");
  t.same(await last(), ["AUTH", "(redacted)", "(redacted)"]);
  await run("AUTH", "secret");
  t.same(await last(), ["AUTH", "(redacted)"]);
  await run("HELLO", "2", "AUTH", "default", "secret", "SETNAME", "x");
  t.same(await last(), ["HELLO", "2", "AUTH", "(redacted)", "(redacted)", "SETNAME", "x"]);
});

t.test("EXEC is not logged, the commands in it are", async (t) => {
  const { run } = await startClient(t, { config: { "slowlog-log-slower-than": 0 } });
  await run("SLOWLOG", "RESET");
  await run("MULTI");
  await run("SET", "a", "1");
  await run("EXEC");
  const names = ((await run("SLOWLOG", "GET", "-1")) as Entry[]).map((entry) => entry[3][0]);
  t.same(names, ["SET", "MULTI", "SLOWLOG"]);
});
