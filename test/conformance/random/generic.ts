/** Makers of random commands on keys of any type: names, databases, deadlines, SORT, transactions, limits, nonsense. */
import { FAR_SECONDS } from "./strings.ts";
import {
  ALL_KEYS,
  anyKey,
  KEYS,
  keyOf,
  type Maker,
  maybe,
  type RoundRandom,
  several,
  small,
  value,
  type Words,
} from "./words.ts";

const TYPES = Object.keys(KEYS);

/** Two keys, mostly of one type. */
function twoKeys(r: RoundRandom): Words {
  const family = r.pick(TYPES);
  return r.chance(0.9) ? [keyOf(family, r), keyOf(family, r)] : [anyKey(r), anyKey(r)];
}

export const GENERIC_MAKERS: readonly Maker[] = [
  (r) => [r.pick(["DEL", "UNLINK", "EXISTS", "TOUCH"]), ...several(r, 3, (q) => [anyKey(q)])],
  (r) => [r.pick(["DEL", "UNLINK"]), anyKey(r)],
  (r) => ["TYPE", anyKey(r)],
  (r) => [r.pick(["RENAME", "RENAMENX"]), ...twoKeys(r)],
  (r) => ["COPY", ...twoKeys(r), ...r.pick<Words>([[], ["REPLACE"], ["DB", r.between(0, 2)], ["DB", 1, "REPLACE"]])],
  (r) => ["MOVE", anyKey(r), r.pick(["1", "2", "0"])],
  (r) => ["OBJECT", "ENCODING", anyKey(r)],
  (r) => ["OBJECT", r.pick(["REFCOUNT", "FREQ", "IDLETIME", "NOSUCH"]), anyKey(r)],
  (r) =>
    r.pick<Words>([["DBSIZE"], ["RANDOMKEY"], ["KEYS", r.pick(["*", "key:*", "?", "[a-c]", "*o*", "x*", "[^lz]?"])]]),
  (r) => ["SELECT", r.pick(["0", "0", "0", "0", "1", "2", "99"])],
  (r) => (r.chance(0.02) ? [r.pick(["FLUSHDB", "FLUSHALL"])] : ["DBSIZE"]),
  (r) => (r.chance(0.05) ? ["SWAPDB", r.between(0, 2), r.between(0, 2)] : ["DBSIZE"]),
  (r) => ["SCAN", "0", "COUNT", "100000", ...r.pick<Words>([[], ["MATCH", "k*"], ["TYPE", r.pick(SCAN_TYPES)]])],
];
const SCAN_TYPES = ["string", "list", "hash", "set", "zset", "stream", "ZSet", "nosuch"];

function flag(r: RoundRandom): Words {
  return r.pick<Words>([[], [], ["NX"], ["XX"], ["GT"], ["LT"], ["NX", "XX"]]);
}

export const EXPIRE_MAKERS: readonly Maker[] = [
  // Twice the same relative time would be a race with the clock under GT and LT: they are left out.
  (r) => [r.pick(["EXPIRE", "PEXPIRE"]), anyKey(r), r.pick(["1000000", "5000000", "-1", "0", "9000000000", "abc"])],
  (r) => ["EXPIRE", anyKey(r), r.pick(["1000", "50000", "-1", "0", "abc"]), ...r.pick<Words>([["NX"], ["XX"]])],
  (r) => [r.pick(["EXPIREAT", "PEXPIREAT"]), anyKey(r), r.pick(["33177117420", "33177117420000", "1"]), ...flag(r)],
  (r) => [r.pick(["EXPIREAT", "PEXPIREAT"]), anyKey(r), "33177117420000", ...flag(r)],
  (r) => [r.pick(["EXPIRE", "PEXPIRE"]), anyKey(r), `${r.pick(FAR_SECONDS)}000`],
  (r) => [r.pick(["TTL", "PTTL"]), anyKey(r)],
  (r) => [r.pick(["EXPIRETIME", "PEXPIRETIME"]), anyKey(r)],
  (r) => ["PERSIST", anyKey(r)],
];

const WEIGHTS = ["w_1", "w_2", "w_m1", "w_5"];

export const SORT_MAKERS: readonly Maker[] = [
  (r) => ["SET", r.pick(WEIGHTS), String(r.between(-50, 50))],
  (r) => ["RPUSH", keyOf("list", r), ...several(r, 30, (q) => [q.between(-9, 20)])],
  (r) => ["LTRIM", keyOf("list", r), 1, 0],
  (r) => sorted(r, [r.pick(["SORT", "SORT_RO"]), "sorted", ...sortOptions(r)]),
  (r) => sorted(r, ["SORT", "sorted", ...sortOptions(r)]),
  (r) =>
    sorted(r, [
      "SORT",
      "sorted",
      "ALPHA",
      ...limit(r),
      ...maybe(r, 0.5, "DESC"),
      ...maybe(r, 0.5, "STORE", keyOf("list", r)),
    ]),
];

/**
 * Sorts a copy: SORT and SORT_RO turn the sorted set they read into a skiplist in Redis, here they change nothing. Before
 * that, a command that resets Redis' errno: SORT takes what an earlier score like 5e-324 left there for its own error.
 */
function sorted(r: RoundRandom, command: Words): Words[] {
  return [["INCRBYFLOAT", "errno", "1"], ["COPY", sortable(r), "sorted", "REPLACE"], command, ["DEL", "sorted"]];
}

const sortable = (r: RoundRandom): string => keyOf(r.pick(["list", "list", "set", "zset", "string"]), r);
const limit = (r: RoundRandom): Words => maybe(r, 0.4, "LIMIT", small(r), small(r));

/** Not ALPHA with weights: Redis leaves open which of two elements of the same weight comes first. */
function sortOptions(r: RoundRandom): Words {
  const by = r.pick(["", "", "", "w_*", "w_*", "nosort", "h1->*", "w_*->f"]);
  return [
    ...(by === "" ? maybe(r, 0.3, "ALPHA") : ["BY", by]),
    ...(by === "nosort" ? [] : limit(r)),
    ...maybe(r, 0.3, ...several(r, 2, (q) => ["GET", q.pick(["#", "w_*", "h1->*", "*", "nothing_*"])])),
    ...maybe(r, 0.5, r.pick(["ASC", "DESC", "desc"])),
    ...maybe(r, 0.2, "STORE", keyOf("list", r)),
  ];
}

export const TRANSACTION_MAKERS: readonly Maker[] = [
  () => ["MULTI"],
  () => ["EXEC"],
  () => ["EXEC"],
  () => ["DISCARD"],
  (r) => ["WATCH", r.pick(ALL_KEYS)],
  () => ["UNWATCH"],
];

export const NONSENSE_MAKERS: readonly Maker[] = [
  (r) => [
    r.pick(["NOSUCH", "GET", "SET", "SETRANGE", "MSET", "BITOP", "EXPIRE", "XGROUP", "ZADD"]),
    ...maybe(r, 0.5, value(r)),
  ],
];

/** Thresholds of the encodings: each round sets some of these on both servers (commands.ts). */
export const LIMITS: Readonly<Record<string, readonly Words[]>> = {
  default: [],
  low: [
    ["hash-max-listpack-entries", 8, "hash-max-listpack-value", 16],
    ["list-max-listpack-size", 6],
    ["set-max-intset-entries", 8, "set-max-listpack-entries", 8, "set-max-listpack-value", 16],
    ["zset-max-listpack-entries", 8, "zset-max-listpack-value", 16],
    ["stream-node-max-entries", 5, "hll-sparse-max-bytes", 100],
  ],
  high: [
    ["hash-max-listpack-entries", 100_000, "hash-max-listpack-value", 30_000],
    ["list-max-listpack-size", -5],
    ["set-max-intset-entries", 100_000, "set-max-listpack-entries", 100_000, "set-max-listpack-value", 30_000],
    ["zset-max-listpack-entries", 100_000, "zset-max-listpack-value", 30_000],
    ["stream-node-max-entries", 1000, "hll-sparse-max-bytes", 15_000],
  ],
};

/**
 * Changes a threshold in the middle of a round: what is there keeps its form until it is changed itself. Never within a
 * transaction: here CONFIG SET is in force, in every process, before the first command of a transaction that holds it.
 */
export const LIMIT_MAKERS: readonly Maker[] = [
  (r) =>
    outside([
      "CONFIG",
      "SET",
      "hash-max-listpack-entries",
      r.pick([0, 4, 8, 64]),
      "hash-max-listpack-value",
      r.pick([8, 64, 3000]),
    ]),
  (r) => outside(["CONFIG", "SET", "set-max-intset-entries", r.pick([0, 4, 16, 512])]),
  (r) =>
    outside([
      "CONFIG",
      "SET",
      "set-max-listpack-entries",
      r.pick([0, 4, 16, 128]),
      "set-max-listpack-value",
      r.pick([4, 64, 3000]),
    ]),
  (r) =>
    outside([
      "CONFIG",
      "SET",
      "zset-max-listpack-entries",
      r.pick([0, 4, 16, 128]),
      "zset-max-listpack-value",
      r.pick([4, 64, 3000]),
    ]),
  (r) => outside(["CONFIG", "SET", "list-max-listpack-size", r.pick([-2, -1, 1, 4, 32, 128])]),
  (r) =>
    outside([
      "CONFIG",
      "SET",
      "stream-node-max-entries",
      r.pick([1, 5, 20, 100]),
      "hll-sparse-max-bytes",
      r.pick([0, 50, 3000]),
    ]),
];

function outside(command: Words): Words[] {
  return [["DISCARD"], command];
}
