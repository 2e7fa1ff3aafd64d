/**
 * The configuration as commands see it; implemented by `config/`. Values are held in their canonical form and printed
 * as Redis prints them (CONFIG GET). Texts of getText(), check() and set() are byte strings (one char per byte,
 * "latin1"), as they come from and go to clients; string() and list() give ordinary strings.
 */

/** Who asks for a change and when. */
export interface ConfigSetContext {
  /** Connected through the loopback interface or the unix socket. */
  readonly isLocalClient: boolean;
  /** A dataset is being loaded. */
  readonly isLoading: boolean;
}

/** Limits of one client class: bytes (0 = none) and for how many seconds the soft one may be exceeded. */
export interface OutputBufferLimit {
  readonly hardBytes: number;
  readonly softBytes: number;
  readonly softSeconds: number;
}

export interface OutputBufferLimits {
  readonly normal: OutputBufferLimit;
  readonly replica: OutputBufferLimit;
  readonly pubsub: OutputBufferLimit;
}

export interface SavePoint {
  readonly seconds: number;
  readonly changes: number;
}

export interface Config {
  /** Names of all directives that CONFIG GET may show (aliases included), lower case. */
  names(): readonly string[];
  /**
   * Text of a directive as CONFIG GET shows it; undefined when unknown. The name may be in any case and may be one that
   * names() leaves out (hidden directives show only when asked for by name).
   */
  getText(name: string): string | undefined;
  /**
   * Typed value of a known directive (lower case): numbers (bytes, ms, counts; a percentage as its negative), booleans,
   * strings (the text of CONFIG GET), lists of words (bind). Cheap: one map lookup.
   */
  number(name: string): number;
  boolean(name: string): boolean;
  string(name: string): string;
  list(name: string): readonly string[];
  outputBufferLimits(): OutputBufferLimits;
  savePoints(): readonly SavePoint[];
  /** latency-tracking-info-percentiles. */
  percentiles(): readonly number[];
  /** True for passwords: their values in CONFIG SET are to be redacted wherever commands are shown. */
  isSensitive(name: string): boolean;
  /**
   * Checks a set of changes as CONFIG SET does. Returns null when all can be applied, else Redis' error text
   * (with its code, without the leading '-'). Without context the client counts as remote.
   */
  check(changes: ReadonlyArray<readonly [name: string, value: string]>, context?: ConfigSetContext): string | null;
  /** Checks, then applies the changes in every process; resolves with null when in force everywhere, else the error text. */
  set(
    changes: ReadonlyArray<readonly [name: string, value: string]>,
    context?: ConfigSetContext,
  ): Promise<string | null>;
  /**
   * Rewrites the configuration file, keeping comments and order; resolves with null or Redis' error text. With
   * `forceAll` every directive is written (DEBUG CONFIG-REWRITE-FORCE-ALL).
   */
  rewrite(forceAll?: boolean): Promise<string | null>;
  /** Calls back after a directive's value changed in this process. */
  onChange(name: string, listener: () => void): void;
  /** Grows with every applied change; for caches of typed values. */
  readonly epoch: number;
}
