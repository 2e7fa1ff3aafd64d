import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { RespError } from "../../../support/run.ts";
import { checkCommon, NOT_AN_INTEGER, wrongArity } from "../../../support/string-client.ts";
import { waitUntil } from "../../../support/wait-until.ts";

t.test("EXPIREMEMBER, EXPIREMEMBERAT and PEXPIREMEMBERAT", async (t) => {
  for (const name of ["EXPIREMEMBER", "EXPIREMEMBERAT", "PEXPIREMEMBERAT"]) {
    await checkCommon(t, [name, "KEY", "member", 100], 0);
  }
  const { run } = await startCollections(t);
  await run("SET", "string", "x");
  t.same(await run("EXPIREMEMBER", "string", "x", 1), new RespError("ERR object type is unsupported"));
  await run("SADD", "s", "a");
  t.same(await run("EXPIREMEMBER", "s", "a", "x"), NOT_AN_INTEGER);
  t.same(await run("EXPIREMEMBER", "s", "a", 1, "min"), new RespError("ERR Invalid unit arg"));
  t.same(await run("EXPIREMEMBER", "s", "a", 1, "s", "s"), new RespError("ERR Invalid number of arguments"));
  t.same(await run("EXPIREMEMBERAT", "s", "a", 1, "s"), wrongArity("expirememberat"));
  for (const name of ["ttl", "pttl", "persist"]) t.same(await run(name, "s", "a", "b"), wrongArity(name));
});

for (const [form, options] of FORMS) {
  for (const [type, ...add] of [
    ["set", "SADD", "k", "a", "b", "c"],

    ["hash", "HSET", "k", "a", "1", "b", "2", "c", "3"],
  ]) {
    t.test(`deadlines of members of a ${form} ${type}`, async (t) => {
      const { run, problems } = await startCollections(t, options);
      await run(...add);
      t.equal(await run("EXPIREMEMBER", "k", "a", 100), 1);
      t.equal(await run("TTL", "k", "a"), 100);
      t.equal(await run("EXPIREMEMBER", "k", "a", 50_400, "MS"), 1, "a second one replaces it");
      t.equal(await run("TTL", "k", "a"), 50, "rounded to the nearest second");
      t.equal(await run("EXPIREMEMBER", "k", "x", 100), 0);
      t.equal(await run("PTTL", "k", "b"), -1);
      t.equal(await run("PTTL", "k", "x"), -1);
      t.equal(await run("PTTL", "nokey", "x"), -2);
      t.equal(await run("EXPIREMEMBERAT", "k", "b", 4_000_000_000), 1);
      t.equal(await run("EXPIRE", "k", 200), 1, "EXPIRE and member deadlines live together");
      t.equal(await run("TTL", "k"), 200);
      t.equal(await run("TTL", "k", "a"), 50);
      t.equal(await run("PERSIST", "k"), 1);
      t.equal(await run("TTL", "k", "a"), 50);
      t.equal(await run("PERSIST", "k", "a"), 1);
      t.equal(await run("PERSIST", "k", "a"), 0);
      t.equal(await run("TTL", "k", "a"), -1);
      t.same(problems(), []);
      t.equal(await run("PEXPIREMEMBERAT", "k", "a", 1), 1, "a past deadline deletes at once");
      t.equal(await run("EXPIREMEMBER", "k", "b", -1), 1);
      t.equal(await run("EXPIREMEMBER", "k", "c", 0), 1);
      t.equal(await run("EXISTS", "k"), 0);
      t.same(problems(), []);
    });
  }

  t.test(`the active cycle deletes due members of a ${form} set`, async (t) => {
    const { run, problems } = await startCollections(t, { ...options, activeExpire: true });
    const members = Array.from({ length: 300 }, (_, i) => `m${i}`);
    await run("SADD", "s", ...members, "stays");
    await run("SADD", "gone", "a");
    for (const member of members) await run("EXPIREMEMBER", "s", member, 30, "ms");
    await run("EXPIREMEMBER", "gone", "a", 30, "ms");
    await waitUntil("all due members are gone", async () => (await run("SCARD", "s")) === 1);
    await waitUntil("the other set is gone", async () => (await run("EXISTS", "gone")) === 0);
    t.same(await run("SMEMBERS", "s"), ["stays"]);
    t.same(problems(), []);
  });
}

t.test("WATCH notices a deadline", async (t) => {
  const { run, worker } = await startCollections(t);
  const other = worker.connect();
  await run("SADD", "s", "a");
  await run("WATCH", "s");
  await other.run("EXPIREMEMBER", "s", "a", 100);
  await run("MULTI");
  await run("PING");
  t.equal(await run("EXEC"), null);
});

t.test("members of a sorted set", async (t) => {
  const { run } = await startCollections(t, { activeExpire: true });
  await run("ZADD", "z", 1, "a", 2, "b", 3, "c");
  t.equal(await run("EXPIREMEMBER", "z", "x", 100), 0);
  t.equal(await run("EXPIREMEMBER", "z", "a", 100), 1);
  t.equal(await run("TTL", "z", "a"), 100);
  t.equal(await run("TTL", "z", "b"), -1);
  await run("ZINCRBY", "z", 10, "a");
  t.equal(await run("TTL", "z", "a"), 100, "a new score leaves it");
  t.equal(await run("PERSIST", "z", "a"), 1);
  t.equal(await run("TTL", "z", "a"), -1);
  await run("EXPIREMEMBER", "z", "b", 20, "ms");
  await run("EXPIREMEMBER", "z", "c", 40, "ms");
  await run("ZREM", "z", "b");
  await waitUntil("the member is gone", async () => (await run("ZCARD", "z")) === 1);
  t.same(await run("ZRANGE", "z", 0, -1, "WITHSCORES"), ["a", "11"]);
  t.equal(await run("EXPIREMEMBER", "z", "a", -1), 1);
  t.equal(await run("EXISTS", "z"), 0);
});
