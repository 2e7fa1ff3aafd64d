import t from "tap";
import { RespError } from "../../../support/run.ts";
import { checkCommon, checkWrongType, NOT_AN_INTEGER } from "../../../support/string-client.ts";
import { FORMS, startZsets } from "../../../support/zset-client.ts";

t.test("ZREMRANGEBYRANK, ZREMRANGEBYSCORE and ZREMRANGEBYLEX", async (t) => {
  for (const args of [
    ["ZREMRANGEBYRANK", "KEY", "0", "-1"],
    ["ZREMRANGEBYSCORE", "KEY", "-inf", "inf"],
    ["ZREMRANGEBYLEX", "KEY", "-", "+"],
  ]) {
    await checkCommon(t, args, 0);
    await checkWrongType(t, args);
  }
  const { run } = await startZsets(t);
  t.same(await run("ZREMRANGEBYRANK", "list", "x", "1"), NOT_AN_INTEGER);
  t.same(await run("ZREMRANGEBYSCORE", "list", "x", "1"), new RespError("ERR min or max is not a float"));
  t.same(await run("ZREMRANGEBYLEX", "list", "x", "+"), new RespError("ERR min or max not valid string range item"));
});

for (const [form, options] of FORMS) {
  t.test(`removes ranges of a ${form} set`, async (t) => {
    const { run, fill, show, problems } = await startZsets(t, options);
    await fill("z", "a 1 b 2 c 3 d 4 e 5 f 6");
    t.equal(await run("ZREMRANGEBYRANK", "z", 1, 2), 2);
    t.equal(await run("ZREMRANGEBYRANK", "z", 10, 20), 0);
    t.equal(await run("ZREMRANGEBYRANK", "z", -1, -100), 0);
    t.equal(await show("z"), "a 1 d 4 e 5 f 6");
    t.equal(await run("ZREMRANGEBYSCORE", "z", "(4", "5"), 1);
    t.equal(await run("ZREMRANGEBYSCORE", "z", "9", "5"), 0);
    t.equal(await show("z"), "a 1 d 4 f 6");
    t.equal(await run("ZREMRANGEBYRANK", "z", "-9223372036854775808", "9223372036854775807"), 3);
    t.equal(await run("EXISTS", "z"), 0);
    await fill("l", "a 0 b 0 c 0 d 0");
    t.equal(await run("ZREMRANGEBYLEX", "l", "(a", "[c"), 2);
    t.equal(await show("l"), "a 0 d 0");
    t.same(problems(), []);
  });

  t.test(`ranges over many leaves of a ${form} set`, async (t) => {
    const { run, problems } = await startZsets(t, { ...options, store: "lmdb" });
    const words = Array.from({ length: 5000 }, (_, i) => [i, `member:${i}`]);
    await run("ZADD", "z", ...words.flat());
    t.equal(await run("ZREMRANGEBYRANK", "z", 10, 4989), 4980);
    t.equal(await run("ZCARD", "z"), 20);
    t.same(await run("ZRANGE", "z", 9, 10), ["member:9", "member:4990"]);
    t.equal(await run("ZSCORE", "z", "member:100"), null);
    t.same(problems(), []);
  });
}

t.test("many members go at once, whatever stays", async (t) => {
  const { run, problems } = await startZsets(t, { store: "lmdb" });
  // Long members, negative zeros and a hash order that has nothing to do with the ranks.
  const members = Array.from({ length: 3000 }, (_, i) => (i % 500 === 7 ? `${"x".repeat(2000)}${i}` : `member:${i}`));
  const longest = "y".repeat(40_000);
  const all = [...members, longest];
  const scores = all.map((_, i) => (i < 2 ? "-0" : String(i)));
  for (const [from, to] of [
    [0, 2999], // one stays
    [1, 3000],
    [100, 2200], // few stay, on both sides
    [0, 1400], // fewer go than stay
    [1700, 3000],
    [700, 1400],
  ] as const) {
    await run("DEL", "z");
    await run("ZADD", "z", ...all.flatMap((member, i) => [scores[i] as string, member]));
    const order = (await run("ZRANGE", "z", 0, -1)) as string[];
    t.equal(await run("ZREMRANGEBYRANK", "z", from, to), to - from + 1);
    const left = [...order.slice(0, from), ...order.slice(to + 1)];
    t.same(await run("ZRANGE", "z", 0, -1), left);
    const [some = ""] = left;
    t.equal(await run("ZSCORE", "z", some), scores[all.indexOf(some)]);
    t.equal(await run("ZSCORE", "z", order[from] as string), null);
    t.equal(await run("OBJECT", "ENCODING", "z"), "skiplist");
    t.same(problems(), []);
  }
  // Members with deadlines keep them.
  await run("EXPIREMEMBER", "z", "member:5", 1000);
  t.equal(await run("ZREMRANGEBYRANK", "z", 6, 1500), 1495);
  t.equal(await run("TTL", "z", "member:5"), 1000);
  t.same(problems(), []);
});
