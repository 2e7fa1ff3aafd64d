import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { checkWrongType, wrongArity } from "../../../support/string-client.ts";

t.test("SADD", async (t) => {
  await checkWrongType(t, ["SADD", "KEY", "m"]);
  for (const [form, options] of FORMS) {
    const { run, sorted, problems } = await startCollections(t, options);
    t.same(await run("SADD", "s"), wrongArity("sadd"));
    t.equal(await run("SADD", "s", "b", "a", "b"), 2, form);
    t.equal(await run("SADD", "s", "a", "", "007"), 2);
    t.same(await sorted("SMEMBERS", "s"), ["", "007", "a", "b"]);
    t.equal(await run("SCARD", "s"), 4);
    t.same(problems(), []);
  }
});

t.test("members of any length", async (t) => {
  for (const [form, options] of FORMS) {
    const { run, sorted, problems } = await startCollections(t, options);
    const members = [1, 47, 49, 1899, 1900, 1901, 1902, 16_000, 16_001, 40_000].map((length) => "m".repeat(length));
    t.equal(await run("SADD", "s", ...members), members.length, form);
    t.equal(await run("SADD", "s", ...members), 0);
    t.same(await sorted("SMEMBERS", "s"), members);
    t.same(
      await run("SMISMEMBER", "s", ...members),
      members.map(() => 1),
    );
    t.same(problems(), []);
    t.equal(await run("SREM", "s", ...members), members.length);
    t.equal(await run("EXISTS", "s"), 0);
    t.same(problems(), []);
  }
});

t.test("encodings as in Redis 7.2", async (t) => {
  const { run, encoding } = await startCollections(t, {
    config: { "set-max-intset-entries": 4, "set-max-listpack-entries": 3, "set-max-listpack-value": 5 },
  });
  const cases: readonly (readonly [string, string, readonly (readonly string[])[]])[] = [
    ["integers", "intset", [["3", "-1", "2", "9223372036854775807"]]],
    ["too many integers at once", "hashtable", [["1", "2", "3", "4", "5"]]],
    ["one integer too many", "hashtable", [["1", "2", "3", "4"], ["5"]]],
    ["an existing integer is not one too many", "intset", [["1", "2", "3", "4"], ["4"]]],
    ["a word after integers", "listpack", [["1", "2"], ["a"]]],
    ["a word after too many integers", "hashtable", [["1", "2", "3"], ["a"]]],
    ["a word after a long integer", "hashtable", [["123456"], ["a"]]],
    ["a long word after integers", "hashtable", [["1"], ["abcdef"]]],
    ["words", "listpack", [["a", "b", "c"]]],
    ["one word too many", "hashtable", [["a", "b", "c"], ["d"]]],
    ["too many words at once", "hashtable", [["a", "b", "c", "d"]]],
    ["a long word", "hashtable", [["abcdef"]]],
    ["no canonical integer", "listpack", [["007"]]],
    ["never back", "hashtable", [["abcdef"], ["1"]]],
  ];
  for (const [name, expected, calls] of cases) {
    await run("DEL", "s");
    for (const members of calls) await run("SADD", "s", ...members);
    t.equal(await encoding("s"), expected, name);
  }
  await run("DEL", "s");
  await run("SADD", "s", "abcdef", "1");
  await run("SREM", "s", "abcdef");
  t.equal(await encoding("s"), "hashtable");
});

t.test("an intset is sorted, a listpack in order of insertion", async (t) => {
  const { run } = await startCollections(t);
  const integers = ["70000", "-5", "0", "9223372036854775807", "-9223372036854775808", "32767", "-32769", "4294967296"];
  await run("SADD", "s", ...integers);
  const inOrder = integers
    .map(BigInt)
    .sort((a, b) => (a < b ? -1 : 1))
    .map(String);
  t.same(await run("SMEMBERS", "s"), inOrder);
  for (const integer of integers) t.equal(await run("SISMEMBER", "s", integer), 1, integer);
  t.equal(await run("SISMEMBER", "s", "1"), 0);
  await run("SADD", "s", "word");
  t.same(await run("SMEMBERS", "s"), [...inOrder, "word"]);
  await run("SREM", "s", "0");
  await run("SADD", "s", "0");
  t.same(await run("SMEMBERS", "s"), [...inOrder.filter((integer) => integer !== "0"), "word", "0"]);
});

t.test("adds to a large set what is not there", async (t) => {
  const { run, problems } = await startCollections(t, { config: { "set-max-listpack-entries": 0 } });
  const long = "x".repeat(3000);
  t.equal(await run("SADD", "s", "a", "b", "a", long, long), 3);
  t.equal(await run("SADD", "s", "b", long, "c"), 1);
  await run("PEXPIREMEMBERAT", "s", "a", Date.now() + 20);
  t.equal(await run("SADD", "s", "a"), 0);
  await new Promise((resolve) => setTimeout(resolve, 40));
  t.equal(await run("SADD", "s", "a", "a"), 1, "a due member is new");
  t.equal(await run("TTL", "s", "a"), -1);
  t.same([...((await run("SMEMBERS", "s")) as string[])].sort(), ["a", "b", "c", long]);
  t.same(problems(), []);
});
