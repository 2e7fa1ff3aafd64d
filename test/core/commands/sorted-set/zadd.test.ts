import t from "tap";
import { RespError } from "../../../support/run.ts";
import { checkCommon, checkWrongType, SYNTAX_ERROR } from "../../../support/string-client.ts";
import { FORMS, startZsets } from "../../../support/zset-client.ts";

const NOT_A_FLOAT = new RespError("ERR value is not a valid float");

t.test("ZADD and ZINCRBY", async (t) => {
  await checkCommon(t, ["ZADD", "KEY", "1", "a"], 1);
  await checkCommon(t, ["ZADD", "KEY", "XX", "1", "a"], 0);
  await checkCommon(t, ["ZADD", "KEY", "XX", "INCR", "1", "a"], null);
  await checkWrongType(t, ["ZADD", "KEY", "1", "a"]);
  await checkWrongType(t, ["ZINCRBY", "KEY", "1", "a"]);
});

t.test("refused arguments change nothing", async (t) => {
  const { run, problems } = await startZsets(t);
  const error = (text: string): RespError => new RespError(`ERR ${text}`);
  t.same(await run("ZADD", "z", "1"), error("wrong number of arguments for 'zadd' command"));
  t.same(await run("ZADD", "z", "1", "a", "2"), SYNTAX_ERROR);
  t.same(await run("ZADD", "z", "CH", "NX"), SYNTAX_ERROR);
  t.same(await run("ZADD", "z", "1", "a", "x", "b"), NOT_A_FLOAT);
  t.same(await run("ZADD", "z", "nan", "a"), NOT_A_FLOAT);
  t.same(await run("ZADD", "z", "NX", "XX", "1", "a"), error("XX and NX options at the same time are not compatible"));
  const together = error("GT, LT, and/or NX options at the same time are not compatible");
  for (const flags of [
    ["GT", "LT"],
    ["NX", "GT"],
    ["LT", "NX"],
  ])
    t.same(await run("ZADD", "z", ...flags, "1", "a"), together);
  t.same(
    await run("ZADD", "z", "INCR", "1", "a", "2", "b"),
    error("INCR option supports a single increment-element pair"),
  );
  t.equal(await run("EXISTS", "z"), 0);
  t.same(problems(), []);
});

for (const [form, options] of FORMS) {
  t.test(`options on a ${form} set`, async (t) => {
    const { run, show, fill, problems } = await startZsets(t, options);
    await fill("z", "a 1 b 2 c 3");
    t.equal(await run("ZADD", "z", "10", "a", "4", "d"), 1);
    t.equal(await run("ZADD", "z", "CH", "11", "a", "4", "d", "5", "e"), 2);
    t.equal(await run("ZADD", "z", "NX", "0", "a", "6", "f"), 1);
    t.equal(await run("ZADD", "z", "xx", "ch", "7", "f", "0", "none"), 1);
    t.equal(await run("ZADD", "z", "GT", "CH", "1", "f", "12", "a", "-5", "g"), 2);
    t.equal(await run("ZADD", "z", "LT", "CH", "1", "f", "13", "a"), 1);
    t.equal(await show("z"), "g -5 f 1 b 2 c 3 d 4 e 5 a 12");
    t.equal(await run("ZADD", "z", "INCR", "0.5", "b"), "2.5");
    t.equal(await run("ZADD", "z", "NX", "INCR", "1", "b"), null);
    t.equal(await run("ZADD", "z", "LT", "INCR", "1", "b"), null);
    t.equal(await run("ZINCRBY", "z", "-3", "b"), "-0.5");
    t.equal(await run("ZINCRBY", "z", "1e3", "new"), "1000");
    await run("HELLO", "3");
    t.same(await run("ZINCRBY", "z", "0.25", "new"), { double: "1000.25" });
    t.same(problems(), []);
  });

  t.test(`infinities and zeros in a ${form} set`, async (t) => {
    const { run, show, problems } = await startZsets(t, options);
    await run("ZADD", "z", "inf", "i", "-inf", "j", "-0", "m", "0", "l", "1e-320", "d");
    t.same(await run("ZINCRBY", "z", "-inf", "i"), new RespError("ERR resulting score is not a number (NaN)"));
    // Redis' listpacks forget the sign of a zero.
    t.equal(await show("z"), `j -inf l 0 m ${form === "large" ? "-0" : "0"} d 1e-320 i inf`);
    t.equal(await run("ZSCORE", "z", "i"), "inf");
    t.same(await run("ZRANGEBYSCORE", "z", "0", "(1e-320"), ["l", "m"]);
    t.same(problems(), []);
  });

  t.test(`WATCH notices only what changes a ${form} set`, async (t) => {
    const { run, fill } = await startZsets(t, options);
    await fill("z", "a 1 b 2");
    const changed = async (...command: string[]): Promise<boolean> => {
      await run("WATCH", "z");
      await run(...command);
      await run("MULTI");
      return (await run("EXEC")) === null;
    };
    t.equal(await changed("ZADD", "z", "1", "a"), false);
    t.equal(await changed("ZADD", "z", "NX", "5", "a"), false);
    t.equal(await changed("ZADD", "z", "5", "a"), true);
    t.equal(await changed("ZREM", "z", "none"), false);
    t.equal(await changed("ZREM", "z", "a"), true);
  });
}

t.test("encodings change as Redis changes them", async (t) => {
  const { run, encoding, fill, problems } = await startZsets(t, {
    config: { "zset-max-listpack-entries": 3, "zset-max-listpack-value": 5 },
  });
  await fill("z", "a 1 b 2 c 3");
  t.equal(await encoding("z"), "listpack");
  await run("ZADD", "z", "9", "c");
  t.equal(await encoding("z"), "listpack");
  await run("ZADD", "z", "4", "d");
  t.equal(await encoding("z"), "skiplist");
  await run("ZREM", "z", "d", "c");
  t.equal(await encoding("z"), "skiplist", "it does not go back");
  await run("ZADD", "long", "1", "123456");
  t.equal(await encoding("long"), "skiplist");
  await run("ZADD", "later", "1", "a", "1", "123456");
  t.equal(await encoding("later"), "skiplist");
  await run("ZADD", "many", "1", "a", "1", "a", "1", "a", "1", "a");
  t.equal(await encoding("many"), "skiplist", "by the number of arguments");
  await fill("few", "a 1");
  t.equal(await run("ZADD", "few", "NX", "1", "a", "1", "a", "1", "a", "1", "a"), 0);
  t.equal(await encoding("few"), "skiplist");
  t.same(problems(), []);
});

t.test("a listpack may be larger than a record", async (t) => {
  const { run, encoding, problems } = await startZsets(t, {
    config: { "zset-max-listpack-entries": 100_000, "zset-max-listpack-value": 100_000 },
  });
  for (let i = 0; i < 40; i++) await run("ZADD", "z", i, `${i}`.padEnd(1000, "x"));
  t.equal(await encoding("z"), "listpack");
  t.equal(await run("ZCARD", "z"), 40);
  t.equal(await run("ZRANK", "z", "30".padEnd(1000, "x")), 30);
  t.same(problems(), []);
});

t.test("members of any length and content", async (t) => {
  const { run, problems } = await startZsets(t, { store: "lmdb" });
  const lengths = [0, 1, 63, 64, 891, 892, 893, 1899, 1900, 1901, 15_999, 16_001, 70_000];
  const members = lengths.map((length) => Buffer.alloc(length, "\x00\xffm"));
  for (const [i, member] of members.entries()) t.equal(await run("ZADD", "z", i, member), 1);
  for (const [i, member] of members.entries()) t.equal(await run("ZINCRBY", "z", 100 - 2 * i, member), `${100 - i}`);
  t.same(
    await run("ZMSCORE", "z", ...members),
    members.map((_, i) => `${100 - i}`),
  );
  t.same(await run("ZRANGE", "z", 0, -1), members.map((member) => member.toString("latin1")).reverse());
  t.same(problems(), []);
  t.equal(await run("ZREM", "z", ...members.slice(1)), members.length - 1);
  t.same(problems(), []);
});
