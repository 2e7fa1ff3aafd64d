/** The types that most directives have: yes/no, numbers with a range, memory, texts, enumerations. */
import { type DirectiveType, InvalidValue } from "./directive-type.ts";
import { formatMemory, parseLooseInteger, parseMemory, parseStrictInteger } from "./numbers.ts";

/** The only word of a single-valued directive (callers have checked the count). */
function single(words: readonly string[]): string {
  const word = words[0];
  if (word === undefined || words.length !== 1) throw new InvalidValue("wrong number of arguments");
  return word;
}

function oneLine(text: string): readonly (readonly string[])[] {
  return [[text]];
}

/** yes or no; `refuse` may veto a value by returning a reason. */
export function boolType(refuse?: (value: boolean) => string | null): DirectiveType<boolean> {
  return {
    format: "redis-bool",
    takesWords: false,
    yaml: "scalar",
    parse(words) {
      const word = single(words).toLowerCase();
      if (word !== "yes" && word !== "no") throw new InvalidValue("argument must be 'yes' or 'no'");
      this.check(word === "yes");
      return word === "yes";
    },
    check(value) {
      if (typeof value !== "boolean") throw new InvalidValue("argument must be 'yes' or 'no'");
      const reason = refuse?.(value) ?? null;
      if (reason !== null) throw new InvalidValue(reason);
    },
    text: (value) => (value ? "yes" : "no"),
    lines: (value) => oneLine(value ? "yes" : "no"),
  };
}

interface Range {
  readonly min: bigint;
  readonly max: bigint;
  /** Compared as an unsigned 64-bit number (matters for what the range error says about negative input). */
  readonly unsigned?: boolean;
}

function inRange(value: bigint, range: Range, base: 8 | 10): bigint {
  const compared = range.unsigned === true ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value);
  if (compared >= range.min && compared <= range.max) return compared;
  const limits = `${range.min.toString(base)} and ${range.max.toString(base)}`;
  throw new InvalidValue(`argument must be between ${limits} inclusive`);
}

/** A whole number; `adjust` may move an accepted value (hz is capped, not refused). */
export function integerType(range: Range, adjust?: (value: bigint) => bigint): DirectiveType<bigint> {
  return {
    format: "redis-integer",
    takesWords: false,
    yaml: "scalar",
    parse(words) {
      const value = parseStrictInteger(single(words));
      if (value === null) throw new InvalidValue("argument couldn't be parsed into an integer");
      const accepted = inRange(value, range, 10);
      return adjust === undefined ? accepted : adjust(accepted);
    },
    check: (value) => void inRange(value, range, 10),
    text: (value) => `${value}`,
    lines: (value) => oneLine(`${value}`),
  };
}

/** A number in base 8 (file modes). */
export function octalType(range: Range): DirectiveType<bigint> {
  return {
    format: "redis-octal",
    takesWords: false,
    yaml: "scalar",
    parse(words) {
      const value = parseLooseInteger(single(words), 8);
      if (value === null) throw new InvalidValue("argument couldn't be parsed as an octal number");
      return inRange(value, range, 8);
    },
    check: (value) => void inRange(value, range, 8),
    text: (value) => value.toString(8),
    lines: (value) => oneLine(value.toString(8)),
  };
}

/** Bytes, with Redis' units; `adjust` may move an accepted value. */
export function memoryType(range: Range, adjust?: (value: bigint) => bigint): DirectiveType<bigint> {
  return {
    format: "redis-memory",
    takesWords: false,
    yaml: "scalar",
    parse(words) {
      const value = parseMemory(single(words));
      if (value === null) throw new InvalidValue("argument must be a memory value");
      const accepted = inRange(value, range, 10);
      return adjust === undefined ? accepted : adjust(accepted);
    },
    check: (value) => void inRange(value, range, 10),
    text: (value) => `${value}`,
    lines: (value) => oneLine(formatMemory(value)),
  };
}

/** Bytes, or a share of maxmemory as N%, which is held as the negative number -N. */
export function memoryOrPercentType(range: Range): DirectiveType<bigint> {
  function check(value: bigint): bigint {
    if (value >= 0n) return inRange(value, range, 10);
    if (value < range.min) throw new InvalidValue(`percentage argument must be less or equal to ${-range.min}`);
    return value;
  }
  return {
    format: "redis-memory-or-percent",
    takesWords: false,
    yaml: "scalar",
    parse(words) {
      const word = single(words);
      const memory = parseMemory(word);
      if (memory !== null) return check(BigInt.asIntN(64, memory));
      const percent = word.endsWith("%") ? parseStrictInteger(word.slice(0, -1)) : null;
      if (percent === null || percent < 0n) throw new InvalidValue("argument must be a memory or percent value");
      return check(-percent);
    },
    check: (value) => void check(value),
    text: (value) => (value < 0n ? `${-value}%` : `${value}`),
    lines: (value) => oneLine(value < 0n ? `${-value}%` : formatMemory(value)),
  };
}

/** Any text; `refuse` may veto one by returning a reason. */
export function textType(refuse?: (value: string) => string | null): DirectiveType<string> {
  return {
    format: "redis-text",
    takesWords: false,
    yaml: "scalar",
    parse(words) {
      const word = single(words);
      this.check(word);
      return word;
    },
    check(value) {
      if (typeof value !== "string") throw new InvalidValue("argument must be a text");
      const reason = refuse?.(value) ?? null;
      if (reason !== null) throw new InvalidValue(reason);
    },
    text: (value) => value,
    lines: oneLine,
  };
}

/** Redis builds this text in a buffer of 256 bytes. */
function enumError(names: readonly string[]): InvalidValue {
  return new InvalidValue(`argument(s) must be one of the following: ${names.join(", ")}`.slice(0, 255));
}

/** One of some names; `synonyms` maps further accepted names to the one that is held and shown. */
export function enumType(
  names: readonly string[],
  synonyms: Readonly<Record<string, string>> = {},
): DirectiveType<string> {
  return {
    format: "redis-enum",
    takesWords: false,
    yaml: "scalar",
    parse(words) {
      const word = single(words).toLowerCase();
      if (!names.includes(word)) throw enumError(names);
      return synonyms[word] ?? word;
    },
    check(value) {
      if (!names.includes(value)) throw enumError(names);
    },
    text: (value) => value,
    lines: oneLine,
  };
}

/**
 * A set of names given as words. `none` is the name of the empty set. Held and printed in the order of `names`, joined
 * by one space.
 */
export function flagsType(
  none: string,
  names: readonly string[],
  refuse: (flags: readonly string[]) => string | null,
): DirectiveType<string> {
  const all = [none, ...names];
  return {
    format: "redis-flags",
    takesWords: true,
    yaml: "scalar",
    parse(words) {
      const given = words.map((word) => word.toLowerCase());
      if (given.length === 0 || given.some((word) => !all.includes(word))) throw enumError(all);
      const flags = names.filter((name) => given.includes(name));
      const value = flags.length === 0 ? none : flags.join(" ");
      this.check(value);
      return value;
    },
    check(value) {
      const flags = value.split(" ");
      if (flags.some((flag) => !all.includes(flag))) throw enumError(all);
      const reason = refuse(flags);
      if (reason !== null) throw new InvalidValue(reason);
    },
    text: (value) => value,
    lines: (value) => [value.split(" ")],
  };
}
