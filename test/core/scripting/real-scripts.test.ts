/** Scripts as applications have them: a lock's release, a rate limiter, a leaderboard, a session store. */
import t from "tap";
import { startClient } from "../../support/run.ts";

const UNLOCK = `
if redis.call("get", KEYS[1]) == ARGV[1] then
  return redis.call("del", KEYS[1])
else
  return 0
end`;

/** KEYS[1] zset of hits; ARGV: now, window, limit, id. */
const RATE_LIMIT = `
local now, window, limit = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
local used = redis.call('ZCARD', KEYS[1])
if used >= limit then
  local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  return {0, used, tonumber(oldest[2]) + window - now}
end
redis.call('ZADD', KEYS[1], now, ARGV[4])
redis.call('PEXPIRE', KEYS[1], window)
return {1, used + 1, 0}`;

const LEADERBOARD = `
local score = redis.call('ZINCRBY', KEYS[1], ARGV[2], ARGV[1])
local top = {}
local list = redis.call('ZREVRANGE', KEYS[1], 0, 2, 'WITHSCORES')
for i = 1, #list, 2 do top[#top + 1] = {name = list[i], score = tonumber(list[i + 1])} end
return cjson.encode({score = tonumber(score), rank = redis.call('ZREVRANK', KEYS[1], ARGV[1]) + 1, top = top})`;

const SESSION = `
local packed = redis.call('GET', KEYS[1])
local session = packed and cmsgpack.unpack(packed) or {visits = 0}
session.visits = session.visits + 1
session.last = ARGV[1]
redis.call('SET', KEYS[1], cmsgpack.pack(session), 'EX', 60)
return {session.visits, session.last}`;

t.test("a lock is released by its owner only", async (t) => {
  const { run } = await startClient(t);
  t.equal(await run("SET", "lock", "token", "NX", "PX", 10000), "OK");
  t.equal(await run("EVAL", UNLOCK, 1, "lock", "other"), 0);
  t.equal(await run("EVAL", UNLOCK, 1, "lock", "token"), 1);
  t.equal(await run("EVAL", UNLOCK, 1, "lock", "token"), 0);
});

t.test("a sliding window", async (t) => {
  const { run } = await startClient(t);
  const hit = (now: number) => run("EVAL", RATE_LIMIT, 1, "hits", now, 1000, 3, `id${now}`);
  t.same(await hit(1000), [1, 1, 0]);
  t.same(await hit(1200), [1, 2, 0]);
  t.same(await hit(1400), [1, 3, 0]);
  t.same(await hit(1500), [0, 3, 500]);
  t.same(await hit(2100), [1, 3, 0]);
});

t.test("a leaderboard as JSON", async (t) => {
  const { run } = await startClient(t);
  await run("EVAL", LEADERBOARD, 1, "board", "ann", 10);
  await run("EVAL", LEADERBOARD, 1, "board", "bob", 20.5);
  const reply = JSON.parse(String(await run("EVAL", LEADERBOARD, 1, "board", "ann", 15))) as unknown;
  t.same(reply, {
    score: 25,
    rank: 1,
    top: [
      { name: "ann", score: 25 },
      { name: "bob", score: 20.5 },
    ],
  });
});

t.test("a session in MessagePack", async (t) => {
  const { run } = await startClient(t);
  t.same(await run("EVAL", SESSION, 1, "s", "now"), [1, "now"]);
  t.same(await run("EVAL", SESSION, 1, "s", "then"), [2, "then"]);
  t.equal(await run("TTL", "s"), 60);
});
