import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { RespError } from "../../../support/run.ts";
import { checkCommon, checkWrongType, NOT_AN_INTEGER, SYNTAX_ERROR } from "../../../support/string-client.ts";

t.test("SRANDMEMBER", async (t) => {
  await checkCommon(t, ["SRANDMEMBER", "KEY"], null);
  await checkCommon(t, ["SRANDMEMBER", "KEY", -2], []);
  await checkWrongType(t, ["SRANDMEMBER", "KEY"]);
  const { run } = await startCollections(t);
  await run("SADD", "s", "a");
  t.same(await run("SRANDMEMBER", "s", 1, 2), SYNTAX_ERROR);
  t.same(await run("SRANDMEMBER", "s", "x"), NOT_AN_INTEGER);
  t.same(
    await run("SRANDMEMBER", "s", "-9223372036854775808"),
    new RespError("ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807"),
  );
  await run("CONFIG", "SET", "max-rand-count", 10);
  t.same(await run("SRANDMEMBER", "s", -11), new RespError("ERR value is out of range"), "KeyDB's limit");
});

for (const [form, options] of FORMS) {
  t.test(`picks members of a ${form} set`, async (t) => {
    const { run, pass } = await startCollections(t, options);
    for (const members of [
      Array.from({ length: 50 }, (_, i) => String(i)),
      Array.from({ length: 50 }, (_, i) => `m${i}`),
    ]) {
      await run("DEL", "s");
      await run("SADD", "s", ...members);
      for (const count of [1, 2, 10, 49, 50, 51]) {
        const picked = (await run("SRANDMEMBER", "s", count)) as string[];
        t.equal(new Set(picked).size, Math.min(50, count), "all different");
        t.ok(picked.every((member) => members.includes(member)));
      }
      t.equal(((await run("SRANDMEMBER", "s", -100)) as string[]).length, 100);
    }
    await run("DEL", "s");
    await run("SADD", "s", "a", "b");
    await run("EXPIREMEMBER", "s", "a", 1, "ms");
    await pass(1);
    t.same(await run("SRANDMEMBER", "s", -3), ["b", "b", "b"], "no due ones");
    t.same(await run("SRANDMEMBER", "s", 3), ["b"]);
    t.equal(await run("SRANDMEMBER", "s"), "b");
  });
}

t.test("all members of a large set are equally likely", async (t) => {
  const { run } = await startCollections(t, { store: "lmdb" });
  const size = 300;
  await run("CONFIG", "SET", "set-max-listpack-entries", 0);
  await run("SADD", "s", ...Array.from({ length: size }, (_, i) => `m${i}`));
  const draws = 60_000;
  for (const count of [1, -10, 10]) {
    const hits = new Map<string, number>();
    const perCall = Math.abs(count);
    for (let i = 0; i < draws / perCall; i++) {
      for (const member of (await run("SRANDMEMBER", "s", count)) as string[]) {
        hits.set(member, (hits.get(member) ?? 0) + 1);
      }
    }
    const expected = draws / size;
    let chiSquare = 0;
    for (let i = 0; i < size; i++) chiSquare += ((hits.get(`m${i}`) ?? 0) - expected) ** 2 / expected;
    // 299 degrees of freedom: above 420 once in 10^5 runs.
    t.ok(chiSquare < 420, `count ${count}: chi square ${chiSquare.toFixed(0)}`);
  }
});
