import t from "tap";
import { RespError } from "../../../support/run.ts";
import { checkCommon, checkWrongType, SYNTAX_ERROR } from "../../../support/string-client.ts";
import { startZsets } from "../../../support/zset-client.ts";

t.test("ZSCAN", async (t) => {
  await checkCommon(t, ["ZSCAN", "KEY", "0"], ["0", []]);
  await checkWrongType(t, ["ZSCAN", "KEY", "0"]);
  const { run } = await startZsets(t);
  t.same(await run("ZSCAN", "z", "x"), new RespError("ERR invalid cursor"));
  await run("ZADD", "z", 1, "a");
  t.same(await run("ZSCAN", "z", "0", "COUNT", "0"), SYNTAX_ERROR);
  t.same(await run("ZSCAN", "z", "0", "TYPE", "zset"), SYNTAX_ERROR);
});

t.test("a listpack comes at once and in order", async (t) => {
  const { run, fill } = await startZsets(t);
  await fill("z", "b 1.5 a 2 aa 0.1");
  t.same(await run("ZSCAN", "z", "0", "COUNT", "1"), ["0", ["aa", "0.1", "b", "1.5", "a", "2"]]);
  t.same(await run("ZSCAN", "z", "0", "MATCH", "a*"), ["0", ["aa", "0.1", "a", "2"]]);
});

t.test("a skiplist comes whole, whatever changes meanwhile", async (t) => {
  const { run } = await startZsets(t, { config: { "zset-max-listpack-entries": 0 } });
  const names = Array.from({ length: 1000 }, (_, i) => `m${i}`);
  await run("ZADD", "z", ...names.flatMap((name, i) => [i, name]));
  await run("ZADD", "z", "0.1", "fraction", "-0", "zero", 1, "x".repeat(3000));
  const seen = new Map<string, string>();
  let cursor = "0";
  do {
    const [next, items] = (await run("ZSCAN", "z", cursor, "COUNT", "20")) as [string, string[]];
    for (let i = 0; i < items.length; i += 2) seen.set(items[i] as string, items[i + 1] as string);
    cursor = next;
    await run("ZINCRBY", "z", 5000, `m${seen.size % 500}`);
    await run("ZREM", "z", `m${500 + (seen.size % 100)}`);
    await run("ZADD", "z", 1, `new ${seen.size}`);
  } while (cursor !== "0");
  for (const name of names.filter((_, i) => i < 500 || i >= 600)) t.ok(seen.has(name), name);
  t.equal(seen.get("fraction"), "0.10000000000000001", "all digits, as Redis prints them here");
  t.equal(seen.get("zero"), "-0");
  t.ok(seen.has("x".repeat(3000)));
});
