/** What makers of random commands are made of: keys by type, numbers at the edges of their types, values of all sizes. */
import { SeededRandom } from "../../support/seeded-random.ts";

export type Words = (string | number)[];

/** The source of one round: `tick` counts its commands, so that IDs and times can grow with it. */
export class RoundRandom extends SeededRandom {
  tick = 0;
}

/** Makes one command, or several that belong together. */
export type Maker = (r: RoundRandom) => Words | Words[];

export const STRING_KEYS = [
  ...["a", "b", "c", "d", "key:1", "key:2", "", "\xff\x00k", "long".repeat(30), "x".repeat(600)],
];
/** Keys of every type. Each family works mostly on its own, now and then on any. */
export const KEYS: Readonly<Record<string, readonly string[]>> = {
  string: STRING_KEYS,
  hll: ["p1", "p2", "p3"],
  list: ["l1", "l2", "l3", "l4"],
  hash: ["h1", "h2", "h3"],
  set: ["s1", "s2", "s3", "s4"],
  zset: ["z1", "z2", "z3", "z4"],
  lex: ["lex1", "lex2"],
  geo: ["g1", "g2"],
  stream: ["x1", "x2", "x3"],
};
/**
 * Keys of every type but "lex": those are sorted sets of one score, since replies to lexical ranges are defined for no
 * other. Nothing else is ever stored there.
 */
export const ALL_KEYS: readonly string[] = [
  ...Object.entries(KEYS).flatMap(([family, names]) => (family === "lex" ? [] : names)),
  "none",
];

export const INTEGERS = [
  "0", "1", "-1", "2", "7", "8", "10", "100", "-5", "255", "256", "1000", "9007199254740993", "9223372036854775807",
  "9223372036854775806", "-9223372036854775808", "9223372036854775808", "4294967295", "4294967296", "abc", "", "1.5", " 1", "01", "+1",
]; // biome-ignore format: a table of values
export const FLOATS = [
  ...["0", "1", "-1", "0.1", "-0.1", "1.5", "3.0e3", "1e17", "1e-5", "123456.789", "1e300", "inf", "nan", "abc", ""],
  ...["10.50", "0.30000000000000004", "-0", "1e22", "5e-324", "9007199254740993"],
];

/** A key of a family; 3 times in 100 any key. */
export function keyOf(family: string, r: SeededRandom): string {
  return family === "lex" || r.chance(0.97) ? r.pick(KEYS[family] ?? ALL_KEYS) : r.pick(ALL_KEYS);
}

export const anyKey = (r: SeededRandom): string => r.pick(ALL_KEYS);

export const integer = (r: SeededRandom): string => (r.chance(0.5) ? String(r.between(-20, 200)) : r.pick(INTEGERS));

/** Mostly a small number, as an index or a count. */
export const small = (r: SeededRandom): string =>
  r.chance(0.8) ? String(r.between(-12, 40)) : r.pick(INTEGERS.slice(0, 12));

/** An index into a collection; now and then none. */
export const index = (r: SeededRandom): string =>
  r.chance(0.95) ? String(r.between(-30, 300)) : r.pick(["abc", "-9223372036854775808", "9223372036854775807"]);

export function value(r: SeededRandom): string {
  const kind = r.next();
  if (kind < 0.3) return integer(r);
  if (kind < 0.4) return r.pick(FLOATS);
  if (kind < 0.8) return r.bytes(r.between(0, 12));
  return r.chance(0.9) ? "v".repeat(r.between(30, 200)) : r.bytes(r.between(1000, 20_000));
}

/**
 * A member, field or element: often one that is there already; integers of every width, texts around the lengths at
 * which encodings change, long ones around the sizes at which rows are split.
 */
export function member(r: SeededRandom): string {
  const kind = r.next();
  if (kind < 0.45) return `m${r.between(0, r.pick([20, 20, 200, 2000]))}`;
  if (kind < 0.7) return String(r.between(-20, r.pick([40, 40, 1000])));
  if (kind < 0.78) return r.pick(EDGE_INTEGERS);
  if (kind < 0.84) return r.bytes(r.between(0, 12));
  if (kind < 0.96) return `${"t".repeat(r.pick([4, 8, 9, 30, 60, 61, 62, 63, 64, 65, 70]))}${r.between(0, 5)}`;
  if (kind < 0.99) return r.pick(["", "007", "-0", " 1", "1.5", "3.0e3", "inf", "nan", "+5", "-"]);
  return `${"L".repeat(r.pick([127, 128, 880, 893, 1895, 1905, 4095, 4096, 8190, 17_000]))}${r.between(0, 5)}`;
}

const EDGE_INTEGERS = [
  ...["12", "127", "128", "-128", "-129", "4095", "4096", "-4096", "-4097", "32767", "32768", "-32768", "-32769"],
  ...["8388607", "8388608", "-8388609", "2147483647", "2147483648", "-2147483648", "-2147483649"],
  ...[
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "9007199254740993",
    "00",
    "12345678901234567890",
  ],
];

export function several(r: RoundRandom, most: number, make: (r: RoundRandom) => Words): Words {
  return Array.from({ length: r.between(1, most) }, () => make(r)).flat();
}

export const maybe = (r: SeededRandom, chance: number, ...words: Words): Words => (r.chance(chance) ? words : []);
