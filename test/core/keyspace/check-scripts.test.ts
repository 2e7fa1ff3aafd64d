/** The checker finds what is wrong with stored scripts and libraries, and nothing where nothing is. */
import t from "tap";
import { TABLE } from "../../../packages/core/src/codec/format.ts";
import { checkKeyspace } from "../../../packages/core/src/keyspace/check.ts";
import { startClient } from "../../support/run.ts";

const library = (name: string, f: string) =>
  `#!lua name=${name}\nredis.register_function('${f}', function() return 1 end)`;

t.test("scripts and libraries", async (t) => {
  const { run, worker } = await startClient(t);
  const { keyspace } = worker.server;
  const { store } = keyspace;
  const problems = (): string[] => {
    keyspace.renewSnapshot();
    const report = checkKeyspace(keyspace);
    store.releaseSnapshot();
    return report.problems;
  };
  const spoil = (table: number, change: (length: number) => void): void => {
    keyspace.begin(1000);
    store.keyBuffer[0] = table;
    const cursor = store.openCursor();
    store.keyBuffer[1] = 0;
    cursor.seek(2);
    cursor.key.copy(store.keyBuffer, 0, 0, cursor.keyLength);
    const length = cursor.keyLength;
    cursor.close();
    change(length);
    keyspace.commit(false);
  };
  t.same(problems(), [], "an empty store");
  const long = `return "${"x".repeat(40_000)}"`;
  await run("EVAL", "return 1", 0);
  await run("SCRIPT", "LOAD", long);
  await run("FUNCTION", "LOAD", library("one", "f"));
  await run("FUNCTION", "LOAD", `${library("two", "g")} --${"y".repeat(40_000)}`);
  await run("FUNCTION", "LOAD", "REPLACE", library("one", "h"));
  t.same(problems(), []);
  await run("FUNCTION", "DELETE", "one");
  t.same(problems(), []);
  spoil(TABLE.functions, (length) => store.delete(length));
  t.match(problems(), [/^piece 1 of .* where 0 should be$/], "the first piece of the long library is gone");
  spoil(TABLE.scripts, (length) => {
    store.putBuffer.latin1Write("return 2", 0);
    store.put(length, 8);
  });
  t.match(problems(), [
    /^piece 1 /,
    /^script \w+ is not what its name says$/,
    /^2 scripts of \d+ bytes, counted as 2 /,
  ]);
});
