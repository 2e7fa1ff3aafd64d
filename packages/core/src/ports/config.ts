/**
 * The configuration as commands see it; implemented by `config/`. Values are held in their canonical form and printed
 * as Redis prints them (CONFIG GET).
 */
export interface Config {
  /** Names of all directives that CONFIG GET may show (aliases included), lower case. */
  names(): readonly string[];
  /** Text of a directive as CONFIG GET shows it; undefined when unknown. */
  getText(name: string): string | undefined;
  /** Typed value of a known directive: numbers (bytes, ms, counts), booleans, strings or string lists. */
  number(name: string): number;
  boolean(name: string): boolean;
  string(name: string): string;
  /**
   * Checks a set of changes as CONFIG SET does. Returns null when all can be applied, else Redis' error text
   * (without the leading '-').
   */
  check(changes: ReadonlyArray<readonly [name: string, value: string]>): string | null;
  /** Checks, then applies the changes in every process; resolves with null when in force everywhere, else the error text. */
  set(changes: ReadonlyArray<readonly [name: string, value: string]>): Promise<string | null>;
  /** Rewrites the configuration file, keeping comments and order; resolves with null or Redis' error text. */
  rewrite(): Promise<string | null>;
  /** Calls back after a directive's value changed in this process. */
  onChange(name: string, listener: () => void): void;
  /** Grows with every applied change; for caches of typed values. */
  readonly epoch: number;
}
