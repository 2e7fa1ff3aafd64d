/**
 * Applies lines of configuration, from whatever source, to a value store in order, following includes. Relative paths
 * (include, dir) are relative to the directory in force at that line, as if the process had changed into it.
 */
import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { fromBytes, toBytes } from "./byte-text.ts";
import { type Entry, readConf } from "./conf-syntax.ts";
import { badLine, ConfigError, systemErrorText } from "./config-error.ts";
import type { Directive } from "./directive.ts";
import { directiveIndex, fileDirectives } from "./directive-table.ts";
import { InvalidValue } from "./directive-type.ts";
import { globFiles, isPattern } from "./file-glob.ts";
import { splitArgs } from "./split-args.ts";
import type { ValueStore } from "./value-store.ts";
import { looksLikeYaml, readYaml } from "./yaml-syntax.ts";

/** Deep enough for any honest layout; a file that includes itself ends here. */
const MAX_INCLUDE_DEPTH = 16;

/** Resolves a new value of `dir` against the present one; throws InvalidValue with strerror's text as chdir would. */
export function resolveDirectory(base: string, given: string): string {
  // An empty path is no directory for chdir either.
  const path = given === "" ? "" : resolve(base, fromBytes(given));
  try {
    if (!statSync(path).isDirectory()) throw new InvalidValue("Not a directory");
    accessSync(path, constants.X_OK);
  } catch (error) {
    throw error instanceof InvalidValue ? error : new InvalidValue(systemErrorText(error));
  }
  return toBytes(path);
}

export class ConfigLoader {
  /** The directory in force at the present line. */
  private directory: string;
  private readonly store: ValueStore;
  private readonly product: string;
  private saveSeen = false;
  /** True when the last `dir` was written relative to the directory the process was started in. */
  directoryIsRelative = false;
  private readonly warned = new Set<string>();
  /** One text per directive that is accepted without being in force. */
  readonly warnings: string[] = [];

  constructor(store: ValueStore, product: string, cwd: string) {
    this.store = store;
    this.product = product;
    this.directory = cwd;
  }

  /** Reads a file (YAML by its name or content, else redis.conf syntax); `path` is an ordinary string. */
  loadFile(path: string, depth = 0): void {
    let content: string;
    try {
      content = readFileSync(path, "latin1");
    } catch (error) {
      throw new ConfigError(`Fatal error, can't open config file '${path}': ${systemErrorText(error)}`);
    }
    this.loadContent(content, path, depth);
  }

  /** Reads what a file holds or was given otherwise (a byte string); `source` is its path, or names it in errors. */
  loadContent(content: string, source: string, depth = 0): void {
    const isYaml = /\.ya?ml$/i.test(source) || looksLikeYaml(content);
    this.apply((isYaml ? readYaml : readConf)(content, source, this.product), depth);
  }

  /** Reads the lines that the command line stands for. */
  loadOptions(options: string): void {
    this.apply(readConf(options, "the command line", this.product), 0);
  }

  private apply(entries: readonly Entry[], depth: number): void {
    for (const entry of entries) {
      try {
        this.applyEntry(entry, depth);
      } catch (error) {
        if (error instanceof InvalidValue) throw badLine(this.product, entry.origin, error.message);
        throw error;
      }
    }
  }

  private applyEntry(entry: Entry, depth: number): void {
    const directive = directiveIndex.get(entry.name);
    if (directive === undefined) {
      this.applyFileDirective(entry, depth);
      return;
    }
    const words = lineWords(directive, entry.words);
    if (directive.name === "save") this.addSavePoints(directive, words);
    else if (directive.name === "dir") this.changeDirectory(directive, words[0] ?? "");
    else this.store.setWords(directive, words);
    this.warnIfIdle(entry.name, directive);
  }

  /** The first `save` replaces the defaults, later ones add to it, an empty one begins anew. */
  private addSavePoints(directive: Directive, words: readonly string[]): void {
    const isReset = words.length === 1 && words[0] === "";
    const earlier = this.saveSeen && !isReset ? this.store.words(directive) : [];
    this.saveSeen = true;
    this.store.setWords(directive, earlier.length === 0 || earlier[0] === "" ? words : [...earlier, ...words]);
  }

  private changeDirectory(directive: Directive, given: string): void {
    this.directoryIsRelative = !given.startsWith("/");
    const path = resolveDirectory(this.directory, given);
    this.directory = fromBytes(path);
    this.store.setWords(directive, [path]);
  }

  private applyFileDirective(entry: Entry, depth: number): void {
    const { name, words } = entry;
    const known = fileDirectives.get(name);
    if (known !== undefined && words.length >= known.minWords && words.length <= known.maxWords) {
      if (name === "include") this.include(words[0] ?? "", depth);
      else this.warnIfIdle(name, known);
    } else if (known === undefined && name.includes(".")) {
      if (words.length === 0) throw new InvalidValue("Module config specified without value");
      this.warnIfIdle(name, { comes: "modules" });
    } else if (name === "sentinel") {
      throw new InvalidValue("sentinel directive while not in sentinel mode");
    } else {
      throw new InvalidValue("Bad directive or wrong number of arguments");
    }
  }

  private include(given: string, depth: number): void {
    if (depth >= MAX_INCLUDE_DEPTH) throw new InvalidValue("Configuration files include one another without end");
    const path = resolve(this.directory, fromBytes(given));
    for (const file of isPattern(given) ? globFiles(path) : [path]) this.loadFile(file, depth + 1);
  }

  private warnIfIdle(name: string, { comes, noEffect }: Pick<Directive, "comes" | "noEffect">): void {
    const reason = comes !== undefined ? `not in force yet: ${comes} still to come` : noEffect;
    if (reason === undefined || this.warned.has(name)) return;
    this.warned.add(name);
    const effect = comes !== undefined ? reason : `has no effect: ${reason}`;
    this.warnings.push(`Directive '${name}' is accepted but ${effect}`);
  }

  /** The directory in force after the last line. */
  get currentDirectory(): string {
    return this.directory;
  }
}

/** The words for a directive's type: counted, and taken apart where one quoted word stands for several. */
export function lineWords(directive: Directive, words: readonly string[]): readonly string[] {
  if (!directive.type.takesWords) {
    if (words.length !== 1) throw new InvalidValue("wrong number of arguments");
    return words;
  }
  const [only] = words;
  if (words.length !== 1 || only === undefined || only === "") return words;
  const inner = splitArgs(only);
  if (inner === null) throw new InvalidValue("Unbalanced quotes in configuration line");
  return inner;
}
