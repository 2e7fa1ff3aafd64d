import t from "tap";
import { RespError } from "../../../support/run.ts";
import { checkCommon, checkWrongType, NOT_AN_INTEGER, SYNTAX_ERROR } from "../../../support/string-client.ts";
import { FORMS, startZsets } from "../../../support/zset-client.ts";

t.test("ZRANGE and its older forms", async (t) => {
  for (const args of [
    ["ZRANGE", "KEY", "0", "-1"],
    ["ZREVRANGE", "KEY", "0", "-1"],
    ["ZRANGEBYSCORE", "KEY", "0", "1"],
    ["ZREVRANGEBYSCORE", "KEY", "1", "0"],
    ["ZRANGEBYLEX", "KEY", "-", "+"],
    ["ZREVRANGEBYLEX", "KEY", "+", "-"],
  ]) {
    await checkCommon(t, args, []);
    await checkWrongType(t, args);
  }
});

t.test("refused arguments", async (t) => {
  const { run } = await startZsets(t);
  t.same(await run("ZRANGE", "z", "a", "1"), NOT_AN_INTEGER);
  t.same(await run("ZRANGE", "z", "0", "1", "LIMIT", "1"), SYNTAX_ERROR);
  t.same(await run("ZRANGE", "z", "0", "1", "BYSCORE", "BYSCORE"), SYNTAX_ERROR);
  t.same(await run("ZRANGE", "z", "0", "1", "REV", "REV"), SYNTAX_ERROR);
  t.same(await run("ZREVRANGE", "z", "0", "1", "REV"), SYNTAX_ERROR);
  t.same(await run("ZRANGEBYSCORE", "z", "0", "1", "LIMIT", "x", "1"), NOT_AN_INTEGER);
  const error = (text: string): RespError => new RespError(`ERR syntax error, ${text}`);
  t.same(
    await run("ZRANGE", "z", "0", "1", "LIMIT", "0", "1"),
    error("LIMIT is only supported in combination with either BYSCORE or BYLEX"),
  );
  t.same(
    await run("ZRANGE", "z", "-", "+", "BYLEX", "WITHSCORES"),
    error("WITHSCORES not supported in combination with BYLEX"),
  );
});

for (const [form, options] of FORMS) {
  t.test(`by rank in a ${form} set`, async (t) => {
    const { run, fill } = await startZsets(t, options);
    await fill("z", "a 1 b 2 c 2 d 3");
    t.same(await run("ZRANGE", "z", 0, -1), ["a", "b", "c", "d"]);
    t.same(await run("ZRANGE", "z", 1, 2, "WITHSCORES"), ["b", "2", "c", "2"]);
    t.same(await run("ZRANGE", "z", -2, 100), ["c", "d"]);
    t.same(await run("ZRANGE", "z", 3, 2), []);
    t.same(await run("ZRANGE", "z", 4, 9), []);
    t.same(await run("ZRANGE", "z", 0, 1, "REV"), ["d", "c"]);
    t.same(await run("ZREVRANGE", "z", 1, -1, "WITHSCORES"), ["c", "2", "b", "2", "a", "1"]);
    await run("HELLO", "3");
    t.same(await run("ZRANGE", "z", 3, 3, "withscores"), [["d", { double: "3" }]]);
  });

  t.test(`by score and string in a ${form} set`, async (t) => {
    const { run, fill } = await startZsets(t, options);
    await fill("z", "a 1 b 2 c 3 d 4 e 5");
    t.same(await run("ZRANGE", "z", "(1", "4", "BYSCORE"), ["b", "c", "d"]);
    t.same(await run("ZRANGE", "z", "4", "(1", "BYSCORE", "REV"), ["d", "c", "b"]);
    t.same(await run("ZRANGE", "z", "1", "5", "BYSCORE", "LIMIT", "1", "2", "WITHSCORES"), ["b", "2", "c", "3"]);
    t.same(await run("ZREVRANGEBYSCORE", "z", "+inf", "-inf", "LIMIT", "1", "2"), ["d", "c"]);
    t.same(await run("ZRANGEBYSCORE", "z", "2", "9", "LIMIT", "2", "-1"), ["d", "e"]);
    t.same(await run("ZRANGEBYSCORE", "z", "2", "9", "LIMIT", "-1", "2"), []);
    t.same(await run("ZRANGEBYSCORE", "z", "2", "9", "LIMIT", "9", "2"), []);
    t.same(await run("ZRANGEBYSCORE", "z", "5", "1"), []);
    await fill("l", "a 0 b 0 c 0 d 0");
    t.same(await run("ZRANGE", "l", "[b", "+", "BYLEX", "LIMIT", "0", "2"), ["b", "c"]);
    t.same(await run("ZRANGE", "l", "(c", "-", "BYLEX", "REV"), ["b", "a"]);
    t.same(await run("ZRANGEBYLEX", "l", "[b", "(d"), ["b", "c"]);
    t.same(await run("ZREVRANGEBYLEX", "l", "+", "[b", "LIMIT", "1", "5"), ["c", "b"]);
  });

  t.test(`a walk over all leaves of a ${form} set, both ways`, async (t) => {
    const { run } = await startZsets(t, { ...options, store: "lmdb" });
    const members = Array.from({ length: 20_000 }, (_, i) => `member:${String(i).padStart(6, "0")}`);
    for (let i = 0; i < members.length; i += 2000) {
      await run("ZADD", "z", ...members.slice(i, i + 2000).flatMap((member) => [1, member]));
    }
    t.same(await run("ZRANGE", "z", 0, -1), members);
    t.same(await run("ZREVRANGE", "z", 0, -1), [...members].reverse());
    t.same(await run("ZRANGE", "z", 12_345, 12_346), members.slice(12_345, 12_347));
    t.same(await run("ZRANGEBYLEX", "z", "[member:015000", "(member:015003"), members.slice(15_000, 15_003));
  });
}
