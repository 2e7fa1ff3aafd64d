/** Makers of random commands on hashes. */
import type { SeededRandom } from "../../support/seeded-random.ts";
import {
  FLOATS,
  integer,
  keyOf,
  type Maker,
  maybe,
  member,
  type RoundRandom,
  several,
  value,
  type Words,
} from "./words.ts";

const key = (r: SeededRandom): string => keyOf("hash", r);
const field = (r: RoundRandom): Words => [member(r)];
const content = (r: RoundRandom): string => (r.chance(0.8) ? member(r) : value(r));
const pair = (r: RoundRandom): Words => [member(r), content(r)];

/** HSCAN's COUNT is beyond every size: the order of a hash table's buckets is its own. */
export const WHOLE = ["COUNT", "100000"];
export const PATTERNS = ["m*", "*1*", "[0-9]*", "?", "*", "x", "\\*", "[^m]*"];

export const HASH_MAKERS: readonly Maker[] = [
  (r) => ["HSET", key(r), ...several(r, 4, pair)],
  (r) => ["HSET", key(r), ...several(r, r.pick([1, 8, 60]), pair), ...maybe(r, 0.02, "odd")],
  (r) => ["HMSET", key(r), ...pair(r)],
  (r) => ["HSETNX", key(r), ...pair(r)],
  (r) => ["HGET", key(r), ...field(r)],
  (r) => ["HMGET", key(r), ...several(r, 5, field)],
  (r) => [r.pick(["HGETALL", "HKEYS", "HVALS"]), key(r)],
  (r) => ["HLEN", key(r)],
  (r) => [r.pick(["HSTRLEN", "HEXISTS"]), key(r), ...field(r)],
  (r) => ["HDEL", key(r), ...several(r, r.pick([2, 8, 40]), field)],
  (r) => ["HINCRBY", key(r), ...field(r), integer(r)],
  (r) => ["HINCRBYFLOAT", key(r), ...field(r), r.pick(FLOATS)],
  (r) => ["HSCAN", key(r), r.chance(0.97) ? "0" : "abc", ...WHOLE, ...maybe(r, 0.4, "MATCH", r.pick(PATTERNS))],
  (r) => [
    "HRANDFIELD",
    key(r),
    ...r.pick<Words>([
      [],
      [r.between(-9, 9)],
      [r.between(-9, 9), "WITHVALUES"],
      [3, "FOO"],
      ["x"],
      ["-9223372036854775808"],
      ["-9223372036854775807", "WITHVALUES"],
    ]),
  ],
  (r) => ["OBJECT", "ENCODING", key(r)],
];
