/** Makers of random commands on sets. What SPOP takes is random: the set is deleted with it. */
import type { SeededRandom } from "../../support/seeded-random.ts";
import { PATTERNS, WHOLE } from "./hashes.ts";
import { keyOf, type Maker, maybe, member, type RoundRandom, several, small, type Words } from "./words.ts";

const key = (r: SeededRandom): string => keyOf("set", r);
const one = (r: RoundRandom): Words => [member(r)];
const number = (r: RoundRandom): Words => [r.between(-30, r.pick([60, 700, 70_000]))];

function keys(r: RoundRandom, most: number): Words {
  return several(r, most, (q) => [key(q)]);
}

function counted(r: RoundRandom): Words {
  const names = keys(r, 3);
  return [r.chance(0.95) ? names.length : small(r), ...names];
}

export const SET_MAKERS: readonly Maker[] = [
  (r) => ["SADD", key(r), ...several(r, 4, one)],
  (r) => ["SADD", key(r), ...several(r, r.pick([8, 40, 150]), one)],
  (r) => ["SADD", key(r), ...several(r, r.pick([4, 20, 300]), number)],
  (r) => ["SREM", key(r), ...several(r, r.pick([3, 12, 60]), r.chance(0.5) ? one : number)],
  (r) => ["SMOVE", key(r), key(r), member(r)],
  (r) => ["SISMEMBER", key(r), member(r)],
  (r) => ["SMISMEMBER", key(r), ...several(r, 5, one)],
  (r) => ["SCARD", key(r)],
  (r) => ["SMEMBERS", key(r)],
  (r) => popped(r),
  (r) => ["SRANDMEMBER", key(r), ...r.pick<Words>([[], [r.between(-9, 9)], ["x"], ["-9223372036854775808"], [3, 4]])],
  (r) => ["SINTER", ...keys(r, 3)],
  (r) => ["SINTERSTORE", key(r), ...keys(r, 3)],
  (r) => ["SINTERCARD", ...counted(r), ...r.pick<Words>([[], ["LIMIT", small(r)], ["LIMIT"], ["FOO", 1]])],
  (r) => [r.pick(["SUNION", "SDIFF"]), ...keys(r, 4)],
  (r) => [r.pick(["SUNIONSTORE", "SDIFFSTORE"]), key(r), ...keys(r, 4)],
  (r) => ["SSCAN", key(r), r.chance(0.97) ? "0" : "abc", ...WHOLE, ...maybe(r, 0.4, "MATCH", r.pick(PATTERNS))],
  (r) => ["OBJECT", "ENCODING", key(r)],
];

function popped(r: RoundRandom): Words | Words[] {
  const name = key(r);
  if (r.chance(0.7)) return ["SPOP", name, r.pick(["100000", "0", "-1", "x", "9223372036854775807"])];
  return [
    ["SPOP", name, ...maybe(r, 0.6, r.between(1, 300))],
    ["SCARD", name],
    ["DEL", name],
  ];
}
