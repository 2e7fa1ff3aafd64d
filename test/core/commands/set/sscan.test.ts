import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { checkCommon, checkWrongType } from "../../../support/string-client.ts";

t.test("SSCAN", async (t) => {
  await checkCommon(t, ["SSCAN", "KEY", 0], ["0", []]);
  await checkWrongType(t, ["SSCAN", "KEY", 0]);
  for (const [form, options] of FORMS) {
    const { run, pass } = await startCollections(t, options);
    await run("SADD", "s", "aa", "ab", "b");
    const [cursor, found] = (await run("SSCAN", "s", 0, "MATCH", "a*", "COUNT", 100)) as [string, string[]];
    t.equal(cursor, "0", form);
    t.same(found.sort(), ["aa", "ab"]);
    await run("EXPIREMEMBER", "s", "aa", 1, "ms");
    await pass(1);
    const [, live] = (await run("SSCAN", "s", 0, "COUNT", 100)) as [string, string[]];
    t.same(live.sort(), ["ab", "b"]);
  }
});

t.test("a walk over a large set meets every member", async (t) => {
  const { run } = await startCollections(t, { store: "lmdb" });
  const members = Array.from({ length: 1000 }, (_, i) => `m${i}`);
  await run("SADD", "s", ...members);
  for (const count of [1, 10, 333]) {
    const met = new Set<string>();
    let cursor = "0";
    do {
      const [next, found] = (await run("SSCAN", "s", cursor, "COUNT", count)) as [string, string[]];
      for (const member of found) {
        t.notOk(met.has(member), "once, as long as nothing changes");
        met.add(member);
      }
      cursor = next;
    } while (cursor !== "0");
    t.equal(met.size, 1000);
  }
});
