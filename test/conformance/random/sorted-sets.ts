/**
 * Makers of random commands on sorted sets and places. Sets whose members are compared as strings have keys of their own,
 * since what Redis replies is defined only when all scores are the same.
 */
import type { SeededRandom } from "../../support/seeded-random.ts";
import { PATTERNS, WHOLE } from "./hashes.ts";
import { index, keyOf, type Maker, maybe, member, type RoundRandom, several, small, type Words } from "./words.ts";

const SCORES = [
  ...["0", "-0", "1.5", "0.1", "3.0e3", "1e17", "1e-5", "inf", "-inf", "1e300", "9007199254740993", "1e19", "5e-324"],
  ...["4611686018427387905", "9223372036854775807", "0.30000000000000004", "100000000", "1e22"],
];
const BAD_SCORES = ["nan", "abc", "", " 1", "1e400", "--1"];
const COUNTS = ["0", "1", "3", "20", "-1", "abc"];

const key = (r: SeededRandom): string => keyOf("zset", r);
const lexKey = (r: SeededRandom): string => keyOf("lex", r);

function score(r: SeededRandom): string {
  const kind = r.next();
  if (kind < 0.6) return String(r.between(-50, 50));
  if (kind < 0.78) return String(r.next() * 1000 - 500);
  return r.chance(0.9) ? r.pick(SCORES) : r.pick(BAD_SCORES);
}

const lexMember: (r: SeededRandom) => string = (r) => r.pick(["a", "b", "aa", "ab", "zz", ""]) + r.between(0, 99);
const lexBound: (r: SeededRandom) => string = (r) =>
  r.chance(0.3) ? r.pick(["-", "+", "(", "[", "bad", ""]) : r.pick(["[", "("]) + lexMember(r);
const scoreBound: (r: SeededRandom) => string = (r) =>
  r.chance(0.3) ? r.pick(["-inf", "+inf", "(inf", "("]) : (r.chance(0.3) ? "(" : "") + score(r);
const limit = (r: RoundRandom): Words => maybe(r, 0.3, "LIMIT", r.between(-1, 6), r.between(-1, 10));
const withScores = (r: RoundRandom): Words => maybe(r, 0.4, "WITHSCORES");
const pair = (r: RoundRandom): Words => [score(r), member(r)];
const lexPair = (r: RoundRandom): Words => ["0", lexMember(r)];
const aggregate = (r: RoundRandom): Words => maybe(r, 0.4, "AGGREGATE", r.pick(["SUM", "MIN", "MAX"]));

/** The number of inputs, the inputs, and perhaps their weights. */
function inputs(r: RoundRandom, hasWeights: boolean): Words {
  const names = several(r, 3, (q) => [key(q)]);
  const weights = names.map(() => r.pick(["1", "2", "-1", "0", "0.5", "inf", "3.3"]));
  return [names.length, ...names, ...(hasWeights && r.chance(0.4) ? ["WEIGHTS", ...weights] : [])];
}

const CONDITIONS: readonly Words[] = [
  ...[["NX"], ["XX"], ["GT"], ["LT"], ["CH"], ["XX", "GT", "CH"], ["NX", "XX"], ["GT", "LT"]],
  ...[["INCR"], ["XX", "INCR"], ["LT", "INCR"]],
];

export const SORTED_SET_MAKERS: readonly Maker[] = [
  (r) => ["ZADD", key(r), ...several(r, r.chance(0.1) ? 100 : 4, pair)],
  (r) => ["ZADD", key(r), ...several(r, 4, pair)],
  (r) => ["ZADD", key(r), ...r.pick(CONDITIONS), ...several(r, 2, pair)],
  (r) => ["ZADD", lexKey(r), ...several(r, 10, lexPair)],
  (r) => ["ZINCRBY", key(r), score(r), member(r)],
  (r) => ["ZREM", key(r), ...several(r, 10, (q) => [member(q)])],
  (r) => [r.pick(["ZCARD", "ZPOPMIN", "ZPOPMAX"]), key(r)],
  (r) => [r.pick(["ZPOPMIN", "ZPOPMAX"]), key(r), r.pick(COUNTS)],
  (r) => ["ZMPOP", ...inputs(r, false), r.pick(["MIN", "MAX"]), ...maybe(r, 0.4, "COUNT", r.pick(COUNTS))],
  (r) => ["ZCOUNT", key(r), scoreBound(r), scoreBound(r)],
  (r) => ["ZLEXCOUNT", lexKey(r), lexBound(r), lexBound(r)],
  (r) => ["ZMSCORE", key(r), ...several(r, 4, (q) => [member(q)])],
  (r) => [r.pick(["ZRANK", "ZREVRANK"]), key(r), member(r), ...maybe(r, 0.3, "WITHSCORE")],
  (r) => ["ZRANGE", key(r), index(r), index(r), ...maybe(r, 0.3, "REV"), ...withScores(r)],
  (r) => [
    "ZRANGE",
    key(r),
    scoreBound(r),
    scoreBound(r),
    "BYSCORE",
    ...maybe(r, 0.3, "REV"),
    ...limit(r),
    ...withScores(r),
  ],
  (r) => ["ZRANGE", lexKey(r), lexBound(r), lexBound(r), "BYLEX", ...maybe(r, 0.3, "REV"), ...limit(r)],
  (r) => [r.pick(["ZRANGEBYSCORE", "ZREVRANGEBYSCORE"]), key(r), scoreBound(r), scoreBound(r), ...limit(r)],
  (r) => [r.pick(["ZRANGEBYLEX", "ZREVRANGEBYLEX"]), lexKey(r), lexBound(r), lexBound(r), ...limit(r)],
  (r) => ["ZRANGESTORE", key(r), key(r), index(r), index(r), ...maybe(r, 0.3, "REV")],
  (r) => ["ZRANGESTORE", key(r), key(r), scoreBound(r), scoreBound(r), "BYSCORE", ...limit(r)],
  (r) => (r.chance(0.4) ? ["ZREMRANGEBYRANK", key(r), index(r), index(r)] : ["ZCARD", key(r)]),
  (r) => (r.chance(0.4) ? ["ZREMRANGEBYSCORE", key(r), scoreBound(r), scoreBound(r)] : ["ZCARD", key(r)]),
  (r) => (r.chance(0.4) ? ["ZREMRANGEBYLEX", lexKey(r), lexBound(r), lexBound(r)] : ["ZCARD", lexKey(r)]),
  (r) => [r.pick(["ZUNION", "ZINTER"]), ...inputs(r, true), ...aggregate(r), ...withScores(r)],
  (r) => [r.pick(["ZUNIONSTORE", "ZINTERSTORE"]), key(r), ...inputs(r, true), ...aggregate(r)],
  (r) => ["ZDIFF", ...inputs(r, false), ...withScores(r)],
  (r) => ["ZDIFFSTORE", key(r), ...inputs(r, false)],
  (r) => ["ZINTERCARD", ...inputs(r, false), ...maybe(r, 0.4, "LIMIT", r.pick(COUNTS))],
  (r) => ["ZSCAN", key(r), r.chance(0.97) ? "0" : "abc", ...WHOLE, ...maybe(r, 0.4, "MATCH", r.pick(PATTERNS))],
  (r) => [
    "ZRANDMEMBER",
    key(r),
    ...r.pick<Words>([[], [r.between(-9, 9)], [r.between(-9, 9), "WITHSCORES"], [3, "FOO"], ["x"]]),
  ],
  (r) => [r.pick(["ZREVRANGE", "ZRANGE"]), key(r), index(r), index(r), ...withScores(r)],
  (r) => blocking(r),
  (r) => ["OBJECT", "ENCODING", key(r)],
];

/** A timeout short enough for a run in which nobody else adds. */
const SHORT_TIMEOUT = "0.001";

function blocking(r: RoundRandom): Words {
  if (r.chance(0.8)) return ["ZCARD", key(r)];
  if (r.chance(0.5)) return [r.pick(["BZPOPMIN", "BZPOPMAX"]), ...several(r, 3, (q) => [key(q)]), SHORT_TIMEOUT];
  return ["BZMPOP", SHORT_TIMEOUT, ...inputs(r, false), r.pick(["MIN", "MAX"]), ...maybe(r, 0.4, "COUNT", small(r))];
}

const placeKey = (r: SeededRandom): string => keyOf("geo", r);
const longitude: (r: SeededRandom) => string = (r) =>
  r.chance(0.95) ? (r.next() * 360 - 180).toFixed(r.between(0, 8)) : r.pick(["180", "-180", "181", "abc"]);
const latitude: (r: SeededRandom) => string = (r) =>
  r.chance(0.95) ? (r.next() * 170 - 85).toFixed(r.between(0, 8)) : r.pick(["85.05112878", "86", "-85", "x"]);
const placeName: (r: SeededRandom) => string = (r) => `p${r.between(0, 300)}`;
const unit: (r: SeededRandom) => string = (r) => r.pick(["m", "km", "ft", "mi", "KM"]);
const size: (r: SeededRandom) => string = (r) =>
  r.chance(0.95) ? (r.next() * r.pick([10, 5000, 500_000])).toFixed(2) : r.pick(["0", "-1", "abc", "1e10"]);
const shape = (r: RoundRandom): Words =>
  r.chance(0.5) ? ["BYRADIUS", size(r), unit(r)] : ["BYBOX", size(r), size(r), unit(r)];
const origin = (r: RoundRandom): Words =>
  r.chance(0.5) ? ["FROMMEMBER", placeName(r)] : ["FROMLONLAT", longitude(r), latitude(r)];
/** COUNT is left out: which of several places at the same distance come first is left open. */
const details = (r: RoundRandom): Words => [
  ...maybe(r, 0.3, "WITHDIST"),
  ...maybe(r, 0.3, "WITHCOORD"),
  ...maybe(r, 0.2, "WITHHASH"),
  ...maybe(r, 0.8, r.pick(["ASC", "DESC"])),
];

export const GEO_MAKERS: readonly Maker[] = [
  (r) => ["GEOADD", placeKey(r), ...several(r, 20, (q) => [longitude(q), latitude(q), placeName(q)])],
  (r) => ["GEOADD", placeKey(r), r.pick(["NX", "XX", "CH"]), longitude(r), latitude(r), placeName(r)],
  (r) => [r.pick(["GEOPOS", "GEOHASH"]), placeKey(r), placeName(r), placeName(r)],
  (r) => ["GEODIST", placeKey(r), placeName(r), placeName(r), ...maybe(r, 0.5, unit(r))],
  (r) => ["GEOSEARCH", placeKey(r), ...origin(r), ...shape(r), ...details(r)],
  (r) => ["GEOSEARCHSTORE", placeKey(r), placeKey(r), ...origin(r), ...shape(r)],
  (r) => ["GEORADIUS", placeKey(r), longitude(r), latitude(r), size(r), unit(r), ...details(r)],
  (r) => ["GEORADIUSBYMEMBER_RO", placeKey(r), placeName(r), size(r), unit(r), ...details(r)],
];
