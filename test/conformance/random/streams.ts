/** Makers of random commands on streams. IDs grow with the round; idle times are compared with nothing (agree.ts). */
import type { SeededRandom } from "../../support/seeded-random.ts";
import { keyOf, type Maker, maybe, member, type RoundRandom, several, small, value, type Words } from "./words.ts";

const key = (r: SeededRandom): string => keyOf("stream", r);
const group = (r: SeededRandom): string => r.pick(["G", "G", "g2", "nogroup"]);
const consumer = (r: SeededRandom): string => r.pick(["Alice", "Bob", "", "Carol"]);
const now = (r: RoundRandom): number => Math.floor(r.tick / 8) + 1;
/** Entries that are always idle for long enough, or never. */
const minIdle = (r: SeededRandom): string => (r.chance(0.9) ? "0" : r.pick(["100000000", "-1", "abc"]));

/** An ID that may be there. */
function id(r: RoundRandom): string {
  const kind = r.next();
  if (kind < 0.6) return `${Math.max(0, now(r) - r.between(0, 60))}-${r.between(0, 2)}`;
  if (kind < 0.75) return String(Math.max(0, now(r) - r.between(0, 200)));
  return r.pick(["0", "0-0", "0-1", "18446744073709551615-18446744073709551615", "abc", "1-x", "-1", "5-", "1-2-3"]);
}

function newId(r: RoundRandom): string {
  const kind = r.next();
  if (kind < 0.4) return `${now(r)}-*`;
  if (kind < 0.85) return `${now(r) + r.between(0, 1)}-${r.between(0, 4)}`;
  return id(r);
}

const bound = (r: RoundRandom): string => (r.chance(0.3) ? r.pick(["-", "+", "(0", "(", "(1-1"]) : id(r));
const from = (r: RoundRandom): string => (r.chance(0.5) ? r.pick(["-", "0"]) : bound(r));
const to = (r: RoundRandom): string => (r.chance(0.5) ? "+" : bound(r));
const pair = (r: RoundRandom): Words => [
  r.chance(0.7) ? r.pick(["f", "g", "temperature"]) : member(r),
  r.chance(0.8) ? member(r) : value(r),
];

function trim(r: RoundRandom): Words {
  const limit = (): Words => maybe(r, 0.3, "LIMIT", r.pick(["0", "1", "50", "100", "-1"]));
  return r.pick<() => Words>([
    () => ["MAXLEN", r.chance(0.9) ? r.between(0, 150) : small(r)],
    () => ["MAXLEN", "=", r.between(0, 100)],
    () => ["MAXLEN", "~", r.between(0, 200), ...limit()],
    () => ["MINID", id(r)],
    () => ["MINID", "~", id(r), ...limit()],
  ])();
}

const streams = (r: RoundRandom, last: () => string): Words => {
  const names = several(r, 3, (q) => [key(q)]);
  return ["STREAMS", ...names, ...names.map(last), ...maybe(r, 0.02, "odd")];
};
const count = (r: RoundRandom): Words => maybe(r, 0.6, "COUNT", small(r));

export const STREAM_MAKERS: readonly Maker[] = [
  (r) => ["XADD", key(r), newId(r), ...several(r, 3, pair)],
  (r) => ["XADD", key(r), newId(r), "f", member(r), "g", member(r)],
  (r) => ["XADD", key(r), newId(r), "f", member(r), "g", member(r)],
  (r) => [
    "XADD",
    key(r),
    ...maybe(r, 0.2, "NOMKSTREAM"),
    ...maybe(r, 0.5, ...trim(r)),
    newId(r),
    ...several(r, 9, pair),
  ],
  (r) => ["XLEN", key(r)],
  (r) => ["XDEL", key(r), ...several(r, 5, (q) => [id(q)])],
  (r) => (r.chance(0.5) ? ["XTRIM", key(r), ...trim(r)] : ["XLEN", key(r)]),
  (r) => ["XRANGE", key(r), from(r), to(r), ...count(r)],
  (r) => ["XREVRANGE", key(r), to(r), from(r), ...count(r)],
  (r) => ["XREAD", ...count(r), ...streams(r, () => (r.chance(0.9) ? id(r) : "$"))],
  (r) => [
    ...["XGROUP", "CREATE", key(r), group(r), r.chance(0.5) ? r.pick(["0", "$"]) : id(r)],
    ...maybe(r, 0.5, "MKSTREAM"),
    ...maybe(r, 0.2, "ENTRIESREAD", small(r)),
  ],
  (r) => ["XGROUP", "SETID", key(r), group(r), r.chance(0.5) ? "$" : id(r), ...maybe(r, 0.3, "ENTRIESREAD", small(r))],
  (r) => ["XGROUP", r.pick(["CREATECONSUMER", "DELCONSUMER"]), key(r), group(r), consumer(r)],
  (r) => (r.chance(0.2) ? ["XGROUP", "DESTROY", key(r), group(r)] : ["XINFO", "GROUPS", key(r)]),
  (r) => readGroup(r),
  (r) => readGroup(r),
  (r) => ["XACK", key(r), group(r), ...several(r, 12, (q) => [id(q)])],
  (r) => ["XPENDING", key(r), group(r)],
  (r) => [
    ...["XPENDING", key(r), group(r), ...maybe(r, 0.3, "IDLE", minIdle(r)), from(r), to(r), small(r)],
    ...maybe(r, 0.4, consumer(r)),
  ],
  (r) => [
    ...["XCLAIM", key(r), group(r), consumer(r), minIdle(r), ...several(r, 6, (q) => [id(q)])],
    ...maybe(r, 0.2, "RETRYCOUNT", small(r)),
    ...maybe(r, 0.2, "FORCE"),
    ...maybe(r, 0.3, "JUSTID"),
    ...maybe(r, 0.1, "LASTID", id(r)),
    ...maybe(r, 0.1, "IDLE", "0"),
  ],
  (r) => ["XAUTOCLAIM", key(r), group(r), consumer(r), minIdle(r), from(r), ...count(r), ...maybe(r, 0.3, "JUSTID")],
  (r) => ["XINFO", r.pick(["STREAM", "GROUPS"]), key(r)],
  (r) => ["XINFO", "CONSUMERS", key(r), group(r)],
  (r) => ["XINFO", "STREAM", key(r), "FULL", ...maybe(r, 0.5, "COUNT", small(r))],
  (r) => (r.chance(0.2) ? setId(r) : ["XLEN", key(r)]),
];

function readGroup(r: RoundRandom): Words {
  const last = (): string => (r.chance(0.7) ? ">" : id(r));
  return ["XREADGROUP", "GROUP", group(r), consumer(r), ...count(r), ...maybe(r, 0.2, "NOACK"), ...streams(r, last)];
}

function setId(r: RoundRandom): Words {
  return ["XSETID", key(r), id(r), ...maybe(r, 0.5, "ENTRIESADDED", small(r), "MAXDELETEDID", id(r))];
}
