/** The types with a syntax of their own: save points, buffer limits, event classes, addresses and the like. */
import type { OutputBufferLimit, OutputBufferLimits, SavePoint } from "@keydb-ts/core";
import { type DirectiveType, InvalidValue } from "./directive-type.ts";
import { formatMemory, INT_MAX, INT_MIN, parseLooseInteger, parseMemory } from "./numbers.ts";
import { joinArgs, splitArgs } from "./split-args.ts";

const MAX_BIND_ADDRESSES = 16;
const OOM_VALUES = 3;
const OOM_LIMIT = 2000n;

/** Words such as addresses or patterns; one empty word means none. */
export function wordsType(max: number, tooMany: string): DirectiveType<readonly string[]> {
  return {
    format: "redis-words",
    takesWords: true,
    yaml: "words",
    parse(words) {
      const value = words.length === 1 && words[0] === "" ? [] : [...words];
      this.check(value);
      return value;
    },
    check(value) {
      if (value.length > max) throw new InvalidValue(tooMany);
    },
    text: (value) => value.join(" "),
    lines: (value) => [value.length === 0 ? [""] : value],
  };
}

export const bindType = wordsType(MAX_BIND_ADDRESSES, "Too many bind addresses specified.");

/** Pairs of seconds and changes; one empty word means none. A file's lines add up (load-config.ts joins them). */
export const saveType: DirectiveType<readonly SavePoint[]> = {
  format: "redis-save",
  takesWords: true,
  yaml: "lines",
  parse(words) {
    const given = words.length === 1 && words[0] === "" ? [] : words;
    const points: SavePoint[] = [];
    for (let at = 0; at < given.length; at += 2) {
      const seconds = parseLooseInteger(given[at] ?? "?", 10);
      const changes = parseLooseInteger(given[at + 1] ?? "?", 10);
      if (seconds === null || changes === null || seconds < 1n || changes < 0n) {
        throw new InvalidValue("Invalid save parameters");
      }
      points.push({ seconds: Number(seconds), changes: Number(BigInt.asIntN(32, changes)) });
    }
    return points;
  },
  check(value) {
    if (!value.every((point) => point.seconds >= 1)) throw new InvalidValue("Invalid save parameters");
  },
  text: (value) => value.map((point) => `${point.seconds} ${point.changes}`).join(" "),
  lines: (value) => (value.length === 0 ? [[""]] : value.map((point) => [`${point.seconds}`, `${point.changes}`])),
};

const LIMIT_CLASSES: Readonly<Record<string, keyof OutputBufferLimits>> = {
  normal: "normal",
  slave: "replica",
  replica: "replica",
  pubsub: "pubsub",
};

const LIMIT_ORDER = ["normal", "replica", "pubsub"] as const satisfies readonly (keyof OutputBufferLimits)[];

function parseLimit(hardWord: string, softWord: string, secondsWord: string): OutputBufferLimit {
  const hard = parseMemory(hardWord);
  const soft = parseMemory(softWord);
  const seconds = parseLooseInteger(secondsWord, 10);
  // Redis keeps the seconds in an int.
  const softSeconds = seconds === null ? -1n : BigInt.asIntN(32, seconds);
  if (hard === null || soft === null || softSeconds < 0n) {
    throw new InvalidValue("Error in hard, soft or soft_seconds setting in buffer limit configuration.");
  }
  return { hardBytes: Number(hard), softBytes: Number(soft), softSeconds: Number(softSeconds) };
}

/** Groups of class, hard limit, soft limit and seconds; classes not named keep their limits. */
export const outputBufferLimitsType: DirectiveType<OutputBufferLimits> = {
  format: "redis-output-buffer-limits",
  takesWords: true,
  yaml: "map",
  parse(words, previous) {
    if (words.length % 4 !== 0) throw new InvalidValue("Wrong number of arguments in buffer limit configuration.");
    const none: OutputBufferLimit = { hardBytes: 0, softBytes: 0, softSeconds: 0 };
    const limits = { ...(previous ?? { normal: none, replica: none, pubsub: none }) };
    for (let at = 0; at < words.length; at += 4) {
      const [name = "", hard = "", soft = "", seconds = ""] = words.slice(at, at + 4);
      const limitClass = LIMIT_CLASSES[name.toLowerCase()];
      if (limitClass === undefined) {
        throw new InvalidValue("Invalid client class specified in buffer limit configuration.");
      }
      limits[limitClass] = parseLimit(hard, soft, seconds);
    }
    return limits;
  },
  check(value) {
    for (const name of LIMIT_ORDER) {
      const limit = value[name];
      parseLimit(`${limit.hardBytes}`, `${limit.softBytes}`, `${limit.softSeconds}`);
    }
  },
  text(value) {
    return LIMIT_ORDER.map((name) => {
      const shown = name === "replica" ? "slave" : name;
      return `${shown} ${value[name].hardBytes} ${value[name].softBytes} ${value[name].softSeconds}`;
    }).join(" ");
  },
  lines(value) {
    return LIMIT_ORDER.map((name) => {
      const limit = value[name];
      return [
        name,
        formatMemory(BigInt(limit.hardBytes)),
        formatMemory(BigInt(limit.softBytes)),
        `${limit.softSeconds}`,
      ];
    });
  },
};

/** Three oom_score_adj values: master, replica, background child. */
export const oomScoreAdjValuesType: DirectiveType<readonly number[]> = {
  format: "redis-oom-score-adj-values",
  takesWords: true,
  yaml: "words",
  parse(words) {
    if (words.length !== OOM_VALUES) throw new InvalidValue("wrong number of arguments");
    return words.map((word) => {
      const value = parseLooseInteger(word, 10);
      if (value === null || value < -OOM_LIMIT || value > OOM_LIMIT) {
        throw new InvalidValue("Invalid oom-score-adj-values, elements must be between -2000 and 2000.");
      }
      return Number(value);
    });
  },
  check(value) {
    if (value.length !== OOM_VALUES) throw new InvalidValue("wrong number of arguments");
  },
  text: (value) => value.join(" "),
  lines: (value) => [value.map((number) => `${number}`)],
};

/** Event classes that A stands for, in the order in which Redis prints them; then those it does not include. */
const CLASSES_OF_A = "g$lshzxetd";
const PRINT_ORDER = `${CLASSES_OF_A}n`;
const OTHER_CLASSES = "KEm";

/** Classes of keyspace events, held as the text that CONFIG GET shows. */
export const keyspaceEventsType: DirectiveType<string> = {
  format: "redis-keyspace-events",
  takesWords: false,
  yaml: "scalar",
  parse(words) {
    if (words.length !== 1) throw new InvalidValue("wrong number of arguments");
    const given = new Set(words[0]);
    for (const letter of given) {
      if (letter !== "A" && !PRINT_ORDER.includes(letter) && !OTHER_CLASSES.includes(letter)) {
        throw new InvalidValue("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
      }
    }
    const isAll = given.has("A") || [...CLASSES_OF_A].every((letter) => given.has(letter));
    // With A, Redis prints no single class and so loses sight of n; it stays in force, hence it is kept here.
    const classes = isAll
      ? `A${given.has("n") ? "n" : ""}`
      : [...PRINT_ORDER].filter((letter) => given.has(letter)).join("");
    return classes + [...OTHER_CLASSES].filter((letter) => given.has(letter)).join("");
  },
  check: () => undefined,
  text: (value) => (value.startsWith("A") ? value.replace("n", "") : value),
  lines: (value) => [[value]],
};

/** Percentiles from 0 to 100; one empty word means none. */
export const percentilesType: DirectiveType<readonly number[]> = {
  format: "redis-percentiles",
  takesWords: true,
  yaml: "words",
  parse(words) {
    const given = words.length === 1 && words[0] === "" ? [] : words;
    const value = given.map((word) => {
      const isNumber = /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?$/i.test(word);
      const isInfinite = /^[+-]?inf(inity)?$/i.test(word);
      if (!isNumber && !isInfinite) throw new InvalidValue("Invalid latency-tracking-info-percentiles parameters");
      return checkPercentile(isInfinite ? Number.POSITIVE_INFINITY : Number(word));
    });
    return value;
  },
  check: (value) => void value.forEach(checkPercentile),
  text: (value) => value.map(formatPercentile).join(" "),
  lines: (value) => [value.length === 0 ? [""] : value.map(formatPercentile)],
};

function checkPercentile(value: number): number {
  if (value >= 0 && value <= 100) return value;
  throw new InvalidValue("latency-tracking-info-percentiles parameters should sit between [0.0,100.0]");
}

/** Six decimals without trailing zeros. */
function formatPercentile(value: number): string {
  return value.toFixed(6).replace(/\.?0+$/, "");
}

/** Host and port of a master, or nothing (`no one`); held as "host port". */
export const replicaOfType: DirectiveType<string> = {
  format: "redis-replicaof",
  takesWords: true,
  yaml: "scalar",
  parse(words) {
    const [host, portWord] = words;
    if (words.length !== 2 || host === undefined || portWord === undefined) {
      throw new InvalidValue("wrong number of arguments");
    }
    if (host.toLowerCase() === "no" && portWord.toLowerCase() === "one") return "";
    const port = parseLooseInteger(portWord, 10);
    if (port === null || port < 0n || port > 65535n) throw new InvalidValue("Invalid master port");
    return `${host} ${port}`;
  },
  check: () => undefined,
  text: (value) => value,
  lines: (value) => [value === "" ? ["no", "one"] : value.split(" ")],
};

/** yes/no (also true/false, as in KeyDB), or the number of the first core to use. */
export const affinityType: DirectiveType<string> = {
  format: "keydb-affinity",
  takesWords: false,
  yaml: "scalar",
  parse(words) {
    const word = words[0]?.toLowerCase() ?? "";
    if (word === "true" || word === "yes") return "yes";
    if (word === "false" || word === "no") return "no";
    const core = /^[0-9]+$/.test(word) ? BigInt(word) : -1n;
    if (core < 1n || core > INT_MAX || core < INT_MIN) {
      throw new InvalidValue("argument must be 'yes', 'no' or the number of the first core (from 1)");
    }
    return `${core}`;
  },
  check: () => undefined,
  text: (value) => value,
  lines: (value) => [[value]],
};

/** Words kept as they are, quoted where needed; for directives whose meaning belongs to a feature still to come. */
export const rawWordsType: DirectiveType<string> = {
  format: "redis-raw-words",
  takesWords: true,
  yaml: "scalar",
  parse: (words) => (words.length === 1 && words[0] === "" ? "" : joinArgs(words)),
  check: () => undefined,
  text: (value) => (splitArgs(value) ?? []).join(" "),
  lines: (value) => (value === "" ? [] : [splitArgs(value) ?? []]),
};
