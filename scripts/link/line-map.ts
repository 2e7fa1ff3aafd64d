/**
 * The source map of a linked file: from its lines to those of the TypeScript sources. Lines are enough for stack traces.
 * The compiler's own maps (file.js.map) tell which source line a compiled line comes from.
 */
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

export class LineMap {
  private readonly folder: string;
  private readonly sources: string[] = [];
  private mappings = "";
  private lines = 0;
  private lastSource = 0;
  private lastLine = 0;

  /** `folder`: of the linked file. */
  constructor(folder: string) {
    this.folder = folder;
  }

  /** The lines of the compiled file `path` begin at line `at` (from 0) of the linked file. Call in order of `at`. */
  place(path: string, at: number): void {
    const map = JSON.parse(readFileSync(`${path}.map`, "utf8")) as { sources: string[]; mappings: string };
    const index = this.sources.length;
    this.sources.push(relative(this.folder, join(dirname(path), map.sources[0] ?? "")));
    this.mappings += ";".repeat(at - this.lines);
    const lines = sourceLines(map.mappings);
    for (const [i, line] of lines.entries()) {
      if (i > 0) this.mappings += ";";
      if (line < 0) continue;
      this.mappings += `A${vlq(index - this.lastSource)}${vlq(line - this.lastLine)}A`;
      this.lastSource = index;
      this.lastLine = line;
    }
    this.lines = at + lines.length - 1;
  }

  json(): string {
    return JSON.stringify({ version: 3, sources: this.sources, names: [], mappings: this.mappings });
  }
}

/** Source line of each compiled line, by its first segment; -1 without one. */
function sourceLines(mappings: string): number[] {
  let line = 0;
  return mappings.split(";").map((text) => {
    let first = -1;
    for (const segment of text.split(",")) {
      if (segment === "") continue;
      line += unVlq(segment)[2] ?? 0;
      if (first < 0) first = line;
    }
    return first;
  });
}

function vlq(n: number): string {
  let rest = n < 0 ? (-n << 1) | 1 : n << 1;
  let text = "";
  do {
    const digit = rest & 31;
    rest >>>= 5;
    text += DIGITS[rest > 0 ? digit | 32 : digit];
  } while (rest > 0);
  return text;
}

function unVlq(segment: string): number[] {
  const numbers: number[] = [];
  let n = 0;
  let shift = 0;
  for (const char of segment) {
    const digit = DIGITS.indexOf(char);
    n |= (digit & 31) << shift;
    shift += 5;
    if ((digit & 32) !== 0) continue;
    numbers.push((n & 1) === 1 ? -(n >>> 1) : n >>> 1);
    n = 0;
    shift = 0;
  }
  return numbers;
}
