/**
 * The configuration in force in one process: implements core's Config port on a ValueStore and keeps every value in
 * the forms that readers want, so that a getter costs one map lookup. Texts that cross the port are byte strings (one
 * char per byte); string() and list() give ordinary strings.
 *
 * Changes come as CONFIG SET gives them (ConfigChange) and travel between processes encoded (EncodedChange), with the
 * merged and resolved result, so that every process comes to the same values.
 */
import type { Config, ConfigSetContext, OutputBufferLimits, SavePoint } from "@keydb-ts/core";
import { fromBytes } from "./byte-text.ts";
import { resolveDirectory } from "./config-loader.ts";
import { rewriteConfigFile } from "./config-rewrite.ts";
import type { Directive, Feature } from "./directive.ts";
import { directiveIndex, directives } from "./directive-table.ts";
import { InvalidValue, type Value } from "./directive-type.ts";
import { joinArgs, splitArgs } from "./split-args.ts";
import { ValueStore } from "./value-store.ts";

export const DEFAULT_PRODUCT = "keydb-ts";

const LOADING = "LOADING Redis is loading the dataset in memory";
const NO_FILE = "ERR The server is running without a config file";
const REMOTE: ConfigSetContext = { isLocalClient: false, isLoading: false };
/** For changes that another process has checked already. */
const TRUSTED: ConfigSetContext = { isLocalClient: true, isLoading: false };

/** Name as typed and text, as in CONFIG SET. */
export type ConfigChange = readonly [name: string, value: string];

/** Name and the words of the value, quoted and joined. */
export type EncodedChange = readonly [name: string, words: string];

/** Hands changes to the process that has the last word; resolves with null when they are in force everywhere. */
export type Distribute = (changes: readonly ConfigChange[]) => Promise<string | null>;

/** Puts a changed value into effect (a listener, a limit); resolves with the reason when it cannot. */
export type ApplyHook = () => string | null | Promise<string | null>;

export interface ServerConfigOptions {
  /** Absolute path of the configuration file; null without one. */
  readonly file: string | null;
  readonly product: string;
  /** Directory in which the process was started; relative includes start from it. */
  readonly cwd: string;
}

/** A value in the forms that readers ask for. */
class Slot {
  readonly number: number;
  readonly boolean: boolean;
  readonly string: string;
  readonly list: readonly string[];
  readonly text: string;
  readonly value: Value;

  constructor(directive: Directive, value: Value) {
    this.value = value;
    this.text = directive.type.text(value);
    this.number = typeof value === "bigint" ? Number(value) : Number.NaN;
    this.boolean = value === true;
    this.string = fromBytes(this.text);
    const words = directive.type.lines(value).flat();
    this.list = words.length === 1 && words[0] === "" ? [] : words.map(fromBytes);
  }
}

function failed(name: string, reason: string): string {
  return `ERR CONFIG SET failed (possibly related to argument '${name}') - ${reason}`;
}

/** A hidden directive may still have an alias that Redis shows (io-threads). */
function isVisible([name, directive]: readonly [string, Directive]): boolean {
  return directive.hidden !== true || name !== directive.name;
}

export class ServerConfig implements Config {
  readonly file: string | null;
  private readonly product: string;
  private readonly cwd: string;
  private readonly store: ValueStore;
  private readonly slots = new Map<string, Slot>();
  private readonly listeners = new Map<string, (() => void)[]>();
  private readonly hooks = new Map<string, ApplyHook[]>();
  private readonly visibleNames: readonly string[];
  private distribute: Distribute | null = null;
  private changeCount = 0;

  constructor(store: ValueStore, { file, product, cwd }: ServerConfigOptions) {
    this.store = store;
    this.file = file;
    this.product = product;
    this.cwd = cwd;
    this.visibleNames = [...directiveIndex].filter(isVisible).map(([name]) => name);
    for (const directive of directives) this.refresh(directive);
  }

  get epoch(): number {
    return this.changeCount;
  }

  names(): readonly string[] {
    return this.visibleNames;
  }

  getText(name: string): string | undefined {
    return this.slots.get(name.toLowerCase())?.text;
  }

  number(name: string): number {
    return this.slot(name).number;
  }

  boolean(name: string): boolean {
    return this.slot(name).boolean;
  }

  string(name: string): string {
    return this.slot(name).string;
  }

  list(name: string): readonly string[] {
    return this.slot(name).list;
  }

  outputBufferLimits(): OutputBufferLimits {
    return this.slot("client-output-buffer-limit").value as OutputBufferLimits;
  }

  savePoints(): readonly SavePoint[] {
    return this.slot("save").value as readonly SavePoint[];
  }

  percentiles(): readonly number[] {
    return this.slot("latency-tracking-info-percentiles").value as readonly number[];
  }

  isSensitive(name: string): boolean {
    return directiveIndex.get(name.toLowerCase())?.sensitive ?? false;
  }

  /** The feature that a directive still waits for; undefined when it is in force or means nothing here. */
  pendingFeature(name: string): Feature | undefined {
    return directiveIndex.get(name.toLowerCase())?.comes;
  }

  onChange(name: string, listener: () => void): void {
    const { name: key } = this.directive(name);
    this.listeners.set(key, [...(this.listeners.get(key) ?? []), listener]);
  }

  /** Calls `hook` while a change of `name` is being applied; its reason undoes the whole change. */
  onApply(name: string, hook: ApplyHook): void {
    const { name: key } = this.directive(name);
    this.hooks.set(key, [...(this.hooks.get(key) ?? []), hook]);
  }

  /** Sets the way to the process that has the last word; without one this process has it. */
  useDistribution(distribute: Distribute): void {
    this.distribute = distribute;
  }

  check(changes: readonly ConfigChange[], context: ConfigSetContext = REMOTE): string | null {
    const result = this.resolve(changes, context);
    return typeof result === "string" ? result : null;
  }

  async set(changes: readonly ConfigChange[], context: ConfigSetContext = REMOTE): Promise<string | null> {
    const result = this.resolve(changes, context);
    if (typeof result === "string") return result;
    return this.distribute === null ? this.apply(result) : this.distribute(changes);
  }

  /** Resolves changes that a process has checked into what apply() takes; an error text when they do not fit any more. */
  encode(changes: readonly ConfigChange[]): readonly EncodedChange[] | string {
    return this.resolve(changes, TRUSTED);
  }

  /** The present values of the directives named, as apply() takes them. */
  encodedValues(names: readonly string[]): readonly EncodedChange[] {
    return names.map((name) => [name, joinArgs(this.store.words(this.directive(name)))]);
  }

  /**
   * Puts resolved changes in force in this process, all or none. Resolves with null, or with the error text of the
   * first hook that refused, when the old values are back in force.
   */
  async apply(changes: readonly EncodedChange[]): Promise<string | null> {
    const names = changes.map(([name]) => name);
    const before = this.encodedValues(names);
    const changed = this.take(changes);
    for (const [at, name] of changed.entries()) {
      const reason = await this.runHooks(name);
      if (reason !== null) {
        this.take(before);
        for (const applied of changed.slice(0, at + 1)) await this.runHooks(applied);
        return failed(name, reason);
      }
    }
    for (const name of changed) {
      for (const listener of this.listeners.get(this.directive(name).name) ?? []) listener();
    }
    return null;
  }

  /** Rewrites the file; with `forceAll` every directive is written, even those at their default. */
  async rewrite(forceAll = false): Promise<string | null> {
    if (this.file === null) return NO_FILE;
    return rewriteConfigFile(this.store, { file: this.file, product: this.product, cwd: this.cwd, forceAll });
  }

  /** Everything another process needs to have the same configuration. */
  serialize(): string {
    const defaults = new ValueStore();
    const values = directives
      .map((directive) => [directive.name, joinArgs(this.store.words(directive))] as const)
      .filter(([name, words]) => words !== joinArgs(defaults.words(this.directive(name))));
    return JSON.stringify({ file: this.file, product: this.product, cwd: this.cwd, values });
  }

  static fromSerialized(serialized: string): ServerConfig {
    const { values, ...options } = JSON.parse(serialized) as ServerConfigOptions & { values: readonly EncodedChange[] };
    const config = new ServerConfig(new ValueStore(), options);
    config.take(values);
    config.changeCount = 0;
    config.store.validate();
    return config;
  }

  private directive(name: string): Directive {
    const directive = directiveIndex.get(name);
    if (directive === undefined) throw new Error(`no directive ${name}`);
    return directive;
  }

  private slot(name: string): Slot {
    const slot = this.slots.get(name);
    if (slot === undefined) throw new Error(`no directive ${name}`);
    return slot;
  }

  private refresh(directive: Directive): void {
    const slot = new Slot(directive, this.store.get(directive));
    for (const name of [directive.name, ...(directive.aliases ?? [])]) this.slots.set(name, slot);
  }

  private async runHooks(name: string): Promise<string | null> {
    for (const hook of this.hooks.get(this.directive(name).name) ?? []) {
      const reason = await hook();
      if (reason !== null) return reason;
    }
    return null;
  }

  /** Takes encoded values; returns the names whose value is another one now. */
  private take(changes: readonly EncodedChange[]): readonly string[] {
    const changed = changes.filter(([name, words]) => {
      const directive = this.directive(name);
      const before = joinArgs(this.store.words(directive));
      this.store.setWords(directive, splitArgs(words) ?? []);
      this.refresh(directive);
      return joinArgs(this.store.words(directive)) !== before;
    });
    if (changed.length > 0) this.changeCount++;
    return changed.map(([name]) => name);
  }

  /** The encoded result of the changes, or the error text of CONFIG SET. Nothing is in force afterwards. */
  private resolve(changes: readonly ConfigChange[], context: ConfigSetContext): readonly EncodedChange[] | string {
    const refusal = this.refuse(changes, context);
    if (refusal !== null) return refusal;
    const backups: [Directive, Value][] = [];
    try {
      for (const [typedName, text] of changes) {
        const name = typedName.toLowerCase();
        const directive = this.directive(name);
        backups.push([directive, this.store.get(directive)]);
        try {
          this.store.setWords(directive, this.wordsOf(directive, text));
        } catch (error) {
          if (error instanceof InvalidValue) return failed(name, error.message);
          throw error;
        }
      }
      return this.encodedValues(changes.map(([name]) => name.toLowerCase()));
    } finally {
      for (const [directive, value] of backups.reverse()) this.store.restore(directive, value);
    }
  }

  /** CONFIG SET splits at each single blank and knows no quotes. */
  private wordsOf(directive: Directive, text: string): readonly string[] {
    if (directive.name === "dir") return [resolveDirectory(this.string("dir"), text)];
    if (!directive.type.takesWords) return [text];
    return text === "" ? [] : text.split(" ");
  }

  /** What forbids the changes whatever their values are; the first reason counts. */
  private refuse(changes: readonly ConfigChange[], context: ConfigSetContext): string | null {
    const action = this.string("enable-protected-configs");
    const allowsProtected = action === "yes" || (action === "local" && context.isLocalClient);
    const seen = new Set<string>();
    for (const [typedName] of changes) {
      const name = typedName.toLowerCase();
      const directive = directiveIndex.get(name);
      if (directive === undefined) {
        return `ERR Unknown option or number of arguments for CONFIG SET - '${typedName}'`;
      }
      if (directive.immutable === true) return failed(typedName, "can't set immutable config");
      if (directive.protected === true && !allowsProtected && context !== TRUSTED) {
        return failed(typedName, "can't set protected config");
      }
      if (directive.denyLoading === true && context.isLoading) return LOADING;
      if (seen.has(name)) return failed(typedName, "duplicate parameter");
      seen.add(name);
    }
    return null;
  }
}
