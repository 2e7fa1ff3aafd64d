/** Reads the redis.conf syntax: one directive per line, words quoted as splitArgs says, comments on lines of their own. */
import { badLine, type Origin } from "./config-error.ts";
import { splitArgs } from "./split-args.ts";

/** One directive as written somewhere. */
export interface Entry {
  /** Lower case; may be an alias or unknown. */
  readonly name: string;
  readonly words: readonly string[];
  readonly origin: Origin;
}

/** Throws ConfigError for unbalanced quotes. */
export function readConf(text: string, source: string, product: string): Entry[] {
  const entries: Entry[] = [];
  const lines = text.split("\n");
  for (let index = 0; index < lines.length; index++) {
    const line = trimLine(lines[index] ?? "");
    if (line === "" || line.startsWith("#")) continue;
    const origin = { source, line: index + 1, text: line };
    const words = splitArgs(line);
    if (words === null) throw badLine(product, origin, "Unbalanced quotes in configuration line");
    const [name, ...rest] = words;
    if (name !== undefined) entries.push({ name: name.toLowerCase(), words: rest, origin });
  }
  return entries;
}

export function trimLine(line: string): string {
  return line.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
}
