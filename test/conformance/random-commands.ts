/**
 * The random differential run: the same seeded stream of commands on two servers, replies compared byte for byte.
 * Commands come from small grammars, one per family; a family is a list of makers, so a new data type adds a list.
 * Streams are sent in pipelined batches; after each batch the keyspace is compared through DEBUG DIGEST when asked.
 */

import { RespClient } from "../support/resp-client.ts";
import { decodeFrame, type Reply } from "../support/resp-frames.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { render } from "./masks.ts";
import { GEO_MAKERS, SORTED_SET_MAKERS } from "./random-sorted-sets.ts";
import type { Endpoint } from "./run-scenario.ts";
import { showBytes, showWords } from "./scenario.ts";

type Words = (string | number)[];
type Maker = (r: SeededRandom) => Words;
/** How two replies may differ without being a difference. */
type Tolerance = "exact" | "unordered" | "near";

const KEYS = ["a", "b", "c", "d", "key:1", "key:2", "", "\xff\x00k", "long".repeat(30), "x".repeat(600)];
const INTEGERS = [
  "0", "1", "-1", "2", "7", "8", "10", "100", "-5", "255", "256", "1000", "9007199254740993", "9223372036854775807",
  "9223372036854775806", "-9223372036854775808", "9223372036854775808", "4294967295", "4294967296", "abc", "", "1.5", " 1", "01", "+1",
]; // biome-ignore format: a table of values
const FLOATS = [
  "0",
  "1",
  "-1",
  "0.1",
  "-0.1",
  "1.5",
  "3.0e3",
  "1e17",
  "1e-5",
  "123456.789",
  "1e300",
  "inf",
  "nan",
  "abc",
  "",
  "10.50",
  "0.30000000000000004",
];
const TYPES = ["u8", "i8", "u1", "i5", "u16", "i32", "u63", "i64", "u4", "i64", "u64", "x1", "i0"];
/** Far enough away that no deadline passes during the run. */
const FAR_SECONDS = ["1000", "50000", "100000000"];

const key: (r: SeededRandom) => string = (r) => r.pick(KEYS);
const integer: (r: SeededRandom) => string = (r) => (r.chance(0.5) ? String(r.between(-20, 200)) : r.pick(INTEGERS));
const small: (r: SeededRandom) => string = (r) =>
  r.chance(0.8) ? String(r.between(-12, 40)) : r.pick(INTEGERS.slice(0, 12));
/** Offsets that may make a value grow: bounded, so that the run stays small. */
const offset: (r: SeededRandom) => string = (r) =>
  r.chance(0.95) ? String(r.between(-2, 3000)) : String(r.between(0, 100_000));

function value(r: SeededRandom): string {
  const kind = r.next();
  if (kind < 0.3) return integer(r);
  if (kind < 0.4) return r.pick(FLOATS);
  if (kind < 0.8) return r.bytes(r.between(0, 12));
  return r.chance(0.9) ? "v".repeat(r.between(30, 200)) : r.bytes(r.between(1000, 20_000));
}

function expiry(r: SeededRandom): Words {
  const seconds = r.chance(0.9) ? r.pick(FAR_SECONDS) : r.pick(INTEGERS);
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

function several(r: SeededRandom, most: number, make: (r: SeededRandom) => Words): Words {
  return Array.from({ length: r.between(1, most) }, () => make(r)).flat();
}

const byteOrBit: (r: SeededRandom) => Words = (r) => r.pick<Words>([[], [], ["BYTE"], ["BIT"], ["FOO"]]);

/** Families of commands. A maker listed twice comes twice as often. */
export const FAMILIES: Readonly<Record<string, readonly Maker[]>> = {
  string: [
    (r) => [
      "SET",
      key(r),
      value(r),
      ...r.pick<Words>([[], [], ["NX"], ["XX"]]),
      ...r.pick<Words>([[], ["GET"]]),
      ...expiry(r),
    ],
    (r) => ["SET", key(r), value(r)],
    (r) => ["GET", key(r)],
    (r) => ["GETSET", key(r), value(r)],
    (r) => ["GETDEL", key(r)],
    (r) => ["GETEX", key(r), ...r.pick<Words>([[], ["PERSIST"], expiry(r)])],
    (r) => ["SETNX", key(r), value(r)],
    (r) => ["SETEX", key(r), r.pick(FAR_SECONDS), value(r)],
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
      ...r.pick<Words>([["LEN"], ["LEN"], ["IDX"], ["IDX", "MINMATCHLEN", 3, "WITHMATCHLEN"]]),
    ],
  ],
  bitmap: [
    (r) => ["SETBIT", key(r), offset(r), r.pick(["0", "1", "1", "2"])],
    (r) => ["GETBIT", key(r), offset(r)],
    (r) => ["BITCOUNT", key(r), ...r.pick<Words>([[], [small(r), small(r), ...byteOrBit(r)]])],
    (r) => [
      "BITPOS",
      key(r),
      r.pick(["0", "1"]),
      ...r.pick<Words>([[], [small(r)], [small(r), small(r), ...byteOrBit(r)]]),
    ],
    (r) => ["BITOP", r.pick(["AND", "OR", "XOR", "NOT"]), key(r), ...several(r, 3, (q) => [key(q)])],
    (r) => ["BITFIELD", key(r), ...several(r, 4, bitfieldOperation)],
    (r) => ["BITFIELD_RO", key(r), "GET", r.pick(TYPES), offset(r)],
  ],
  generic: [
    (r) => [r.pick(["DEL", "UNLINK", "EXISTS", "TOUCH"]), ...several(r, 3, (q) => [key(q)])],
    (r) => ["TYPE", key(r)],
    (r) => [r.pick(["RENAME", "RENAMENX"]), key(r), key(r)],
    (r) => ["COPY", key(r), key(r), ...r.pick<Words>([[], ["REPLACE"], ["DB", r.between(0, 2)]])],
    (r) => ["MOVE", key(r), r.pick(["1", "2", "0"])],
    (r) => ["OBJECT", "ENCODING", key(r)],
    () => ["DBSIZE"],
    (r) => ["KEYS", r.pick(["*", "key:*", "?", "[a-c]", "*o*", "x*"])],
    (r) => ["SELECT", r.pick(["0", "0", "0", "1", "2", "99"])],
    (r) => (r.chance(0.1) ? [r.pick(["FLUSHDB", "FLUSHALL"])] : ["DBSIZE"]),
    (r) => (r.chance(0.2) ? ["SWAPDB", r.between(0, 2), r.between(0, 2)] : ["DBSIZE"]),
    (r) => ["SCAN", "0", "COUNT", "1000", ...r.pick<Words>([[], ["MATCH", "k*"], ["TYPE", "string"]])],
  ],
  expire: [
    // Twice the same relative time would be a race with the clock under GT and LT: they are left out.
    (r) => [r.pick(["EXPIRE", "PEXPIRE"]), key(r), r.pick(["1000000", "5000000", "-1", "0", "9000000000", "abc"])],
    (r) => ["EXPIRE", key(r), r.pick(["1000", "-1", "0", "abc"]), ...r.pick<Words>([["NX"], ["XX"]])],
    (r) => [r.pick(["EXPIREAT", "PEXPIREAT"]), key(r), r.pick(["33177117420", "33177117420000", "1"]), ...flag(r)],
    (r) => [r.pick(["TTL", "PTTL"]), key(r)],
    (r) => [r.pick(["EXPIRETIME", "PEXPIRETIME"]), key(r)],
    (r) => ["PERSIST", key(r)],
  ],
  "sorted-set": SORTED_SET_MAKERS,
  geo: GEO_MAKERS,
  transactions: [
    () => ["MULTI"],
    () => ["EXEC"],
    () => ["EXEC"],
    () => ["DISCARD"],
    (r) => ["WATCH", key(r)],
    () => ["UNWATCH"],
  ],
  nonsense: [
    (r) => [
      r.pick(["NOSUCH", "GET", "SET", "SETRANGE", "MSET", "BITOP", "EXPIRE"]),
      ...(r.chance(0.5) ? [value(r)] : []),
    ],
  ],
};

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

function flag(r: SeededRandom): Words {
  return r.pick<Words>([[], [], ["NX"], ["XX"], ["GT"], ["LT"]]);
}

function tolerance(words: Words): Tolerance {
  const name = String(words[0]);
  if (name === "KEYS" || name === "SCAN") return "unordered";
  // EXEC may hold any of these.
  if (name === "EXEC") return "near";
  return ["TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"].includes(name) ? "near" : "exact";
}

function agree(a: Buffer, b: Buffer, words: Words): boolean {
  if (a.equals(b)) return true;
  const kind = tolerance(words);
  if (kind === "exact") return false;
  const [x, y] = [decodeFrame(a), decodeFrame(b)];
  return kind === "unordered" ? render(x, true) === render(y, true) : isNear(x, y);
}

/** Equal but for times to live, which differ by what passed between the two servers, and the order of key names. */
function isNear(a: Reply, b: Reply): boolean {
  const [x, y] = [integerOf(a), integerOf(b)];
  if (x !== null && y !== null) return x === y || (x > 900 && Math.abs(x - y) < 2 + x * 0.002);
  if (!Array.isArray(a) || !Array.isArray(b)) return render(a) === render(b);
  if (a.length !== b.length) return false;
  if (a.every((item) => typeof item === "string")) return render(a, true) === render(b, true);
  return a.every((item, index) => isNear(item, b[index] ?? null));
}

function integerOf(value: Reply): number | null {
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : null;
}

/** Runs `count` commands on both; returns a text for each difference (at most 50, then it stops). */
export async function runRandom(endpoints: readonly Endpoint[], count: number, seed: number): Promise<string[]> {
  const random = new SeededRandom(seed);
  const makers = Object.entries(FAMILIES).flatMap(([name, list]) =>
    name === "nonsense" || name === "transactions" ? list : [...list, ...list, ...list],
  );
  const clients = await Promise.all(
    endpoints.map((endpoint) => RespClient.connect({ ...endpoint, timeoutMs: 60_000 })),
  );
  if (seed % 2 === 1) for (const client of clients) await client.ok("HELLO", "3");
  for (const client of clients) await client.ok("FLUSHALL");
  const differences: string[] = [];
  let previous: Words[] = [];
  for (let done = 0; done < count && differences.length < 50; done += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, count - done) }, () => random.pick(makers)(random));
    const [ours = [], theirs = []] = await Promise.all(clients.map((client) => replies(client, batch)));
    batch.forEach((words, index) => {
      const [a, b] = [ours[index], theirs[index]];
      if (a === undefined || b === undefined || agree(a, b, words)) return;
      const show = (frame: Buffer): string => showBytes(frame.toString("latin1")).slice(0, 300);
      // How it came to the first one: the commands before it.
      const before = differences.length > 0 ? [] : [...previous, ...batch.slice(0, index)].slice(-HISTORY);
      const history = before.map((earlier) => `    before: ${showWords(earlier.map(String))}\n`).join("");
      differences.push(
        `${history}command ${done + index}: ${showWords(words.map(String))}\n    reference: ${show(b)}\n    ours:      ${show(a)}`,
      );
    });
    previous = batch;
  }
  for (const client of clients) client.destroy();
  return differences;
}

/** Commands per pipelined batch, and how many are shown before the first difference. */
const BATCH = 200;
const HISTORY = 60;

function replies(client: RespClient, batch: readonly Words[]): Promise<Buffer[]> {
  return Promise.all(batch.map((words) => client.callRaw(...words.map((word) => Buffer.from(String(word), "latin1")))));
}
