// Members that are due are seen by nobody, though nothing deletes them in the background here.
import t from "tap";
import { type CollectionClient, startCollections } from "../../../support/collection-client.ts";

/** A sorted set of a to e whose members b and d are due. */
async function startDue(t: Parameters<typeof startCollections>[0]): Promise<CollectionClient> {
  const client = await startCollections(t);
  await client.run("ZADD", "z", 1, "a", 2, "b", 3, "c", 4, "d", 5, "e");
  await client.run("EXPIREMEMBER", "z", "b", 20, "ms");
  await client.run("EXPIREMEMBER", "z", "d", 20, "ms");
  await client.run("EXPIREMEMBER", "z", "e", 1000);
  await client.pass(20);
  return client;
}

for (const [expected, ...command] of [
  [3, "ZCARD", "z"],
  [null, "ZSCORE", "z", "b"],
  [1, "ZRANK", "z", "c"],
  [0, "ZREVRANK", "z", "e"],
  [["a", "c", "e"], "ZRANGE", "z", 0, -1],
  [["c"], "ZRANGE", "z", 1, 1],
  [["c"], "ZRANGEBYSCORE", "z", 2, 4],
  [1, "ZCOUNT", "z", 2, 4],
  [["1", null], "ZMSCORE", "z", "a", "b"],
  [["a", "c", "e"], "ZUNION", 1, "z"],
  [["a", "c", "e"], "SORT", "z", "ALPHA"],
  [["0", ["a", "1", "c", "3", "e", "5"]], "ZSCAN", "z", 0],
  [1, "ZADD", "z", 7, "b"],
  ["2", "ZINCRBY", "z", 2, "d"],
  [["a", "1"], "ZPOPMIN", "z"],
  [0, "ZREM", "z", "b"],
  [1, "ZREMRANGEBYRANK", "z", 1, 1],
  [3, "ZUNIONSTORE", "to", 1, "z"],
] as const) {
  t.test(command.join(" "), async (t) => {
    const { run, problems } = await startDue(t);
    t.same(await run(...command), expected);
    t.same(problems(), []);
  });
}

t.test("in transactions and scripts that only read", async (t) => {
  const { run } = await startDue(t);
  await run("WATCH", "other");
  await run("MULTI");
  await run("GET", "other");
  await run("ZCARD", "z");
  await run("ZRANGE", "z", 0, 0);
  t.same(await run("EXEC"), [null, 3, ["a"]]);

  const second = await startDue(t);
  const script = "local n = redis.pcall('ZCARD', KEYS[1]) return {n, redis.call('ZRANGE', KEYS[1], 0, -1)}";
  await second.run("EVAL_RO", script, 0);
  t.same(await second.run("EVAL_RO", script, 1, "z"), [3, ["a", "c", "e"]]);

  const third = await startDue(t);
  await third.run("MULTI");
  await third.run("EVAL_RO", script, 1, "z");
  await third.run("ZSCORE", "z", "d");
  t.same(await third.run("EXEC"), [[3, ["a", "c", "e"]], null]);
});

t.test("a watched key whose members fall due was touched", async (t) => {
  const { run, pass } = await startCollections(t);
  await run("ZADD", "z", 1, "a", 2, "b");
  await run("EXPIREMEMBER", "z", "a", 20, "ms");
  await run("WATCH", "z");
  await pass(20);
  await run("ZCARD", "z");
  await run("MULTI");
  await run("PING");
  t.equal(await run("EXEC"), null);
});

for (const [add, count, ...more] of [
  ["ZADD", "ZCARD", 1],
  ["SADD", "SCARD"],
] as const) {
  t.test(`${count} of a key none of whose members is left`, async (t) => {
    const { run, pass, problems } = await startCollections(t);
    for (const key of ["k", "l", "m"]) {
      await run(add, key, ...more, "a");
      await run("EXPIREMEMBER", key, "a", 10, "ms");
    }
    await pass(10);
    t.equal(await run(count, "k"), 0);
    t.equal(await run("EXISTS", "l"), 0);
    t.equal(await run("TYPE", "m"), "none");
    t.same(problems(), []);
  });
}

t.test("SCARD counts what is left", async (t) => {
  const { run, pass } = await startCollections(t);
  await run("SADD", "s", "a", "b", "c");
  await run("EXPIREMEMBER", "s", "b", 10, "ms");
  await pass(10);
  t.equal(await run("SCARD", "s"), 2);
  t.same(await run("SINTERCARD", 1, "s"), 2);
});
