/**
 * What a type of directive can do: read words, print the value as CONFIG GET does, write it into a file. One object per
 * type and range; the convict formats (schema.ts) and everything else work through this interface.
 */

import type { OutputBufferLimits, SavePoint } from "@keydb-ts/core";

/** A value as held by convict. Strings are byte strings. */
export type Value =
  | boolean
  | bigint
  | string
  | readonly string[]
  | readonly number[]
  | readonly SavePoint[]
  | OutputBufferLimits;

/** How a value is written in YAML: one scalar, a list of words, a list of lines, or a map keyed by the first word. */
export type YamlShape = "scalar" | "words" | "lines" | "map";

export interface DirectiveType<T extends Value = Value> {
  /** Name of the convict format. */
  readonly format: string;
  /** True when the directive takes any number of words on its line (Redis' multi-arg). */
  readonly takesWords: boolean;
  readonly yaml: YamlShape;
  /**
   * The value that the words mean; `previous` is the value they change, for types that are set in parts.
   * Throws InvalidValue with Redis' reason.
   */
  parse(words: readonly string[], previous: T | undefined): T;
  /** Checks a value of the right JavaScript type; throws InvalidValue. */
  check(value: T): void;
  /** The value as CONFIG GET prints it; parse(words of it) gives the value back. */
  text(value: T): string;
  /** The lines (as words after the directive's name) that set this value in a configuration file. */
  lines(value: T): readonly (readonly string[])[];
}

/** A value that a directive does not take; the message is Redis' reason. */
export class InvalidValue extends Error {}
