import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { RespError } from "../../../support/run.ts";
import { checkCommon, checkWrongType, SYNTAX_ERROR } from "../../../support/string-client.ts";

t.test("SPOP", async (t) => {
  await checkCommon(t, ["SPOP", "KEY"], null);
  await checkWrongType(t, ["SPOP", "KEY"]);
  await checkWrongType(t, ["SPOP", "KEY", 3]);
  const { run } = await startCollections(t);
  await run("SADD", "s", "a");
  t.same(await run("SPOP", "s", 1, 2), SYNTAX_ERROR);
  for (const count of [-1, "x"]) {
    t.same(await run("SPOP", "s", count), new RespError("ERR value is out of range, must be positive"));
  }
  t.same(await run("SPOP", "s", 0), []);
  await run("HELLO", 3);
  t.same(await run("SPOP", "nokey", 2), new Set());
});

for (const [form, options] of FORMS) {
  for (const make of [(i: number) => String(i), (i: number) => `m${i}`]) {
    t.test(`pops every member of a ${form} set once (${make(0)} ...)`, async (t) => {
      const { run, problems } = await startCollections(t, options);
      const members = Array.from({ length: 100 }, (_, i) => make(i));
      await run("SADD", "s", ...members);
      const popped: string[] = [];
      for (const count of [1, 3, 60]) popped.push(...((await run("SPOP", "s", count)) as string[]));
      for (let i = 0; i < 20; i++) popped.push((await run("SPOP", "s")) as string);
      t.equal(await run("SCARD", "s"), 16);
      t.same(problems(), []);
      popped.push(...((await run("SPOP", "s", 1000)) as string[]));
      t.same(popped.sort(), members.sort());
      t.equal(await run("EXISTS", "s"), 0);
      await run("SADD", "s", "last");
      t.equal(await run("SPOP", "s"), "last");
      t.equal(await run("EXISTS", "s"), 0);
      t.same(problems(), []);
    });
  }

  t.test(`never pops a due member of a ${form} set`, async (t) => {
    const { run, pass, problems } = await startCollections(t, options);
    await run("SADD", "s", "a", "b", "c");
    for (const member of ["a", "b"]) await run("EXPIREMEMBER", "s", member, 1, "ms");
    await pass(1);
    t.equal(await run("SPOP", "s"), "c");
    t.equal(await run("SPOP", "s"), null);
    t.equal(await run("EXISTS", "s"), 0);
    t.same(problems(), []);
  });
}
