import t from "tap";
import { RespError, startClient } from "../../../support/run.ts";

const SYNTAX = new RespError("ERR syntax error");

t.test("SCAN", async (t) => {
  const { run } = await startClient(t);
  t.same(await run("SCAN", 0), ["0", []]);
  for (let i = 0; i < 100; i++) await run("SET", `key:${i}`, i);
  const all = async (...options: string[]): Promise<string[]> => {
    const found: string[] = [];
    let cursor = "0";
    do {
      const [next, keys] = (await run("SCAN", cursor, ...options)) as [string, string[]];
      found.push(...keys);
      cursor = next;
    } while (cursor !== "0");
    return found.sort();
  };
  t.equal((await all()).length, 100);
  t.equal(new Set(await all("COUNT", "7")).size, 100);
  t.equal((await all("count", "1000")).length, 100);
  t.equal((await all("MATCH", "key:1?")).length, 10);
  t.equal((await all("MATCH", "nothing", "MATCH", "*")).length, 100, "the last MATCH counts");
  t.equal((await all("TYPE", "StrinG")).length, 100);
  t.equal((await all("TYPE", "list")).length, 0);
  t.equal((await all("TYPE", "nosuchtype")).length, 0);
  t.equal((await all("TYPE", "string", "MATCH", "*9", "COUNT", "3")).length, 10);
  t.equal(((await run("SCAN", 0, "COUNT", 13)) as [string, string[]])[1].length, 13);

  t.same(await run("SCAN", 2n ** 64n - 1n), ["0", []]);
  t.same(await run("SCAN", 2 ** 48), ["0", []]);
  for (const cursor of ["-1", "+0", ""]) t.equal(((await run("SCAN", cursor)) as unknown[]).length, 2, `"${cursor}"`);
  for (const cursor of ["x", "1x", " 1", "-", "18446744073709551616", "1 "]) {
    t.same(await run("SCAN", cursor), new RespError("ERR invalid cursor"), cursor);
  }
  for (const words of [["COUNT"], ["MATCH"], ["TYPE"], ["FOO", "1"], ["COUNT", "0"], ["COUNT", "-1"]]) {
    t.same(await run("SCAN", 0, ...words), SYNTAX);
  }
  t.same(await run("SCAN", 0, "COUNT", "x"), new RespError("ERR value is not an integer or out of range"));
  t.same(await run("SCAN"), new RespError("ERR wrong number of arguments for 'scan' command"));
  await run("HELLO", 3);
  t.equal((await all("COUNT", "50")).length, 100);
});

t.test("due keys are not shown, and are removed", async (t) => {
  const { run } = await startClient(t, { activeExpire: false });
  for (let i = 0; i < 50; i++) await run("SET", `k${i}`, i, ...(i % 2 ? ["PX", "1"] : []));
  await new Promise((resolve) => setTimeout(resolve, 10));
  t.equal(await run("DBSIZE"), 50);
  t.same(await run("SCAN", 0, "COUNT", 1000, "MATCH", "nothing*"), ["0", []]);
  t.equal(await run("DBSIZE"), 50, "but for those that do not match");
  const [, keys] = (await run("SCAN", 0, "COUNT", 1000)) as [string, string[]];
  t.equal(keys.length, 25);
  t.equal(await run("DBSIZE"), 25);
});

t.test("keys that exist all the time are found, once, while others come and go", async (t) => {
  const { run } = await startClient(t);
  const stable = new Set<string>();
  for (let i = 0; i < 200; i++) {
    await run("SET", `stable:${i}`, i);
    stable.add(`stable:${i}`);
  }
  for (let round = 0; round < 5; round++) {
    const seen = new Map<string, number>();
    let cursor = "0";
    let turn = 0;
    do {
      const [next, keys] = (await run("SCAN", cursor, "COUNT", 11)) as [string, string[]];
      for (const key of keys) seen.set(key, (seen.get(key) ?? 0) + 1);
      cursor = next;
      turn++;
      for (let i = 0; i < 20; i++) await run("SET", `new:${turn}:${i}`, i);
      if (turn > 2) for (let i = 0; i < 20; i++) await run("DEL", `new:${turn - 2}:${i}`);
    } while (cursor !== "0");
    t.same(
      [...stable].filter((key) => seen.get(key) !== 1),
      [],
    );
  }
});
