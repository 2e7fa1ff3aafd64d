/**
 * The random stream: rounds of commands, each made from its own seed, so that one round can be run again alone. Commands
 * come from small grammars (makers), one list per family; a new data type adds a list. A few commands are spoilt: a word
 * lost, doubled or replaced, so that every argument meets what it is not made for.
 */
import {
  EXPIRE_MAKERS,
  GENERIC_MAKERS,
  LIMIT_MAKERS,
  LIMITS,
  NONSENSE_MAKERS,
  SORT_MAKERS,
  TRANSACTION_MAKERS,
} from "./generic.ts";
import { HASH_MAKERS } from "./hashes.ts";
import { LIST_MAKERS } from "./lists.ts";
import { SET_MAKERS } from "./sets.ts";
import { GEO_MAKERS, SORTED_SET_MAKERS } from "./sorted-sets.ts";
import { STREAM_MAKERS } from "./streams.ts";
import { BITMAP_MAKERS, HLL_MAKERS, STRING_MAKERS } from "./strings.ts";
import { INTEGERS, KEYS, type Maker, RoundRandom, type Words } from "./words.ts";

interface Family {
  readonly makers: readonly Maker[];
  /** How often it comes, in parts of all chosen families' sum. */
  readonly share: number;
}

export const FAMILIES: Readonly<Record<string, Family>> = {
  string: { makers: STRING_MAKERS, share: 10 },
  bitmap: { makers: BITMAP_MAKERS, share: 6 },
  hyperloglog: { makers: HLL_MAKERS, share: 4 },
  list: { makers: LIST_MAKERS, share: 14 },
  hash: { makers: HASH_MAKERS, share: 12 },
  set: { makers: SET_MAKERS, share: 14 },
  "sorted-set": { makers: SORTED_SET_MAKERS, share: 16 },
  geo: { makers: GEO_MAKERS, share: 6 },
  stream: { makers: STREAM_MAKERS, share: 14 },
  generic: { makers: GENERIC_MAKERS, share: 6 },
  expire: { makers: EXPIRE_MAKERS, share: 4 },
  sort: { makers: SORT_MAKERS, share: 4 },
  transactions: { makers: TRANSACTION_MAKERS, share: 2 },
  nonsense: { makers: NONSENSE_MAKERS, share: 0.5 },
};

/** One command, on one of the run's connections. */
export interface Step {
  readonly client: number;
  readonly words: readonly string[];
}

export interface Round {
  readonly seed: number;
  /** Name in LIMITS, or "changing": the defaults at first, changed on the way. */
  readonly limits: string;
  /** RESP version of each connection. */
  readonly protocols: readonly number[];
  readonly steps: readonly Step[];
}

export interface RoundOptions {
  readonly commands: number;
  readonly clients: number;
  /** Names of families; empty: all. */
  readonly families: readonly string[];
  /** Only this setting of thresholds. */
  readonly limits?: string;
}

/** Consecutive commands of one connection: sent as one pipeline. */
const BATCH_MAX = 120;
const SPOILT = 0.015;

export function makeRound(seed: number, options: RoundOptions): Round {
  const r = new RoundRandom(seed);
  const limits = options.limits ?? r.pick(["default", "low", "low", "high", "changing", "changing"]);
  const source = commandSource(options.families, limits === "changing");
  const protocols = Array.from({ length: options.clients }, () => r.pick([2, 3]));
  const steps: Step[] = [];
  let client = 0;
  for (let left = 0; steps.length < options.commands; left--) {
    if (left === 0) {
      client = r.between(0, options.clients - 1);
      left = r.chance(0.3) ? 1 : r.between(1, BATCH_MAX);
    }
    for (const words of source(r)) steps.push({ client, words });
    r.tick = steps.length;
  }
  return { seed, limits, protocols, steps };
}

/** What sets the thresholds of a round, and takes back those of the one before. */
export function limitCommands(limits: string): Words[] {
  const chosen = LIMITS[limits] ?? [];
  return [DEFAULT_LIMITS, ...chosen].map((words) => ["CONFIG", "SET", ...words]);
}

const DEFAULT_LIMITS: Words = [
  ...["hash-max-listpack-entries", 128, "hash-max-listpack-value", 64, "list-max-listpack-size", -2],
  ...["set-max-intset-entries", 512, "set-max-listpack-entries", 128, "set-max-listpack-value", 64],
  ...["zset-max-listpack-entries", 128, "zset-max-listpack-value", 64],
  ...["stream-node-max-entries", 100, "hll-sparse-max-bytes", 3000],
];

/** Makes one command, or several that belong together. */
export type CommandSource = (r: RoundRandom) => string[][];

/** Commands of these families (empty: all), some of them spoilt; with changes of thresholds or without. */
export function commandSource(families: readonly string[], isChanging: boolean): CommandSource {
  const choose = chooser(families, isChanging);
  return (r) => spoil(r, commandsOf(choose(r)(r)));
}

function chooser(names: readonly string[], isChanging: boolean): (r: RoundRandom) => Maker {
  const chosen = Object.entries(FAMILIES).filter(([name]) => names.length === 0 || names.includes(name));
  const families = chosen.map(([, family]) => family);
  if (families.length === 0) throw new Error(`no such family; there are ${Object.keys(FAMILIES).join(" ")}`);
  if (isChanging) families.push({ makers: LIMIT_MAKERS, share: 0.6 });
  const sum = families.reduce((total, family) => total + family.share, 0);
  return (r) => {
    let place = r.next() * sum;
    for (const family of families) {
      place -= family.share;
      if (place < 0) return r.pick(family.makers);
    }
    return r.pick((families[0] as Family).makers);
  };
}

function commandsOf(made: Words | Words[]): string[][] {
  const list = Array.isArray(made[0]) ? (made as Words[]) : [made as Words];
  return list.map((words) => words.map(String));
}

/**
 * Commands that are never spoilt: another number would make them wait, depend on the clock or on chance, or take half a
 * gigabyte.
 */
const KEPT = new Set([
  ...["BLPOP", "BRPOP", "BLMOVE", "BRPOPLPUSH", "BLMPOP", "BZPOPMIN", "BZPOPMAX", "BZMPOP"],
  ...[
    "SETRANGE",
    "SETBIT",
    "BITFIELD",
    "SRANDMEMBER",
    "HRANDFIELD",
    "ZRANDMEMBER",
    "SPOP",
    "DEL",
    "CONFIG",
    "FLUSHALL",
  ],
  ...[
    "EXPIRE",
    "PEXPIRE",
    "EXPIREAT",
    "PEXPIREAT",
    "SET",
    "SETEX",
    "PSETEX",
    "GETEX",
    "XCLAIM",
    "XAUTOCLAIM",
    "XPENDING",
  ],
  ...["HSCAN", "SSCAN", "ZSCAN", "SCAN", "OBJECT", "LSET", "TTL", "PTTL", "PERSIST"],
]);

function spoil(r: RoundRandom, commands: string[][]): string[][] {
  const [words] = commands;
  if (words === undefined || commands.length > 1 || !r.chance(SPOILT) || KEPT.has(words[0] ?? "")) return commands;
  // Their scores must stay the same.
  if (words.some((word) => KEYS.lex?.includes(word))) return commands;
  const at = r.between(1, Math.max(1, words.length - 1));
  const spoilt = [...words];
  const way = r.between(0, 3);
  if (way === 0) spoilt.splice(at, 1);
  else if (way === 1) spoilt.splice(at, 0, words[at] ?? "extra");
  else if (way === 2) spoilt[at] = r.pick(INTEGERS);
  else spoilt.push(r.pick([...INTEGERS, "extra"]));
  return [spoilt];
}
