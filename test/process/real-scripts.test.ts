/**
 * Scripts as applications have them, through the clients that applications use, several at once on different processes:
 * a lock, a sliding-window rate limiter, a leaderboard, a session store, a delayed queue. All of it is written for this
 * test.
 */
import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { createClient, defineScript } from "redis";
import t from "tap";
import { connectEach, type ServerProcess, startServer } from "../support/server.ts";

t.setTimeout(180_000);

type Tap = typeof t;

/** Releases a lock that is still one's own. */
const UNLOCK = `
if redis.call("get", KEYS[1]) == ARGV[1] then
  return redis.call("del", KEYS[1])
end
return 0`;

/** KEYS[1] sorted set of hits; ARGV: window in ms, limit, id. Time is the server's. */
const ADMIT = `
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ms - tonumber(ARGV[1]))
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], ms, ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1`;

const SCORE = `
local score = redis.call('ZINCRBY', KEYS[1], ARGV[2], ARGV[1])
return {score, redis.call('ZREVRANK', KEYS[1], ARGV[1])}`;

/** KEYS[1] session; ARGV: field, seconds to live. A JSON document in a string, as many session stores keep it. */
const VISIT = `
local document = redis.call('GET', KEYS[1])
local session = document and cjson.decode(document) or {visits = {}}
session.visits[#session.visits + 1] = ARGV[1]
redis.call('SET', KEYS[1], cjson.encode(session), 'EX', ARGV[2])
return #session.visits`;

/** KEYS: delayed jobs, ready jobs; ARGV: now, at most. Moves what is due. */
const PROMOTE = `
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
if #due == 0 then return 0 end
redis.call('ZREM', KEYS[1], unpack(due))
return redis.call('RPUSH', KEYS[2], unpack(due))`;

interface ScriptedRedis extends Redis {
  unlock(key: string, token: string): Promise<number>;
  admit(key: string, windowMs: number, limit: number, id: string): Promise<number>;
  score(key: string, member: string, by: number): Promise<[string, number]>;
  visit(key: string, what: string, seconds: number): Promise<number>;
  promote(from: string, to: string, now: number, limit: number): Promise<number>;
}

/** Enough connections that both processes have some; `connectEach` proves that connections spread at all. */
async function clients(server: ServerProcess, count: number, t: Pick<Tap, "teardown">): Promise<ScriptedRedis[]> {
  for (const probe of await connectEach(server, 2)) probe.destroy();
  return Array.from({ length: count }, () => {
    const redis = new Redis({ port: server.port, maxRetriesPerRequest: 1 });
    redis.defineCommand("unlock", { numberOfKeys: 1, lua: UNLOCK });
    redis.defineCommand("admit", { numberOfKeys: 1, lua: ADMIT });
    redis.defineCommand("score", { numberOfKeys: 1, lua: SCORE });
    redis.defineCommand("visit", { numberOfKeys: 1, lua: VISIT });
    redis.defineCommand("promote", { numberOfKeys: 2, lua: PROMOTE });
    t.teardown(() => redis.disconnect());
    return redis as ScriptedRedis;
  });
}

t.test("a lock lets one in at a time", async (t) => {
  const server = await startServer({ t });
  const contenders = await clients(server, 8, t);
  let inside = 0;
  let entered = 0;
  let overlapped = 0;
  await Promise.all(
    contenders.map(async (redis) => {
      for (let turn = 0; turn < 10; turn++) {
        const token = randomUUID();
        while ((await redis.set("lock", token, "PX", 30_000, "NX")) !== "OK") {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        entered++;
        if (++inside > 1) overlapped++;
        const seen = Number(await redis.get("counter"));
        await redis.set("counter", seen + 1);
        inside--;
        if ((await redis.unlock("lock", token)) !== 1) overlapped++;
        if ((await redis.unlock("lock", token)) !== 0) overlapped++;
      }
    }),
  );
  t.equal(overlapped, 0);
  t.equal(Number(await contenders[0]?.get("counter")), entered, "read, then write, under the lock");
});

t.test("a rate limiter admits as many as it may", async (t) => {
  const server = await startServer({ t });
  const callers = await clients(server, 6, t);
  const limit = 25;
  const tries = callers.flatMap((redis) =>
    Array.from({ length: 20 }, () => redis.admit("limit", 60_000, limit, randomUUID())),
  );
  const admitted = (await Promise.all(tries)).filter((answer) => answer === 1).length;
  t.equal(admitted, limit, "120 asked at once");
  t.equal(await callers[0]?.zcard("limit"), limit);
});

t.test("a leaderboard, a session store, a delayed queue", async (t) => {
  const server = await startServer({ t });
  const users = await clients(server, 4, t);
  await Promise.all(
    users.flatMap((redis, i) => Array.from({ length: 50 }, () => redis.score("board", `user${i}`, i + 1))),
  );
  t.same(await users[0]?.zrevrange("board", 0, -1, "WITHSCORES"), [
    ...["user3", "200", "user2", "150"],
    ...["user1", "100", "user0", "50"],
  ]);
  t.same(await users[1]?.score("board", "user0", 151), ["201", 0]);
  const visits = await Promise.all(
    users.flatMap((redis, i) => Array.from({ length: 20 }, (_, k) => redis.visit("session", `${i}:${k}`, 100))),
  );
  t.same(
    visits.sort((a, b) => a - b),
    Array.from({ length: 80 }, (_, i) => i + 1),
    "each visit saw all before it",
  );
  const session = JSON.parse((await users[2]?.get("session")) ?? "{}") as { visits: string[] };
  t.equal(new Set(session.visits).size, 80);
  const jobs = Array.from({ length: 500 }, (_, i) => `job${i}`);
  await users[0]?.zadd("delayed", ...jobs.flatMap((job, i) => [i, job]));
  const promoters = users.map(async (redis) => {
    let moved = 0;
    for (;;) {
      const before = await redis.zcard("delayed");
      if (before === 0) return moved;
      if ((await redis.promote("delayed", "ready", 1000, 7)) > 0) moved++;
    }
  });
  await Promise.all(promoters);
  t.same(await users[3]?.lrange("ready", 0, -1), jobs, "each once, in order");
});

t.test("node-redis loads its scripts by itself, pipelines and SCRIPT FLUSH included", async (t) => {
  const server = await startServer({ t });
  const unlock = defineScript({
    SCRIPT: UNLOCK,
    NUMBER_OF_KEYS: 1,
    FIRST_KEY_INDEX: 1,
    parseCommand(parser, key: string, token: string) {
      parser.pushKey(key);
      parser.push(token);
    },
    transformReply: (reply: unknown) => Number(reply),
  });
  const client = createClient({ scripts: { unlock }, socket: { port: server.port, host: "127.0.0.1" } });
  client.on("error", () => undefined);
  await client.connect();
  t.teardown(() => client.close());
  await client.set("lock", "mine");
  t.equal(await client.unlock("lock", "other"), 0);
  t.equal(await client.unlock("lock", "mine"), 1);
  const other = await server.connect();
  await other.ok("SCRIPT", "FLUSH");
  await client.set("lock", "mine");
  t.equal(await client.unlock("lock", "mine"), 1, "after a flush by somebody else");
  const results = await client.multi().set("lock", "x").unlock("lock", "x").exists("lock").exec();
  t.same(results, ["OK", 1, 0]);
});
