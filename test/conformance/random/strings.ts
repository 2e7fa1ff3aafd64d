/** Makers of random commands on strings, bits and HyperLogLogs. */
import type { SeededRandom } from "../../support/seeded-random.ts";
import {
  FLOATS,
  INTEGERS,
  integer,
  keyOf,
  type Maker,
  maybe,
  type RoundRandom,
  several,
  small,
  value,
  type Words,
} from "./words.ts";

const TYPES = ["u8", "i8", "u1", "i5", "u16", "i32", "u63", "i64", "u4", "i64", "u64", "x1", "i0"];
/** Far enough away that no deadline passes during the run. */
export const FAR_SECONDS = ["1000", "50000", "100000000"];

const key = (r: SeededRandom): string => keyOf("string", r);
const hll = (r: SeededRandom): string => keyOf("hll", r);
/** Offsets that may make a value grow: bounded, so that the run stays small. */
const offset = (r: SeededRandom): string =>
  r.chance(0.95) ? String(r.between(-2, 3000)) : String(r.between(0, 100_000));

function expiry(r: SeededRandom): Words {
  const seconds = r.chance(0.9) ? r.pick(FAR_SECONDS) : r.pick(INTEGERS.filter((text) => !/^\d{1,3}$/.test(text)));
  return r.pick<Words>([
    [],
    [],
    ["EX", seconds],
    ["PX", `${seconds}000`],
    ["EXAT", "33177117420"],
    ["PXAT", "33177117420000"],
    ["KEEPTTL"],
  ]);
}

const byteOrBit = (r: SeededRandom): Words => r.pick<Words>([[], [], ["BYTE"], ["BIT"], ["FOO"]]);

function bitfieldOperation(r: SeededRandom): Words {
  const place = r.chance(0.3) ? `#${r.between(0, 50)}` : String(r.between(-1, 1000));
  const type = r.pick(TYPES);
  return r.pick<Words>([
    ["GET", type, place],
    ["SET", type, place, integer(r)],
    ["INCRBY", type, place, integer(r)],
    ["OVERFLOW", r.pick(["WRAP", "SAT", "FAIL"]), "INCRBY", type, place, integer(r)],
  ]);
}

export const STRING_MAKERS: readonly Maker[] = [
  (r) => ["SET", key(r), value(r), ...maybe(r, 0.4, r.pick(["NX", "XX"])), ...maybe(r, 0.4, "GET"), ...expiry(r)],
  (r) => ["SET", key(r), value(r)],
  (r) => ["GET", key(r)],
  (r) => ["GETSET", key(r), value(r)],
  (r) => ["GETDEL", key(r)],
  (r) => ["GETEX", key(r), ...r.pick<Words>([[], ["PERSIST"], ["EXAT", "1"], expiry(r)])],
  (r) => ["SETNX", key(r), value(r)],
  (r) => [r.pick(["SETEX", "PSETEX"]), key(r), `${r.pick(FAR_SECONDS)}000`, value(r)],
  (r) => ["APPEND", key(r), value(r)],
  (r) => ["STRLEN", key(r)],
  (r) => [r.pick(["INCR", "DECR"]), key(r)],
  (r) => [r.pick(["INCRBY", "DECRBY"]), key(r), integer(r)],
  (r) => ["INCRBYFLOAT", key(r), r.pick(FLOATS)],
  (r) => ["SETRANGE", key(r), offset(r), r.bytes(r.between(0, 20))],
  (r) => [r.pick(["GETRANGE", "SUBSTR"]), key(r), small(r), small(r)],
  (r) => ["MGET", ...several(r, 5, (q) => [key(q)])],
  (r) => ["MSET", ...several(r, 4, (q) => [key(q), value(q)])],
  (r) => ["MSETNX", ...several(r, 3, (q) => [key(q), value(q)])],
  (r) => [
    "LCS",
    key(r),
    key(r),
    ...r.pick<Words>([[], ["LEN"], ["IDX"], ["IDX", "MINMATCHLEN", 3, "WITHMATCHLEN"], ["LEN", "IDX"]]),
  ],
];

export const BITMAP_MAKERS: readonly Maker[] = [
  (r) => ["SETBIT", key(r), offset(r), r.pick(["0", "1", "1", "2"])],
  (r) => ["GETBIT", key(r), offset(r)],
  (r) => ["BITCOUNT", key(r), ...r.pick<Words>([[], [small(r)], [small(r), small(r), ...byteOrBit(r)]])],
  (r) => [
    "BITPOS",
    key(r),
    r.pick(["0", "1"]),
    ...r.pick<Words>([[], [small(r)], [small(r), small(r), ...byteOrBit(r)]]),
  ],
  (r) => ["BITOP", r.pick(["AND", "OR", "XOR", "NOT"]), key(r), ...several(r, 3, (q) => [key(q)])],
  (r) => ["BITFIELD", key(r), ...several(r, 4, bitfieldOperation)],
  (r) => ["BITFIELD_RO", key(r), "GET", r.pick(TYPES), offset(r)],
];

const element = (r: RoundRandom): Words => [r.chance(0.5) ? `e${r.between(0, r.pick([20, 500, 20_000]))}` : value(r)];
const elements = (r: RoundRandom): Words => several(r, r.pick([1, 3, 3, 30, 400]), element);

export const HLL_MAKERS: readonly Maker[] = [
  (r) => ["PFADD", hll(r), ...elements(r)],
  (r) => ["PFADD", hll(r)],
  (r) => ["PFCOUNT", ...several(r, 3, (q) => [hll(q)])],
  (r) => ["PFMERGE", hll(r), ...several(r, 3, (q) => [hll(q)])],
  (r) => (r.chance(0.3) ? ["PFMERGE", hll(r)] : ["PFCOUNT", hll(r)]),
  (r) => (r.chance(0.3) ? ["GET", hll(r)] : ["STRLEN", hll(r)]),
  (r) => ["PFDEBUG", r.pick(["ENCODING", "DECODE", "TODENSE", "NOSUCH", "ENCODING"]), hll(r)],
  // Only the header is damaged: of the elements added before it meets damaged registers Redis keeps some.
  (r) => (r.chance(0.1) ? ["SETRANGE", hll(r), r.between(0, 13), r.bytes(2)] : ["STRLEN", hll(r)]),
];
