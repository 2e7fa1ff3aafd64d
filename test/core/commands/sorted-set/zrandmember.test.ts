import t from "tap";
import { RespError } from "../../../support/run.ts";
import { checkCommon, checkWrongType, NOT_AN_INTEGER, SYNTAX_ERROR } from "../../../support/string-client.ts";
import { FORMS, startZsets } from "../../../support/zset-client.ts";

t.test("ZRANDMEMBER", async (t) => {
  await checkCommon(t, ["ZRANDMEMBER", "KEY"], null);
  await checkCommon(t, ["ZRANDMEMBER", "KEY", "2"], []);
  await checkWrongType(t, ["ZRANDMEMBER", "KEY"]);
  const { run } = await startZsets(t);
  t.same(await run("ZRANDMEMBER", "z", "x"), NOT_AN_INTEGER);
  t.same(await run("ZRANDMEMBER", "z", "1", "x"), SYNTAX_ERROR);
  t.same(
    await run("ZRANDMEMBER", "z", "-9223372036854775808"),
    new RespError("ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807"),
  );
  t.same(
    await run("ZRANDMEMBER", "z", "9223372036854775807", "WITHSCORES"),
    new RespError("ERR value is out of range"),
  );
});

for (const [form, options] of FORMS) {
  t.test(`picks from a ${form} set`, async (t) => {
    const { run } = await startZsets(t, options);
    const names = Array.from({ length: 50 }, (_, i) => `m${i}`);
    await run("ZADD", "z", ...names.flatMap((name, i) => [i, name]));
    t.ok(names.includes(String(await run("ZRANDMEMBER", "z"))));
    t.same(await run("ZRANDMEMBER", "z", 0), []);
    t.same(await run("ZRANDMEMBER", "z", 50), [...names].reverse());
    for (const count of [1, 2, 25, 49]) {
      const picked = (await run("ZRANDMEMBER", "z", count)) as string[];
      t.equal(new Set(picked).size, count);
      t.equal(picked.length, count);
    }
    t.equal(((await run("ZRANDMEMBER", "z", -200)) as string[]).length, 200);
    const flat = (await run("ZRANDMEMBER", "z", 5, "WITHSCORES")) as string[];
    for (let i = 0; i < 10; i += 2) t.equal(flat[i], `m${flat[i + 1]}`);
    await run("HELLO", "3");
    const pairs = (await run("ZRANDMEMBER", "z", -3, "WITHSCORES")) as [string, { double: string }][];
    t.ok(pairs.every(([member, { double }]) => member === `m${double}`));
  });

  t.test(`every member of a ${form} set is as likely`, async (t) => {
    const { run } = await startZsets(t, options);
    await run("ZADD", "z", ...Array.from({ length: 10 }, (_, i) => [i, `m${i}`]).flat());
    const counts = new Map<string, number>();
    for (const member of (await run("ZRANDMEMBER", "z", -10_000)) as string[]) {
      counts.set(member, (counts.get(member) ?? 0) + 1);
    }
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    t.equal(counts.size, 10);
    // Exceeded once in ten million runs.
    t.ok(chiSquare < 49, `chi square ${chiSquare}`);
  });
}
