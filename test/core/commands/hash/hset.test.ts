import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { checkWrongType, wrongArity } from "../../../support/string-client.ts";

t.test("HSET and HMSET", async (t) => {
  await checkWrongType(t, ["HSET", "KEY", "f", "v"]);
  await checkWrongType(t, ["HMSET", "KEY", "f", "v"]);
  const { run } = await startCollections(t);
  for (const args of [["HSET"], ["HSET", "h"], ["HSET", "h", "f"], ["HSET", "h", "f", "v", "g"]]) {
    t.same(await run(...args), wrongArity("hset"), args.join(" "));
  }
  t.same(await run("HMSET", "h", "f", "v", "g"), wrongArity("hmset"));
  t.equal(await run("EXISTS", "h"), 0);
});

for (const [form, options] of FORMS) {
  t.test(`sets fields of a ${form} hash`, async (t) => {
    const { run, sorted, problems } = await startCollections(t, options);
    t.equal(await run("HSET", "h", "a", 1, "b", 2), 2);
    t.equal(await run("HSET", "h", "b", "two", "c", "", "c", "three"), 1);
    t.equal(await run("HMSET", "h", "", "empty", "d", 4), "OK");
    t.same(await sorted("HGETALL", "h"), ["", "1", "4", "a", "b", "c", "d", "empty", "three", "two"]);
    t.equal(await run("EXPIRE", "h", 100), 1);
    await run("HSET", "h", "e", 5);
    t.equal(await run("TTL", "h"), 100, "the key's expiry stays");
    t.same(problems(), []);
  });

  t.test(`fields and values of any length in a ${form} hash`, async (t) => {
    const { run, problems } = await startCollections(t, options);
    const lengths = [0, 47, 48, 49, 1899, 1900, 1901, 1902, 15_999, 16_000, 16_001, 40_000];
    for (const length of lengths) await run("HSET", "h", "f".repeat(length), "v".repeat(length));
    for (const length of lengths) {
      t.equal(await run("HGET", "h", "f".repeat(length)), "v".repeat(length), `${length} bytes`);
      t.equal(await run("HSTRLEN", "h", "f".repeat(length)), length);
    }
    t.equal(await run("HLEN", "h"), lengths.length);
    for (const length of lengths) await run("HSET", "h", "f".repeat(length), `short ${length}`);
    for (const length of lengths) t.equal(await run("HGET", "h", "f".repeat(length)), `short ${length}`);
    t.same(problems(), []);
    t.equal(await run("HDEL", "h", ...lengths.map((length) => "f".repeat(length))), lengths.length);
    t.equal(await run("EXISTS", "h"), 0);
    t.same(problems(), []);
  });
}

t.test("becomes large exactly when Redis makes a hashtable of it", async (t) => {
  const { run, encoding } = await startCollections(t, {
    config: { "hash-max-listpack-entries": 4, "hash-max-listpack-value": 8 },
  });
  await run("HSET", "h", "a", 1, "b", 2, "c", 3, "d", 4);
  t.equal(await encoding("h"), "listpack");
  t.same(await run("HGETALL", "h"), ["a", "1", "b", "2", "c", "3", "d", "4"], "in order of insertion");
  await run("HSET", "h", "e", 5);
  t.equal(await encoding("h"), "hashtable");
  await run("HDEL", "h", "a", "b", "c", "d");
  t.equal(await encoding("h"), "hashtable", "and stays large");
  await run("HSET", "v", "a", "12345678");
  t.equal(await encoding("v"), "listpack");
  await run("HSET", "v", "a", "123456789");
  t.equal(await encoding("v"), "hashtable");
  await run("HSET", "f", "123456789", "a");
  t.equal(await encoding("f"), "hashtable");
  await run("HSET", "p", "a", 1, "a", 2, "a", 3, "a", 4, "a", 5);
  t.equal(await encoding("p"), "hashtable", "the number of pairs counts, not of fields");
});

t.test("a listpack keeps its order when values change", async (t) => {
  const { run } = await startCollections(t);
  await run("HSET", "h", "a", 1, "b", 2, "c", 3);
  await run("HSET", "h", "b", "a longer value", "a", "");
  t.same(await run("HGETALL", "h"), ["a", "", "b", "a longer value", "c", "3"]);
  await run("HDEL", "h", "a");
  await run("HSET", "h", "a", 1);
  t.same(await run("HKEYS", "h"), ["b", "c", "a"]);
});

t.test("WATCH notices that only a value changed", async (t) => {
  for (const [, options] of FORMS) {
    const { run, worker } = await startCollections(t, options);
    const other = worker.connect();
    await run("HSET", "h", "a", 1);
    await run("WATCH", "h");
    await other.run("HSET", "h", "a", 1);
    await run("MULTI");
    await run("PING");
    t.equal(await run("EXEC"), null);
  }
});
