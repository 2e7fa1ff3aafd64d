import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { checkWrongType } from "../../../support/string-client.ts";

t.test("SUNION, SUNIONSTORE, SDIFF and SDIFFSTORE", async (t) => {
  for (const name of ["SUNION", "SDIFF"]) {
    await checkWrongType(t, [name, "nokey", "KEY"]);
    await checkWrongType(t, [`${name}STORE`, "to", "nokey", "KEY"]);
  }
});

for (const [form, options] of FORMS) {
  t.test(`of ${form} sets`, async (t) => {
    const { run, sorted, problems, pass } = await startCollections(t, options);
    await run("SADD", "a", 1, 2, 3, "x");
    await run("SADD", "b", 3, "x", 4);
    await run("SADD", "c", 5, "x");
    t.same(await sorted("SUNION", "a", "nokey", "b", "c", "a"), ["1", "2", "3", "4", "5", "x"]);
    t.same(await run("SUNION", "nokey"), []);
    t.same(await sorted("SDIFF", "a", "nokey", "b"), ["1", "2"]);
    t.same(await run("SDIFF", "nokey", "a"), []);
    t.same(await run("SDIFF", "a", "b", "a"), []);
    t.same(await sorted("SDIFF", "a"), ["1", "2", "3", "x"]);
    await run("SET", "to", "overwritten", "EX", 100);
    t.equal(await run("SUNIONSTORE", "to", "a", "b"), 5);
    t.equal(await run("TTL", "to"), -1);
    t.same(await sorted("SMEMBERS", "to"), ["1", "2", "3", "4", "x"]);
    t.equal(await run("SDIFFSTORE", "to", "to", "a"), 1, "the target may be a source");
    t.same(await run("SMEMBERS", "to"), ["4"]);
    t.equal(await run("SDIFFSTORE", "to", "a", "a"), 0);
    t.equal(await run("EXISTS", "to"), 0);
    await run("EXPIREMEMBER", "a", "x", 1, "ms");
    await pass(1);
    t.same(await sorted("SDIFF", "a", "nokey"), ["1", "2", "3"], "due members are left out");
    t.same(await sorted("SDIFF", "b", "a"), ["4", "x"], "and take nothing away");
    t.same(problems(), []);
    await run("HELLO", 3);
    t.ok((await run("SUNION", "a", "b")) instanceof Set);
    t.ok((await run("SDIFF", "a", "b")) instanceof Set);
  });
}

t.test("large results are merged in the order of the members' hashes", async (t) => {
  const { run, sorted, encoding, problems } = await startCollections(t, { store: "lmdb" });
  const expected = new Set<string>();
  for (const [key, from, to] of [
    ["a", 0, 1500],
    ["b", 1000, 2500],
    ["c", 2400, 2600],
  ] as const) {
    const members = Array.from({ length: to - from }, (_, i) => `m${from + i}`);
    await run("SADD", key, ...members);
    for (const member of members) expected.add(member);
  }
  const long = "l".repeat(3000);
  await run("SADD", "b", long, "small-too");
  await run("SADD", "d", long, 7, "m1");
  for (const member of [long, "small-too", "7"]) expected.add(member);
  t.same(await sorted("SUNION", "a", "b", "c", "d"), [...expected].sort());
  t.equal(await run("SUNIONSTORE", "to", "a", "b", "c", "d"), expected.size);
  t.same(await sorted("SMEMBERS", "to"), [...expected].sort());
  t.equal(await encoding("to"), "hashtable");
  const left = Array.from({ length: 1000 }, (_, i) => `m${i}`)
    .filter((member) => member !== "m1")
    .sort();
  t.same(await sorted("SDIFF", "a", "b", "d"), left, "asking the others");
  await run("SADD", "e", "m5");
  t.same(
    await sorted("SDIFF", "a", "e", "d", "b", "e", "d"),
    left.filter((member) => member !== "m5"),
    "merging",
  );
  t.same(problems(), []);
});

t.test("encoding and order of small results", async (t) => {
  const { run, encoding } = await startCollections(t, {
    config: { "set-max-intset-entries": 6, "set-max-listpack-entries": 6 },
  });
  await run("SADD", "a", 3, 1);
  await run("SADD", "b", "x", 2);
  t.same(await run("SUNION", "a", "b"), ["1", "3", "x", "2"]);
  await run("SUNIONSTORE", "to", "a", "b");
  t.equal(await encoding("to"), "listpack");
  await run("SDIFFSTORE", "to", "a", "b");
  t.equal(await encoding("to"), "intset");
  await run("SADD", "many", 1, 2, 3, 4, 5, 6, 7);
  await run("SDIFFSTORE", "to", "many", "a");
  t.equal(await encoding("to"), "intset", "built member by member");
  await run("SADD", "c", 9);
  await run("SDIFFSTORE", "to", "many", "c", "c", "c");
  t.equal(await encoding("to"), "hashtable", "built whole, then taken away from");
});
