/** Makers of random commands on lists. */
import type { SeededRandom } from "../../support/seeded-random.ts";
import {
  index,
  keyOf,
  type Maker,
  maybe,
  member,
  type RoundRandom,
  several,
  small,
  value,
  type Words,
} from "./words.ts";

const key = (r: SeededRandom): string => keyOf("list", r);
const end = (r: SeededRandom): string => (r.chance(0.98) ? r.pick(["LEFT", "RIGHT", "left"]) : "MIDDLE");
const element = (r: RoundRandom): Words => [r.chance(0.9) ? member(r) : value(r)];

/** A timeout short enough for a run in which nobody else pushes. */
const SHORT_TIMEOUT = "0.001";

function keys(r: RoundRandom): Words {
  const names = several(r, 3, (q) => [key(q)]);
  return [r.chance(0.97) ? names.length : small(r), ...names];
}

export const LIST_MAKERS: readonly Maker[] = [
  (r) => [r.pick(["LPUSH", "RPUSH"]), key(r), ...several(r, 4, element)],
  (r) => [r.pick(["LPUSH", "RPUSH"]), key(r), ...several(r, r.pick([1, 20, 150]), element)],
  (r) => [r.pick(["LPUSHX", "RPUSHX"]), key(r), ...several(r, 2, element)],
  (r) => [r.pick(["LPOP", "RPOP"]), key(r), ...maybe(r, 0.5, small(r))],
  (r) => ["LMPOP", ...keys(r), end(r), ...maybe(r, 0.5, "COUNT", small(r))],
  (r) => ["LRANGE", key(r), index(r), index(r)],
  (r) => ["LINDEX", key(r), index(r)],
  (r) => ["LLEN", key(r)],
  // No index beyond 32 bits: Redis cuts it to an int, so that 2^63 - 1 names the last element.
  (r) => ["LSET", key(r), r.chance(0.98) ? r.between(-30, 300) : r.pick(["abc", "", "1.5"]), ...element(r)],
  (r) => ["LINSERT", key(r), r.pick(["BEFORE", "AFTER", "after", "NEAR"]), ...element(r), ...element(r)],
  (r) => ["LREM", key(r), small(r), ...element(r)],
  (r) => (r.chance(0.3) ? ["LTRIM", key(r), index(r), index(r)] : ["LLEN", key(r)]),
  (r) => [
    "LPOS",
    key(r),
    ...element(r),
    ...maybe(r, 0.4, "RANK", small(r)),
    ...maybe(r, 0.4, "COUNT", small(r)),
    ...maybe(r, 0.3, "MAXLEN", small(r)),
  ],
  (r) => ["LMOVE", key(r), key(r), end(r), end(r)],
  (r) => ["RPOPLPUSH", key(r), key(r)],
  (r) => ["OBJECT", "ENCODING", key(r)],
  (r) => blocking(r),
];

function blocking(r: RoundRandom): Words {
  if (r.chance(0.8)) return ["LLEN", key(r)];
  return r.pick<Words>([
    [r.pick(["BLPOP", "BRPOP"]), ...several(r, 3, (q) => [key(q)]), SHORT_TIMEOUT],
    ["BLMOVE", key(r), key(r), end(r), end(r), SHORT_TIMEOUT],
    ["BRPOPLPUSH", key(r), key(r), SHORT_TIMEOUT],
    ["BLMPOP", SHORT_TIMEOUT, ...keys(r), end(r), ...maybe(r, 0.5, "COUNT", small(r))],
  ]);
}
