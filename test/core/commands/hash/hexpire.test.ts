import t from "tap";
import { FORMS, startCollections } from "../../../support/collection-client.ts";
import { RespError } from "../../../support/run.ts";
import { checkCommon, checkWrongType, NOT_AN_INTEGER } from "../../../support/string-client.ts";
import { waitUntil } from "../../../support/wait-until.ts";

t.test("HEXPIRE, HPEXPIRE, HEXPIREAT and HPEXPIREAT", async (t) => {
  for (const name of ["HEXPIRE", "HPEXPIRE", "HEXPIREAT", "HPEXPIREAT"]) {
    await checkCommon(t, [name, "KEY", 100, "FIELDS", 2, "f", "g"], [-2, -2]);
    await checkWrongType(t, [name, "KEY", 100, "FIELDS", 1, "f"]);
  }
});

for (const [form, options] of FORMS) {
  t.test(`set deadlines of fields of a ${form} hash`, async (t) => {
    const { run, encoding, problems } = await startCollections(t, options);
    await run("HSET", "h", "a", 1, "b", 2, "c", 3);
    t.same(await run("HEXPIRE", "h", 100, "FIELDS", 2, "a", "x"), [1, -2]);
    t.equal(await encoding("h"), form === "small" ? "listpackex" : "hashtable");
    t.same(await run("HTTL", "h", "FIELDS", 3, "a", "b", "x"), [100, -1, -2]);
    t.same(await run("HPEXPIRE", "h", 5000, "FIELDS", 1, "b"), [1]);
    t.same(await run("HTTL", "h", "FIELDS", 1, "b"), [5]);
    t.same(await run("HEXPIREAT", "h", 4_000_000_000, "FIELDS", 1, "c"), [1]);
    t.same(await run("HPEXPIRETIME", "h", "FIELDS", 1, "c"), [4_000_000_000_000]);
    t.same(await run("HPEXPIREAT", "h", 4_000_000_000_001, "FIELDS", 1, "c"), [1]);
    t.same(await run("HEXPIRETIME", "h", "FIELDS", 1, "c"), [4_000_000_001], "seconds are rounded up");
    t.same(problems(), []);
    t.same(await run("HPEXPIREAT", "h", 1, "FIELDS", 2, "a", "b"), [2, 2], "past: deleted");
    t.same(await run("HGETALL", "h"), ["c", "3"]);
    t.same(await run("HEXPIRE", "h", 0, "FIELDS", 1, "c"), [2]);
    t.equal(await run("EXISTS", "h"), 0);
    t.same(problems(), []);
  });

  t.test(`conditions (${form})`, async (t) => {
    const { run } = await startCollections(t, options);
    await run("HSET", "h", "a", 1, "b", 2);
    t.same(await run("HEXPIRE", "h", 100, "XX", "FIELDS", 1, "a"), [0]);
    t.same(await run("HEXPIRE", "h", 100, "GT", "FIELDS", 1, "a"), [0], "no deadline is the latest");
    t.same(await run("HEXPIRE", "h", 100, "NX", "FIELDS", 1, "a"), [1]);
    t.same(await run("HEXPIRE", "h", 100, "lt", "FIELDS", 1, "b"), [1]);
    t.same(await run("HEXPIRE", "h", 200, "NX", "FIELDS", 1, "a"), [0]);
    t.same(await run("HEXPIRE", "h", 200, "LT", "FIELDS", 1, "a"), [0]);
    t.same(await run("HEXPIRE", "h", 50, "GT", "FIELDS", 1, "a"), [0]);
    t.same(await run("HEXPIRE", "h", 200, "GT", "FIELDS", 1, "a"), [1]);
    t.same(await run("HEXPIRE", "h", 50, "LT", "FIELDS", 1, "a"), [1]);
    t.same(await run("HEXPIRE", "h", 60, "XX", "FIELDS", 1, "a"), [1]);
    t.same(await run("HTTL", "h", "FIELDS", 1, "a"), [60]);
  });

  t.test(`HSET drops the deadline (${form})`, async (t) => {
    const { run, problems } = await startCollections(t, options);
    await run("HSET", "h", "a", 1, "b", 2);
    await run("HEXPIRE", "h", 100, "FIELDS", 2, "a", "b");
    await run("HSET", "h", "a", 2);
    t.same(await run("HTTL", "h", "FIELDS", 2, "a", "b"), [-1, 100]);
    t.same(problems(), []);
  });

  t.test(`the active cycle deletes due fields, and the ${form} hash with the last one`, async (t) => {
    const { run, problems } = await startCollections(t, { ...options, activeExpire: true });
    const fields = Array.from({ length: 300 }, (_, i) => `f${i}`);
    await run("HSET", "h", ...fields.flatMap((field) => [field, 1]), "stays", 1);
    await run("HSET", "gone", "a", 1, "b", 2);
    await run("HPEXPIRE", "h", 20, "FIELDS", fields.length, ...fields);
    await run("HPEXPIRE", "gone", 20, "FIELDS", 2, "a", "b");
    await waitUntil("all due fields are gone", async () => (await run("HLEN", "h")) === 1);
    await waitUntil("the other hash is gone", async () => (await run("EXISTS", "gone")) === 0);
    t.same(await run("HGETALL", "h"), ["stays", "1"]);
    t.same(problems(), []);
  });

  t.test(`deadlines follow the key of a ${form} hash`, async (t) => {
    const { run, problems } = await startCollections(t, options);
    await run("HSET", "h", "a", 1, "b", 2);
    await run("HPEXPIREAT", "h", 4_000_000_000_000, "FIELDS", 1, "a");
    await run("EXPIRE", "h", 100);
    await run("COPY", "h", "copy");
    await run("RENAME", "h", "renamed");
    await run("MOVE", "renamed", 3);
    t.same(problems(), []);
    await run("DEL", "copy");
    t.same(problems(), []);
    await run("SELECT", 3);
    t.same(await run("HPEXPIRETIME", "renamed", "FIELDS", 2, "a", "b"), [4_000_000_000_000, -1]);
    t.equal(await run("TTL", "renamed"), 100);
    await run("FLUSHDB");
    t.same(problems(), []);
  });
}

t.test("errors, in Redis' order", async (t) => {
  const { run } = await startCollections(t);
  await run("HSET", "h", "a", 1);
  t.same(await run("HEXPIRE", "h", "x", "FIELDS", 1, "a"), NOT_AN_INTEGER);
  t.same(await run("HEXPIRE", "h", -1, "FIELDS", 1, "a"), new RespError("ERR invalid expire time, must be >= 0"));
  for (const [name, time] of [
    ["HEXPIRE", "9223372036854775807"],
    ["HPEXPIREAT", "70368744177664"],
  ] as const) {
    const error = new RespError(`ERR invalid expire time in '${name.toLowerCase()}' command`);
    t.same(await run(name, "h", time, "FIELDS", 1, "a"), error);
  }
  const missing = new RespError("ERR Mandatory argument FIELDS is missing or not at the right position");
  t.same(await run("HEXPIRE", "h", 1, "FOO", 1, "a"), missing);
  t.same(await run("HEXPIRE", "h", 1, "NX", "XX", 1, "a"), missing);
  t.same(
    await run("HEXPIRE", "h", 1, "FIELDS", 0, "a"),
    new RespError("ERR Parameter `numFields` should be greater than 0"),
  );
  const mismatch = new RespError("ERR The `numfields` parameter must match the number of arguments");
  t.same(await run("HEXPIRE", "h", 1, "FIELDS", 2, "a"), mismatch);
  t.same(await run("HEXPIRE", "h", 1, "FIELDS", 1, "a", "b"), mismatch);
  t.same(await run("HTTL", "h", "FIELDS", 1, "a"), [-1]);
});
