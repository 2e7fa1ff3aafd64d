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

t.test("pops from a set of thousands what is there, whatever comes in between", async (t) => {
  const { run, problems } = await startCollections(t, { store: "lmdb" });
  const members = new Set(Array.from({ length: 2000 }, (_, i) => `m${i}`));
  await run("SADD", "s", ...members);
  const pop = async (...command: string[]): Promise<void> => {
    const member = (await run(...(command as ["SPOP", string]))) as string;
    if (!members.delete(member)) t.fail(`${member} was not there`);
  };
  for (let i = 0; i < 700; i++) {
    await pop("SPOP", "s");
    const kind = i % 7;
    const [some = ""] = members;
    if (kind === 2) {
      await run("SREM", "s", some);
      members.delete(some);
    } else if (kind === 3) {
      await run("SADD", "s", `more${i}`);
      members.add(`more${i}`);
    } else if (kind === 4) {
      await run("COPY", "s", "other", "REPLACE");
      await run("SPOP", "other");
    } else if (kind === 5) await run("RENAME", "s", "s2").then(() => run("RENAME", "s2", "s"));
  }
  t.equal(await run("SCARD", "s"), members.size);
  t.same(new Set((await run("SMEMBERS", "s")) as string[]), members);
  t.same(problems(), []);
});

t.test("the first members popped from a large set are any of its members", async (t) => {
  const { run } = await startCollections(t, {});
  const size = 1000;
  const rounds = 40;
  const popsPerRound = 50;
  const seen = new Array<number>(size).fill(0);
  for (let round = 0; round < rounds; round++) {
    await run("DEL", "s");
    await run("SADD", "s", ...Array.from({ length: size }, (_, i) => `m${i}`));
    // Spare members, so that it stays a size at which pops are taken together.
    await run("SADD", "s", ...Array.from({ length: popsPerRound }, (_, i) => `spare${i}`));
    for (let i = 0; i < popsPerRound; i++) {
      const member = (await run("SPOP", "s")) as string;
      if (member.startsWith("m")) seen[Number(member.slice(1))] = (seen[Number(member.slice(1))] as number) + 1;
    }
  }
  const expected = seen.reduce((sum, count) => sum + count, 0) / size;
  const chi = seen.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  // 999 degrees of freedom: the mean is 999, the standard deviation 45.
  t.ok(chi < 999 + 6 * 45, `chi square ${chi.toFixed(0)}`);
});
