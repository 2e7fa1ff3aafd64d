/** Random commands whose effects are told otherwise than they are sent: times, chance, groups of streams, scripts, members. */
import { commandSource } from "../conformance/random/commands.ts";
import { KEYS, keyOf, type Maker, type RoundRandom, several, type Words } from "../conformance/random/words.ts";

const member = (r: RoundRandom): Words => [`m${r.between(0, 20)}`];
const shortTime = (r: RoundRandom): number => r.between(1, 400);
const any = (r: RoundRandom): string => keyOf(r.pick(Object.keys(KEYS).filter((family) => family !== "lex")), r);
const group = (r: RoundRandom): string => r.pick(["g1", "g2"]);
const consumer = (r: RoundRandom): string => r.pick(["c1", "c2", "c3"]);
const id = (r: RoundRandom): string => `${r.between(1, 30)}-${r.between(0, 2)}`;

const EXPIRING: readonly Maker[] = [
  (r) => ["PEXPIRE", any(r), shortTime(r)],
  (r) => ["EXPIRE", any(r), r.pick([100, 1, -1]), r.pick(["NX", "XX", "GT", "LT"])],
  (r) => ["SET", keyOf("string", r), "v", "PX", shortTime(r), ...(r.chance(0.3) ? ["GET"] : [])],
  (r) => ["SET", keyOf("string", r), "w", "KEEPTTL"],
  (r) => ["GETEX", keyOf("string", r), ...r.pick<Words>([["PX", shortTime(r)], ["EX", 100], ["PERSIST"], ["PXAT", 1]])],
  (r) => [r.pick(["GETDEL", "GETSET"]), keyOf("string", r), ...(r.chance(0.5) ? ["x"] : [])],
  (r) => ["PSETEX", keyOf("string", r), shortTime(r), "v"],
];

const MEMBERS: readonly Maker[] = [
  (r) => ["HSET", keyOf("hash", r), ...several(r, 6, (q) => [...member(q), "1"])],
  (r) => ["SADD", keyOf("set", r), ...several(r, 6, member)],
  (r) => ["ZADD", keyOf("zset", r), ...several(r, 6, (q) => [q.between(0, 9), ...member(q)])],
  (r) => ["HPEXPIRE", keyOf("hash", r), shortTime(r), "FIELDS", 2, ...member(r), ...member(r)],
  (r) => [
    "HEXPIRE",
    keyOf("hash", r),
    r.pick([0, 1, 100]),
    r.pick(["NX", "XX", "GT", "LT"]),
    "FIELDS",
    1,
    ...member(r),
  ],
  (r) => ["HPERSIST", keyOf("hash", r), "FIELDS", 1, ...member(r)],
  (r) => [
    "HGETEX",
    keyOf("hash", r),
    ...r.pick<Words>([["PX", shortTime(r)], ["PERSIST"], []]),
    "FIELDS",
    1,
    ...member(r),
  ],
  (r) => ["HGETDEL", keyOf("hash", r), "FIELDS", 2, ...member(r), ...member(r)],
  (r) => [
    ...[
      "HSETEX",
      keyOf("hash", r),
      ...r.pick<Words>([["PX", shortTime(r)], ["KEEPTTL"], ["FNX", "EX", 100], ["PXAT", 1]]),
    ],
    ...["FIELDS", 2, ...member(r), "2", ...member(r), "3"],
  ],
  (r) => ["HINCRBY", keyOf("hash", r), ...member(r), 1],
  (r) => ["HSETNX", keyOf("hash", r), ...member(r), "n"],
  (r) => ["KEYDB.HRENAME", keyOf("hash", r), ...member(r), ...member(r)],
  (r) => ["EXPIREMEMBER", keyOf(r.pick(["hash", "set", "zset"]), r), ...member(r), r.pick([shortTime(r), -1]), "ms"],
  (r) => ["PERSIST", keyOf(r.pick(["hash", "set", "zset"]), r), ...member(r)],
  (r) => ["SUNIONSTORE", keyOf("set", r), keyOf("set", r), keyOf("set", r)],
  (r) => ["ZUNIONSTORE", keyOf("zset", r), 2, keyOf("zset", r), keyOf("set", r)],
  (r) => ["SMOVE", keyOf("set", r), keyOf("set", r), ...member(r)],
  (r) => ["SREM", keyOf("set", r), ...member(r), ...member(r)],
  (r) => ["COPY", any(r), any(r), "REPLACE"],
  (r) => ["SPOP", keyOf("set", r), ...(r.chance(0.5) ? [r.between(0, 9)] : [])],
  (r) => ["ZPOPMIN", keyOf("zset", r), r.between(0, 3)],
  (r) => ["KEYDB.NHSET", `nested${r.between(1, 2)}.a.${r.between(1, 3)}`, r.between(0, 9)],
];

const GROUPS: readonly Maker[] = [
  (r) => ["XADD", keyOf("stream", r), r.pick(["*", id(r), "999-*"]), "f", "v"],
  (r) => [
    "XADD",
    keyOf("stream", r),
    r.pick(["MAXLEN", "MINID"]),
    "~",
    r.between(1, 20),
    "LIMIT",
    r.between(1, 9),
    "*",
    "f",
    "v",
  ],
  (r) => ["XTRIM", keyOf("stream", r), "MAXLEN", "~", r.between(0, 30)],
  (r) => ["XGROUP", "CREATE", keyOf("stream", r), group(r), r.pick(["0", "$"]), "MKSTREAM"],
  (r) => ["XREADGROUP", "GROUP", group(r), consumer(r), "COUNT", r.between(1, 4), "STREAMS", keyOf("stream", r), ">"],
  (r) => ["XREADGROUP", "GROUP", group(r), consumer(r), "NOACK", "STREAMS", keyOf("stream", r), ">"],
  (r) => ["XREADGROUP", "GROUP", group(r), consumer(r), "STREAMS", keyOf("stream", r), "0"],
  (r) => [
    "XCLAIM",
    keyOf("stream", r),
    group(r),
    consumer(r),
    0,
    id(r),
    id(r),
    ...r.pick<Words>([["FORCE"], ["JUSTID"], ["LASTID", id(r)]]),
  ],
  (r) => ["XAUTOCLAIM", keyOf("stream", r), group(r), consumer(r), r.pick([0, 20]), "0", "COUNT", r.between(1, 5)],
  (r) => ["XDEL", keyOf("stream", r), id(r)],
  (r) => ["XACK", keyOf("stream", r), group(r), id(r)],
  (r) => ["XGROUP", "DELCONSUMER", keyOf("stream", r), group(r), consumer(r)],
];

const SCRIPT =
  "local r = redis.pcall(unpack(ARGV, 2)) if ARGV[1] == 'two' then redis.pcall('INCR', KEYS[1]) end if type(r) == 'table' and r.err then return r end return 1";

const WAITS: readonly Maker[] = [
  (r) => [r.pick(["BLPOP", "BRPOP"]), keyOf("list", r), keyOf("list", r), "0.02"],
  (r) => ["BLMOVE", keyOf("list", r), keyOf("list", r), "LEFT", "RIGHT", "0.02"],
  (r) => ["BLMPOP", "0.02", 1, keyOf("list", r), "RIGHT", "COUNT", 3],
  (r) => [r.pick(["BZPOPMIN", "BZPOPMAX"]), keyOf("zset", r), "0.02"],
  (r) => ["BZMPOP", "0.02", 1, keyOf("zset", r), "MIN", "COUNT", 2],
  (r) => ["XREADGROUP", "GROUP", group(r), consumer(r), "BLOCK", 20, "STREAMS", keyOf("stream", r), ">"],
];

/** Names of jobs that run while the commands do. */
export const JOBS: readonly string[] = ["job1", "job2"];
const JOB = "redis.pcall('INCR', KEYS[1]) redis.pcall('SET', KEYS[2], 'v', 'PX', 50) redis.pcall('SPOP', KEYS[3])";

const OTHER: readonly Maker[] = [
  (r) => [
    ...["KEYDB.CRON", r.pick(JOBS), r.pick(["SINGLE", "REPEAT"]), r.between(1, 30), JOB, 3],
    ...[keyOf("string", r), keyOf("string", r), keyOf("set", r)],
  ],
  () => ["KEYDB.CRON", "farJob", "REPEAT", "1000000000", "return 1", "0"],
  (r) => ["MOVE", any(r), r.pick([0, 1])],
  (r) => ["SELECT", r.pick([0, 0, 1])],
  (r) => (r.chance(0.2) ? ["SWAPDB", 0, 1] : ["PFCOUNT", keyOf("hll", r)]),
  (r) => (r.chance(0.02) ? ["FLUSHDB"] : ["PUBLISH", "ch", "m"]),
  (r) => ["SORT", keyOf(r.pick(["list", "set"]), r), "ALPHA", "STORE", keyOf("list", r)],
];

const FAMILIES: readonly (readonly Maker[])[] = [EXPIRING, MEMBERS, MEMBERS, GROUPS, WAITS, OTHER];

/** One command, or several that belong together; a third of all from the generator of the conformance runs. */
export function randomCommands(r: RoundRandom, known = commandSource([], false)): string[][] {
  if (r.chance(0.35)) return known(r);
  const made = r.pick(r.pick(FAMILIES))(r);
  const command = (made as Words).map(String);
  if (!r.chance(0.08)) return [command];
  return [["EVAL", SCRIPT, "1", keyOf("string", r), r.pick(["one", "two"]), ...command]];
}
