import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { RespError } from "../../../support/run.ts";
import { checkCommon, checkWrongType, SYNTAX_ERROR } from "../../../support/string-client.ts";

t.test("HSCAN", async (t) => {
  await checkCommon(t, ["HSCAN", "KEY", 0], ["0", []]);
  await checkWrongType(t, ["HSCAN", "KEY", 0]);
  const { run } = await startCollections(t);
  await run("HSET", "h", "a", 1);
  t.same(await run("HSCAN", "h", "x"), new RespError("ERR invalid cursor"));
  t.same(await run("HSCAN", "h", 0, "COUNT", 0), SYNTAX_ERROR);
  t.same(await run("HSCAN", "h", 0, "TYPE", "hash"), SYNTAX_ERROR);
  t.same(await run("HSCAN", "h", 77), ["0", ["a", "1"]], "a small hash comes whole, whatever the cursor");
});

t.test("a walk over a large hash meets every field that stays, while others come and go", async (t) => {
  const { run, worker } = await startCollections(t);
  const other = worker.connect();
  const staying = Array.from({ length: 2000 }, (_, i) => `stay:${i}`);
  await run("HSET", "h", ...staying.flatMap((field) => [field, 1]));
  const met = new Set<string>();
  let cursor = "0";
  let calls = 0;
  do {
    const [next, found] = (await run("HSCAN", "h", cursor, "COUNT", 50)) as [string, string[]];
    for (let i = 0; i < found.length; i += 2) met.add(found[i] as string);
    cursor = next;
    t.ok(found.length <= 140, "about COUNT fields");
    t.ok(Number.isSafeInteger(Number(cursor)));
    await other.run("HSET", "h", `new:${calls}`, 1);
    await other.run("HDEL", "h", `new:${calls - 3}`);
    calls++;
  } while (cursor !== "0");
  t.ok(staying.every((field) => met.has(field)));
  t.ok(calls > 30);
});

t.test("MATCH", async (t) => {
  for (const [, options] of FORMS) {
    const { run } = await startCollections(t, options);
    await run("HSET", "h", "aa", 1, "ab", 2, "b", 3);
    const [cursor, found] = (await run("HSCAN", "h", 0, "MATCH", "a*", "COUNT", 100)) as [string, string[]];
    t.equal(cursor, "0");
    t.same(found.sort(), ["1", "2", "aa", "ab"]);
    await run("HPEXPIRE", "h", 100_000, "FIELDS", 1, "aa");
    t.equal(((await run("HSCAN", "h", 0, "COUNT", 100)) as [string, string[]])[1].length, 6);
  }
});
