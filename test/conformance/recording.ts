/**
 * What the reference answered, kept in recorded/GROUP.txt, so that every machine can compare with Redis 7.2 without
 * having it. One line per step: the command, a tab, the canonical reply; scenarios are headed by their title. Replaces
 * nothing: `npm run conformance -- --record` writes the files anew from a live reference.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const dir = join(import.meta.dirname, "recorded");

export class Recording {
  readonly #group: string;
  #lines: string[] = [];
  #next = 0;

  constructor(group: string) {
    this.#group = group;
  }

  static load(group: string): Recording {
    const recording = new Recording(group);
    const path = recording.#path;
    if (existsSync(path)) recording.#lines = readFileSync(path, "latin1").split("\n").filter(Boolean);
    return recording;
  }

  get #path(): string {
    return join(dir, `${this.#group}.txt`);
  }

  /** Marks where a scenario begins; replaying seeks to the mark, so skipped scenarios do not matter. */
  begin(heading: string): void {
    this.#lines.push(`--- ${heading}`);
  }

  add(command: string, reply: string): void {
    this.#lines.push(`${command}\t${reply}`);
  }

  /** Goes to a scenario; false when it was never recorded. */
  seek(heading: string): boolean {
    this.#next = this.#lines.indexOf(`--- ${heading}`) + 1;
    return this.#next > 0;
  }

  /** The recorded reply of the next step, or null when the recording does not fit the command. */
  next(command: string): string | null {
    const line = this.#lines[this.#next++] ?? "";
    const tab = line.indexOf("\t");
    return line.slice(0, tab) === command ? line.slice(tab + 1) : null;
  }

  save(): void {
    mkdirSync(dir, { recursive: true });
    writeFileSync(this.#path, `${this.#lines.join("\n")}\n`, "latin1");
  }
}
