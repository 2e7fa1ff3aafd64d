import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { RespError } from "../../../support/run.ts";
import { checkWrongType, SYNTAX_ERROR, WRONGTYPE } from "../../../support/string-client.ts";

t.test("SINTER, SINTERCARD and SINTERSTORE", async (t) => {
  await checkWrongType(t, ["SINTER", "nokey", "KEY"]);
  await checkWrongType(t, ["SINTERCARD", 2, "nokey", "KEY"]);
  await checkWrongType(t, ["SINTERSTORE", "to", "nokey", "KEY"]);
});

for (const [form, options] of FORMS) {
  t.test(`of ${form} sets`, async (t) => {
    const { run, sorted, problems } = await startCollections(t, options);
    await run("SADD", "a", 1, 2, 3, "x", "y");
    await run("SADD", "b", 3, "x", 2, "z");
    await run("SADD", "c", "x", 3, 99);
    t.same(await sorted("SINTER", "a", "b", "c"), ["3", "x"]);
    t.same(await sorted("SINTER", "a", "a"), ["1", "2", "3", "x", "y"]);
    t.same(await run("SINTER", "a", "nokey"), []);
    t.equal(await run("SINTERCARD", 3, "a", "b", "c"), 2);
    t.equal(await run("SINTERCARD", 2, "a", "b", "LIMIT", 2), 2);
    t.equal(await run("SINTERCARD", 2, "a", "b", "LIMIT", 0), 3);
    t.equal(await run("SINTERCARD", 2, "a", "nokey"), 0);
    await run("SET", "to", "overwritten", "EX", 100);
    t.equal(await run("SINTERSTORE", "to", "a", "b"), 3);
    t.equal(await run("TTL", "to"), -1);
    t.same(await sorted("SMEMBERS", "to"), ["2", "3", "x"]);
    t.equal(await run("SINTERSTORE", "a", "a", "c"), 2, "the target may be a source");
    t.same(await sorted("SMEMBERS", "a"), ["3", "x"]);
    t.equal(await run("SINTERSTORE", "to", "a", "nokey"), 0);
    t.equal(await run("EXISTS", "to"), 0);
    t.same(problems(), []);
    await run("HELLO", 3);
    t.ok((await run("SINTER", "a", "b")) instanceof Set);
  });
}

t.test("encoding of the result", async (t) => {
  const { run, encoding } = await startCollections(t, {
    config: { "set-max-intset-entries": 4, "set-max-listpack-entries": 4 },
  });
  await run("SADD", "large", 1, 2, 3, 4, 5, 6, "x");
  await run("SADD", "ints", 1, 2, 3);
  await run("SADD", "words", "x", 1, 2);
  await run("SINTERSTORE", "to", "large", "ints");
  t.equal(await encoding("to"), "intset");
  await run("SINTERSTORE", "to", "large", "words");
  t.equal(await encoding("to"), "listpack");
  await run("SINTERSTORE", "to", "large", "large");
  t.equal(await encoding("to"), "hashtable");
  await run("SREM", "large", "x", 5, 6);
  await run("SINTERSTORE", "to", "large", "large");
  t.equal(await encoding("to"), "intset", "integers of a hashtable");
});

t.test("errors", async (t) => {
  const { run } = await startCollections(t);
  await run("SADD", "a", 1);
  t.same(await run("SINTERCARD", 0, "a"), new RespError("ERR numkeys should be greater than 0"));
  t.same(await run("SINTERCARD", "x", "a"), new RespError("ERR numkeys should be greater than 0"));
  t.same(await run("SINTERCARD", 2, "a"), new RespError("ERR Number of keys can't be greater than number of args"));
  t.same(await run("SINTERCARD", 1, "a", "LIMIT", -1), new RespError("ERR LIMIT can't be negative"));
  t.same(await run("SINTERCARD", 1, "a", "LIMIT"), SYNTAX_ERROR);
  t.same(await run("SINTERCARD", 1, "a", "b"), SYNTAX_ERROR);
  await run("SET", "string", "x");
  t.same(await run("SINTERSTORE", "string", "a", "string"), WRONGTYPE);
  t.equal(await run("GET", "string"), "x");
});
