import t from "tap";
import { RespError, startClient } from "../../../support/run.ts";

t.test("KEYS", async (t) => {
  const { run } = await startClient(t, { activeExpire: false });
  const long = "k".repeat(3000);
  t.same(await run("KEYS", "*"), []);
  await run("MSET", "hello", "1", "hallo", "2", "", "3", long, "4", "a\n", "5");
  const keys = async (pattern: string): Promise<string[]> => ((await run("KEYS", pattern)) as string[]).sort();
  t.same(await keys("*"), ["", "a\n", "hallo", "hello", long]);
  t.same(await keys("h?llo"), ["hallo", "hello"]);
  t.same(await keys("h[ae]llo"), ["hallo", "hello"]);
  t.same(await keys("h[^e]llo"), ["hallo"]);
  t.same(await keys("hello"), ["hello"]);
  t.same(await keys("k*"), [long]);
  t.same(await keys("zz*"), []);
  t.same(await keys(""), [""]);
  t.same(await run("KEYS"), new RespError("ERR wrong number of arguments for 'keys' command"));
  t.same(await run("KEYS", "a", "b"), new RespError("ERR wrong number of arguments for 'keys' command"));
  await run("SELECT", 1);
  t.same(await keys("*"), [], "other databases are not seen");
});

t.test("KEYS hides due keys and leaves them", async (t) => {
  const { run, worker } = await startClient(t, { activeExpire: false });
  await run("SET", "due", "1", "PX", 1);
  await run("SET", "alive", "1");
  const dueAt = worker.server.keyspace.nowMs + 2;
  while (Date.now() <= dueAt) await new Promise((resolve) => setTimeout(resolve, 1));
  t.same(await run("KEYS", "*"), ["alive"]);
  t.equal(await run("DBSIZE"), 2);
});
