// SORT: the order of elements, with weights, without, stored.
import t from "tap";
import { RespError, startClient } from "../../../support/run.ts";

t.test("numbers and texts", async (t) => {
  const { run } = await startClient(t);
  await run("RPUSH", "l", "10", "9", "-1.5", "100");
  t.same(await run("SORT", "l"), ["-1.5", "9", "10", "100"]);
  t.same(await run("SORT", "l", "DESC", "LIMIT", 1, 2), ["10", "9"]);
  t.same(await run("SORT", "l", "ALPHA"), ["-1.5", "10", "100", "9"]);
  for (const beyond of ["5e-324", "1e-400", "-1e400", "x"]) {
    await run("RPUSH", "bad", "1", beyond);
    t.same(await run("SORT", "bad"), new RespError("ERR One or more scores can't be converted into double"), beyond);
    await run("DEL", "bad");
  }
  await run("RPUSH", "wide", "inf", "0", "-0.0", "0e5", "-inf", "1e300");
  t.same(await run("SORT", "wide"), ["-inf", "-0.0", "0", "0e5", "1e300", "inf"]);
  await run("RPUSH", "l", "x");
  t.same(await run("SORT", "l"), new RespError("ERR One or more scores can't be converted into double"));
});

t.test("BY nosort keeps the order of a list and of a sorted set, DESC turns it round", async (t) => {
  const { run } = await startClient(t);
  await run("RPUSH", "l", "b", "c", "a", "d");
  t.same(await run("SORT", "l", "BY", "nosort"), ["b", "c", "a", "d"]);
  t.same(await run("SORT", "l", "BY", "nosort", "DESC"), ["d", "a", "c", "b"]);
  t.same(await run("SORT", "l", "BY", "nosort", "DESC", "LIMIT", 1, 2), ["a", "c"]);
  await run("ZADD", "z", 1, "b", 2, "c", 3, "a");
  t.same(await run("SORT", "z", "BY", "nosort", "DESC"), ["a", "c", "b"]);
});

t.test("a text that is only replied is compared up to a zero byte, a stored one as a whole", async (t) => {
  const { run } = await startClient(t);
  await run("RPUSH", "l", "b", "\0z", "", "\0a");
  t.same(await run("SORT", "l", "ALPHA"), ["\0z", "", "\0a", "b"]);
  t.equal(await run("SORT", "l", "ALPHA", "STORE", "to"), 4);
  t.same(await run("LRANGE", "to", 0, -1), ["", "\0a", "\0z", "b"]);
});

t.test("a set that is not to be sorted keeps its own order, also in a transaction", async (t) => {
  const { run } = await startClient(t);
  await run("SADD", "s", "b", "c", "a");
  t.same(await run("SORT", "s", "BY", "nosort"), ["b", "c", "a"]);
  await run("MULTI");
  await run("SORT", "s", "BY", "nosort");
  t.same(await run("EXEC"), [["b", "c", "a"]]);
  t.same(await run("EVAL", "return redis.call('SORT', 's', 'BY', 'nosort')", 0), ["a", "b", "c"]);
  t.equal(await run("SORT", "s", "BY", "nosort", "STORE", "to"), 3);
  t.same(await run("LRANGE", "to", 0, -1), ["a", "b", "c"]);
});
