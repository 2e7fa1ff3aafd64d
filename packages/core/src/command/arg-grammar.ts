/** The commonest parts of command grammars (`args` of a CommandSpec), so that each is written in one way. */
import type { ArgSpec } from "./command-spec.ts";

/** The one key of a command, found by its first key spec. */
export const KEY: ArgSpec = { name: "key", type: "key", keySpecIndex: 0 };
/** One key or more, found by the first key spec. */
export const KEYS: ArgSpec = { ...KEY, flags: ["multiple"] };

/** A word that stands for itself; its name in COMMAND DOCS is the word in lower case. */
export function token(word: string): ArgSpec {
  return { name: word.toLowerCase(), type: "pure-token", token: word };
}

/** Exactly one of `args`. */
export function oneOf(name: string, args: readonly ArgSpec[]): ArgSpec {
  return { name, type: "oneof", args };
}

export function optional(arg: ArgSpec): ArgSpec {
  return { ...arg, flags: ["optional", ...(arg.flags ?? [])] };
}

/** `[LIMIT offset count]`. */
export const LIMIT: ArgSpec = {
  name: "limit",
  type: "block",
  token: "LIMIT",
  flags: ["optional"],
  args: [
    { name: "offset", type: "integer" },
    { name: "count", type: "integer" },
  ],
};
