import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { checkCommon, checkWrongType } from "../../../support/string-client.ts";

t.test("HGETALL, HKEYS and HVALS", async (t) => {
  await checkCommon(t, ["HKEYS", "KEY"], []);
  await checkCommon(t, ["HVALS", "KEY"], []);
  for (const name of ["HGETALL", "HKEYS", "HVALS"]) await checkWrongType(t, [name, "KEY"]);
});

for (const [form, options] of FORMS) {
  t.test(`list a ${form} hash`, async (t) => {
    const { run, sorted } = await startCollections(t, options);
    t.same(await run("HGETALL", "h"), []);
    await run("HSET", "h", "a", 1, "b", 2);
    t.same(await sorted("HKEYS", "h"), ["a", "b"]);
    t.same(await sorted("HVALS", "h"), ["1", "2"]);
    t.same(await sorted("HGETALL", "h"), ["1", "2", "a", "b"]);
    await run("HELLO", 3);
    const reply = (await run("HGETALL", "h")) as Map<string, string>;
    t.same(
      [...reply].sort(),
      [
        ["a", "1"],
        ["b", "2"],
      ],
      "a map in RESP3",
    );
    t.same(await run("HGETALL", "nokey"), new Map());
    t.same(await run("HKEYS", "nokey"), []);
  });

  t.test(`leave out due fields of a ${form} hash`, async (t) => {
    const { run, pass } = await startCollections(t, options);
    await run("HSET", "h", "a", 1, "b", 2, "c", 3);
    await run("HPEXPIRE", "h", 1, "FIELDS", 2, "a", "c");
    await pass(1);
    t.same(await run("HGETALL", "h"), ["b", "2"]);
    t.same(await run("HKEYS", "h"), ["b"]);
    t.same(await run("HVALS", "h"), ["2"]);
    await run("HELLO", 3);
    t.same(await run("HGETALL", "h"), new Map([["b", "2"]]));
    t.equal(await run("HLEN", "h"), 3, "HLEN counts them until they are deleted");
  });
}
