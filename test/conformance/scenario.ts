/**
 * The scenario language of the conformance suite: text files of commands that are run on a server and on a reference.
 *
 *   --- title              a new scenario: fresh connections, all data flushed (text before the first one is free)
 *   @protocol 2|3|both     for this scenario (default both: it is run twice)
 *   @needs NAME ...        skip the scenario when the server does not have these commands
 *   @client NAME           the following lines go through this connection (opened on first use; the first is "main")
 *   @raw TEXT ...          sends the bytes as they are and collects the answer until silence or close
 *   @close                 drops the present connection
 *   @sleep MS              waits (for expiry)
 *   @for X in A B C ... @end    repeats the lines with $X replaced; loops nest; 'SET k v' in single quotes is pasted as
 *                          several words
 *   COMMAND ARG ...        one command
 *   ~MASK COMMAND ...      a command whose reply is compared through a mask (masks.ts)
 *
 * Words are split at blanks. "..." knows \n \r \t \\ \" \xHH; '...' is literal. {a,b c,} stands for one of several
 * alternatives of zero or more words: a line is run once for each combination. %repeat(TEXT,COUNT) repeats.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Step {
  readonly kind: "command" | "raw" | "close" | "sleep";
  readonly client: string;
  /** Words of the command, latin1; for raw the bytes, for sleep the milliseconds. */
  readonly words: readonly string[];
  readonly mask: string;
  readonly line: number;
}

export interface Scenario {
  readonly group: string;
  readonly title: string;
  readonly protocols: readonly number[];
  readonly needs: readonly string[];
  readonly steps: readonly Step[];
}

interface Line {
  readonly text: string;
  readonly number: number;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", a: "\x07", b: "\b" };

export function loadScenarios(only: readonly string[] = []): Scenario[] {
  const dir = join(import.meta.dirname, "scenarios");
  return readdirSync(dir)
    .filter((name) => name.endsWith(".txt"))
    .map((name) => name.slice(0, -".txt".length))
    .filter((group) => only.length === 0 || only.includes(group))
    .sort()
    .flatMap((group) => parseScenarios(group, readFileSync(join(dir, `${group}.txt`), "utf8")));
}

export function parseScenarios(group: string, text: string): Scenario[] {
  const lines = text.split("\n").map((line, index) => ({ text: line.trim(), number: index + 1 }));
  const starts = lines.filter((line) => line.text.startsWith("---"));
  return starts.map((start, index) => {
    const end = starts[index + 1]?.number ?? lines.length + 1;
    const body = lines
      .slice(start.number, end - 1)
      .filter((line) => line.text !== "" && !line.text.startsWith("# ") && line.text !== "#");
    return parseScenario(group, start.text.replace(/^-+\s*/, ""), body);
  });
}

function parseScenario(group: string, title: string, lines: readonly Line[]): Scenario {
  let protocols: readonly number[] = [2, 3];
  let needs: string[] = [];
  let client = "main";
  const steps: Step[] = [];
  for (const line of unroll(lines, new Map())) {
    const [first = "", ...rest] = line.text.split(/\s+/);
    const step = { client, mask: "", line: line.number };
    if (first === "@protocol") protocols = rest[0] === "both" ? [2, 3] : [Number(rest[0])];
    else if (first === "@needs") needs = [...needs, ...rest];
    else if (first === "@client") client = rest[0] ?? "main";
    else if (first === "@close") steps.push({ ...step, kind: "close", words: [] });
    else if (first === "@sleep") steps.push({ ...step, kind: "sleep", words: rest });
    else if (first === "@raw") {
      for (const words of combinations(line.text.slice("@raw".length))) {
        steps.push({ ...step, kind: "raw", words: [words.join("")] });
      }
    } else if (first.startsWith("@")) throw new Error(`${group}.txt:${line.number}: unknown directive ${first}`);
    else {
      const mask = first.startsWith("~") ? first.slice(1) : "";
      const command = mask === "" ? line.text : line.text.slice(first.length);
      for (const words of combinations(command)) steps.push({ ...step, kind: "command", mask, words });
    }
  }
  return { group, title, protocols, needs, steps };
}

/** Unrolls the @for loops and replaces the loop variables. */
function unroll(lines: readonly Line[], variables: ReadonlyMap<string, string>): Line[] {
  const out: Line[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i];
    if (line === undefined) break;
    if (!line.text.startsWith("@for ")) {
      out.push({ text: substitute(line.text, variables), number: line.number });
      continue;
    }
    const [, name = "", values = ""] = /^@for (\w+) in (.*)$/.exec(line.text) ?? [];
    const end = endOfLoop(lines, i);
    for (const value of splitQuoted(values)) {
      const text = /^'.*'$/.test(value) ? value.slice(1, -1) : value;
      out.push(...unroll(lines.slice(i + 1, end), new Map([...variables, [name, text]])));
    }
    i = end;
  }
  return out;
}

function endOfLoop(lines: readonly Line[], start: number): number {
  let depth = 0;
  for (let i = start; i < lines.length; i++) {
    if (lines[i]?.text.startsWith("@for ")) depth++;
    if (lines[i]?.text === "@end" && --depth === 0) return i;
  }
  throw new Error(`line ${lines[start]?.number}: @for without @end`);
}

function substitute(text: string, variables: ReadonlyMap<string, string>): string {
  let result = text;
  for (const [name, value] of variables) result = result.replaceAll(`$${name}`, value);
  return result;
}

/** Splits at blanks outside quotes, keeping the quotes (the words are parsed again where they are used). */
function splitQuoted(text: string): string[] {
  return text.match(/(?:"(?:\\.|[^"])*"|'[^']*'|\S)+/g) ?? [];
}

/** All commands that a line with alternatives stands for. */
function combinations(text: string): string[][] {
  let results: string[][] = [[]];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text.charAt(at))) {
      at++;
      continue;
    }
    let choices: string[][];
    if (text.charAt(at) === "{") {
      const end = text.indexOf("}", at);
      choices = text
        .slice(at + 1, end)
        .split(",")
        .map((choice) => splitQuoted(choice).map(parseWord));
      at = end + 1;
    } else {
      const word = splitQuoted(text.slice(at))[0] ?? "";
      choices = [[parseWord(word)]];
      at += word.length;
    }
    results = results.flatMap((head) => choices.map((choice) => [...head, ...choice]));
  }
  return results;
}

function parseWord(word: string): string {
  const repeated = /^%repeat\((.*),(\d+)\)$/.exec(word);
  if (repeated !== null) return parseWord(repeated[1] ?? "").repeat(Number(repeated[2]));
  return word.replace(/"((?:\\.|[^"])*)"|'([^']*)'/g, (_, quoted?: string, literal?: string) =>
    quoted === undefined ? (literal ?? "") : unescapeText(quoted),
  );
}

function unescapeText(text: string): string {
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|(.))/g, (_, hex?: string, char = "") =>
    hex === undefined ? (ESCAPES[char] ?? char) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** The command as it can be typed again; long words are cut. */
export function showWords(words: readonly string[]): string {
  return words
    .map((word) => {
      const short = word.length > 60 ? `${word.slice(0, 40)}...(${word.length} bytes)` : word;
      if (/^[\x21-\x7e]+$/.test(short) && !/["'{}\\]/.test(short)) return short;
      return `"${showBytes(short)}"`;
    })
    .join(" ");
}

export function showBytes(text: string): string {
  const named: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\", '"': '\\"' };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is made visible here
  return text.replace(/[\x00-\x1f\x7f-\xff"\\]/g, (char) => {
    return named[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}
