import t from "tap";
import { RespError, startClient } from "../../../support/run.ts";

t.test("COMMAND COUNT, LIST, INFO, DOCS", async (t) => {
  const { run } = await startClient(t);
  const count = (await run("COMMAND", "COUNT")) as number;
  t.equal(((await run("COMMAND")) as unknown[]).length, count);
  t.equal(((await run("COMMAND", "INFO")) as unknown[]).length, count);
  t.equal(((await run("COMMAND", "DOCS")) as unknown[]).length, count * 2, "a flat map in RESP2");
  const names = (await run("COMMAND", "LIST")) as string[];
  t.ok(names.length > count, "subcommands are listed too");
  t.ok(names.includes("config|get"));
  t.same(await run("COMMAND", "INFO", "nosuch", "get|key", "config|get|key", ""), [null, null, null, null]);
  const [get] = (await run("COMMAND", "INFO", "GeT")) as unknown[][];
  t.same(get?.slice(0, 6), ["get", 2, ["readonly", "fast"], 1, 1, 1]);
  const [configGet] = (await run("COMMAND", "INFO", "CONFIG|GET")) as unknown[][];
  t.same(configGet?.slice(0, 2), ["config|get", -3]);
  t.same(await run("COMMAND", "DOCS", "nosuch"), []);
  t.same(((await run("COMMAND", "DOCS", "set", "nosuch", "config|set")) as unknown[])[2], "config|set");
  t.same(await run("COMMAND", "FOO"), new RespError("ERR unknown subcommand 'FOO'. Try COMMAND HELP."));
  t.same(
    await run("COMMAND", "COUNT", "x"),
    new RespError("ERR wrong number of arguments for 'command|count' command"),
  );
  t.equal(((await run("COMMAND", "HELP")) as string[]).at(-2), "HELP");
});

t.test("COMMAND in RESP3 uses sets and maps", async (t) => {
  const { run } = await startClient(t);
  await run("HELLO", "3");
  const [set] = (await run("COMMAND", "INFO", "set")) as [unknown[]];
  t.same(set[2], new Set(["write", "denyoom"]));
  t.ok(set[6] instanceof Set);
  const [key] = [...(set[8] as Set<Map<string, unknown>>)];
  t.same(key?.get("flags"), new Set(["RW", "access", "update", "variable_flags"]));
  const docs = (await run("COMMAND", "DOCS", "set")) as Map<string, Map<string, unknown>>;
  t.same(docs.get("set")?.get("since"), "1.0.0");
});

t.test("COMMAND LIST FILTERBY", async (t) => {
  const { run } = await startClient(t);
  const list = async (...filter: string[]): Promise<unknown> => run("COMMAND", "LIST", "FILTERBY", ...filter);
  t.same(await list("PATTERN", "SET"), ["set"]);
  t.same(await list("pattern", "config|re*"), ["config|resetstat", "config|rewrite"]);
  t.same(await list("PATTERN", "nosuch*"), []);
  t.same(await list("MODULE", "nosuch"), []);
  t.same(await list("ACLCAT", "nosuch"), []);
  const transactions = (await list("ACLCAT", "transaction")) as string[];
  t.same(transactions.sort(), ["discard", "exec", "multi", "unwatch", "watch"]);
  for (const words of [["FOO", "x"], ["PATTERN"], ["PATTERN", "a", "b"], []]) {
    t.same(await list(...words), new RespError("ERR syntax error"), words.join(" "));
  }
});

t.test("COMMAND GETKEYS and GETKEYSANDFLAGS", async (t) => {
  const { run } = await startClient(t);
  t.same(await run("COMMAND", "GETKEYS", "MSET", "a", "1", "b", "2"), ["a", "b"]);
  t.same(await run("COMMAND", "GETKEYS", "object", "encoding", "k"), ["k"]);
  t.same(await run("COMMAND", "GETKEYSANDFLAGS", "set", "k", "v"), [["k", ["OW", "update"]]]);
  t.same(await run("COMMAND", "GETKEYSANDFLAGS", "set", "k", "v", "get"), [["k", ["RW", "access", "update"]]]);
  const error = async (...args: string[]): Promise<string> => String(await run("COMMAND", "GETKEYS", ...args));
  t.match(await error("nosuch", "k"), "ERR Invalid command specified");
  t.match(await error("object", "nosuch", "k"), "ERR Invalid command specified");
  t.match(await error("ping"), "ERR The command has no key arguments");
  t.match(await error("get"), "ERR Invalid number of arguments specified for command");
  t.match(await error("get", "a", "b"), "ERR Invalid number of arguments specified for command");
});
