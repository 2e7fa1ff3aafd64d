/** The list commands against a plain array: small and large encodings, both ends, the middle. */
import t from "tap";
import { RespError, startClient } from "../../../support/run.ts";
import { SeededRandom } from "../../../support/seeded-random.ts";

const WRONGTYPE = new RespError("WRONGTYPE Operation against a key holding the wrong kind of value");

t.test("push, pop, range", async (t) => {
  const { run } = await startClient(t);
  t.equal(await run("RPUSH", "l", "a", "b", "c"), 3);
  t.equal(await run("LPUSH", "l", "z", "y"), 5);
  t.same(await run("LRANGE", "l", 0, -1), ["y", "z", "a", "b", "c"]);
  t.same(await run("LRANGE", "l", -3, 100), ["a", "b", "c"]);
  t.same(await run("LRANGE", "l", 3, 1), []);
  t.equal(await run("LLEN", "l"), 5);
  t.equal(await run("LPOP", "l"), "y");
  t.equal(await run("RPOP", "l"), "c");
  t.same(await run("LPOP", "l", 0), []);
  t.same(await run("RPOP", "l", 2), ["b", "a"]);
  t.same(await run("LPOP", "l", 10), ["z"]);
  t.equal(await run("EXISTS", "l"), 0, "an empty list is no key");
  t.equal(await run("LPOP", "l"), null);
  t.equal(await run("LPOP", "l", 1), null);
  t.same(await run("LPOP", "l", -1), new RespError("ERR value is out of range, must be positive"));
  t.same(await run("LPOP", "l", 1, 2), new RespError("ERR wrong number of arguments for 'lpop' command"));
  t.equal(await run("RPUSHX", "l", "x"), 0);
  t.equal(await run("LPUSHX", "l", "x"), 0);
  t.equal(await run("LLEN", "l"), 0);
});

t.test("index, set, insert, remove, trim", async (t) => {
  const { run } = await startClient(t);
  await run("RPUSH", "l", "a", "b", "a", "c", "a");
  t.equal(await run("LINDEX", "l", -2), "c");
  t.equal(await run("LINDEX", "l", 5), null);
  t.same(await run("LINDEX", "l", "x"), new RespError("ERR value is not an integer or out of range"));
  t.equal(await run("LSET", "l", 1, "B"), "OK");
  t.same(await run("LSET", "l", 5, "x"), new RespError("ERR index out of range"));
  t.same(await run("LSET", "none", 0, "x"), new RespError("ERR no such key"));
  t.equal(await run("LINSERT", "l", "BEFORE", "c", "x"), 6);
  t.equal(await run("LINSERT", "l", "after", "c", "y"), 7);
  t.equal(await run("LINSERT", "l", "AFTER", "nope", "y"), -1);
  t.equal(await run("LINSERT", "none", "AFTER", "c", "y"), 0);
  t.same(await run("LINSERT", "l", "BESIDE", "c", "y"), new RespError("ERR syntax error"));
  t.same(await run("LRANGE", "l", 0, -1), ["a", "B", "a", "x", "c", "y", "a"]);
  t.equal(await run("LREM", "l", -2, "a"), 2);
  t.same(await run("LRANGE", "l", 0, -1), ["a", "B", "x", "c", "y"]);
  t.equal(await run("LREM", "l", 0, "none"), 0);
  t.equal(await run("LTRIM", "l", 1, -2), "OK");
  t.same(await run("LRANGE", "l", 0, -1), ["B", "x", "c"]);
  t.equal(await run("LTRIM", "l", 5, 9), "OK");
  t.equal(await run("EXISTS", "l"), 0);
});

t.test("LSET and LINSERT choose the encoding before they look, as Redis does", async (t) => {
  for (const command of [
    ["LSET", "l", "7", "x"],
    ["LINSERT", "l", "BEFORE", "none", "x"],
  ]) {
    const { run } = await startClient(t, { config: { "list-max-listpack-size": 3 } });
    await run("RPUSH", "l", "a", "b", "c");
    t.equal(await run("OBJECT", "ENCODING", "l"), "listpack");
    await run(...command);
    t.equal(await run("OBJECT", "ENCODING", "l"), "quicklist");
    t.same(await run("LRANGE", "l", 0, -1), ["a", "b", "c"]);
  }
});

t.test("LPOS", async (t) => {
  const { run } = await startClient(t);
  await run("RPUSH", "l", "a", "b", "c", "1", "2", "3", "c", "c");
  t.equal(await run("LPOS", "l", "c"), 2);
  t.equal(await run("LPOS", "l", "c", "RANK", 2), 6);
  t.equal(await run("LPOS", "l", "c", "RANK", -1), 7);
  t.same(await run("LPOS", "l", "c", "COUNT", 2), [2, 6]);
  t.same(await run("LPOS", "l", "c", "COUNT", 0, "RANK", -2), [6, 2]);
  t.same(await run("LPOS", "l", "c", "COUNT", 0, "MAXLEN", 3), [2]);
  t.equal(await run("LPOS", "l", "x"), null);
  t.same(await run("LPOS", "l", "x", "COUNT", 1), []);
  t.match(await run("LPOS", "l", "c", "RANK", 0), { message: /^ERR RANK can't be zero/ });
  t.same(await run("LPOS", "l", "c", "COUNT", -1), new RespError("ERR COUNT can't be negative"));
  t.same(await run("LPOS", "l", "c", "MAXLEN", -1), new RespError("ERR MAXLEN can't be negative"));
});

t.test("LMOVE, RPOPLPUSH, LMPOP", async (t) => {
  const { run } = await startClient(t);
  await run("RPUSH", "a", "1", "2", "3");
  t.equal(await run("LMOVE", "a", "b", "LEFT", "RIGHT"), "1");
  t.equal(await run("RPOPLPUSH", "a", "b"), "3");
  t.same(await run("LRANGE", "b", 0, -1), ["3", "1"]);
  t.equal(await run("LMOVE", "b", "b", "RIGHT", "LEFT"), "1", "rotation");
  t.same(await run("LRANGE", "b", 0, -1), ["1", "3"]);
  t.equal(await run("LMOVE", "none", "b", "LEFT", "LEFT"), null);
  t.same(await run("LMOVE", "a", "b", "UP", "LEFT"), new RespError("ERR syntax error"));
  await run("SET", "s", "x");
  t.same(await run("LMOVE", "a", "s", "LEFT", "LEFT"), WRONGTYPE);
  t.same(await run("LRANGE", "a", 0, -1), ["2"], "nothing was taken");
  t.same(await run("LMPOP", 2, "none", "b", "LEFT", "COUNT", 5), ["b", ["1", "3"]]);
  t.equal(await run("LMPOP", 1, "none", "LEFT"), null);
  t.same(await run("LMPOP", 0, "a", "LEFT"), new RespError("ERR numkeys should be greater than 0"));
  t.same(await run("LMPOP", 1, "a", "LEFT", "COUNT", 0), new RespError("ERR count should be greater than 0"));
  t.same(await run("LPUSH", "s", "x"), WRONGTYPE);
  t.same(await run("LLEN", "s"), WRONGTYPE);
});

t.test("encodings follow list-max-listpack-size", async (t) => {
  const { run } = await startClient(t, { config: { "list-max-listpack-size": 4 } });
  await run("RPUSH", "l", "1", "2", "3", "4");
  t.equal(await run("OBJECT", "ENCODING", "l"), "listpack");
  await run("RPUSH", "l", "5");
  t.equal(await run("OBJECT", "ENCODING", "l"), "quicklist");
  await run("LPOP", "l", 2);
  t.equal(await run("OBJECT", "ENCODING", "l"), "quicklist", "only half the limit converts back");
  await run("LPOP", "l");
  t.equal(await run("OBJECT", "ENCODING", "l"), "quicklist", "4 and 5 lie in two nodes");
  await run("LPOP", "l");
  t.equal(await run("OBJECT", "ENCODING", "l"), "listpack");
  await run("RPUSH", "one", "1", "2", "3", "4", "5");
  await run("RPOP", "one", 3);
  t.equal(await run("OBJECT", "ENCODING", "one"), "listpack", "1 and 2 lie in one");
  await run("RPUSH", "big", "x".repeat(9000));
  t.equal(await run("OBJECT", "ENCODING", "big"), "quicklist");
});

for (const store of ["memory", "lmdb"] as const) {
  t.test(`random commands on ${store}`, async (t) => {
    const seed = 20261122;
    t.comment(`seed ${seed}`);
    const random = new SeededRandom(seed);
    const { run } = await startClient(t, { store });
    let model: string[] = [];
    const element = (): string => {
      const kind = random.between(0, 20 - 1);
      if (kind === 0) return "long".repeat(600);
      return kind < 10 ? String(random.between(0, 50 - 1)) : `e${random.between(0, 1000 - 1)}`;
    };
    for (let i = 0; i < 3000; i++) {
      const at = random.between(-1, model.length);
      const value = element();
      switch (random.between(0, 9 - 1)) {
        case 0:
        case 1:
          model.push(value);
          t.equal(await run("RPUSH", "l", value), model.length);
          break;
        case 2: {
          const many = Array.from({ length: random.between(0, 30 - 1) + 1 }, element);
          model.unshift(...[...many].reverse());
          t.equal(await run("LPUSH", "l", ...many), model.length);
          break;
        }
        case 3:
          t.equal(await run("LPOP", "l"), model.shift() ?? null);
          break;
        case 4:
          t.equal(await run("LINDEX", "l", at), model.at(at) ?? null);
          break;
        case 5: {
          const where = model.indexOf(value);
          if (where >= 0) model.splice(where, 0, "inserted");
          await run("LINSERT", "l", "BEFORE", value, "inserted");
          break;
        }
        case 6: {
          const before = model.length;
          model = model.filter((one) => one !== value);
          t.equal(await run("LREM", "l", 0, value), before - model.length);
          break;
        }
        case 7:
          if (at >= 0 && at < model.length) model[at] = value;
          await run("LSET", "l", at >= 0 ? at : model.length, value);
          break;
        default:
          t.same(await run("LRANGE", "l", Math.max(at, 0), at + 7), model.slice(Math.max(at, 0), at + 8));
      }
    }
    t.same(await run("LRANGE", "l", 0, -1), model);
    await run("LTRIM", "l", 10, -11);
    t.same(await run("LRANGE", "l", 0, -1), model.slice(10, -10));
  });
}

t.test("LTRIM of a large list, whatever stays", async (t) => {
  const { run } = await startClient(t, { store: "lmdb" });
  const all = Array.from({ length: 4000 }, (_, i) => (i % 700 === 3 ? `${"x".repeat(2000)}${i}` : `element:${i}`));
  for (const [from, to] of [
    [0, 9],
    [3990, 3999],
    [1995, 2004],
    [100, 2500],
    [0, 3000],
    [1, 0],
  ] as const) {
    await run("DEL", "l");
    await run("RPUSH", "l", ...all);
    await run("LTRIM", "l", from, to);
    t.same(await run("LRANGE", "l", 0, -1), all.slice(from, to + 1));
    // What stays can be changed on both sides, and is a listpack again when it has become that small.
    if (from > to) t.equal(await run("EXISTS", "l"), 0);
    else t.equal(await run("OBJECT", "ENCODING", "l"), to - from < 20 ? "listpack" : "quicklist");
    t.equal(await run("LPUSH", "l", "a"), Math.max(0, to - from + 1) + 1);
    t.equal(await run("RPUSH", "l", "z"), Math.max(0, to - from + 1) + 2);
    t.same(await run("LRANGE", "l", 0, -1), ["a", ...all.slice(from, to + 1), "z"]);
  }
});
