/**
 * One entry of the directive table, and the builders that keep the tables short. A table entry is the only place where
 * a directive's name, type, default, flags and documentation are written down; the convict schema, CONFIG GET/SET/
 * REWRITE, the warnings and the default file are all derived from it.
 */
import type { DirectiveType, Value } from "./directive-type.ts";
import { INT_MAX } from "./numbers.ts";
import { boolType, enumType, integerType, memoryType, textType } from "./plain-types.ts";

/** What a directive's own part still waits for; named in the warning that its use gives. */
export type Feature =
  | "access control lists"
  | "active replication"
  | "append-only files"
  | "cluster mode"
  | "dumping and restoring of values"
  | "eviction"
  | "modules"
  | "overload protection"
  | "RDB snapshots"
  | "renaming of commands"
  | "replication"
  | "soft shutdown"
  | "storage providers"
  | "TLS"
  | "upload to S3";

export interface DirectiveOptions {
  /** Further names under which Redis or KeyDB knows the same directive. */
  readonly aliases?: readonly string[];
  /** Only a file or the command line can set it. */
  readonly immutable?: boolean;
  /** CONFIG GET shows it only when asked for by its exact name. */
  readonly hidden?: boolean;
  /** CONFIG SET needs enable-protected-configs. */
  readonly protected?: boolean;
  /** The value must not appear in logs (Redis redacts it). */
  readonly sensitive?: boolean;
  /** CONFIG SET is refused while a dataset is being loaded. */
  readonly denyLoading?: boolean;
  /** The feature that will put the directive in force; absent = in force now. */
  readonly comes?: Feature;
  /** Why the directive means nothing in this server, for good. */
  readonly noEffect?: string;
  /** Absent from Redis: what KeyDB or this server adds. */
  readonly origin?: "keydb" | "own";
}

export interface Directive extends DirectiveOptions {
  readonly name: string;
  readonly type: DirectiveType;
  readonly default: Value;
  /** What it does, in one sentence or two. */
  readonly doc: string;
  /** How to write a value, for the default file: a unit, a range, the names. */
  readonly unit: string;
}

/** Directives of one subject, in the order in which the default file lists them. */
export interface DirectiveGroup {
  readonly title: string;
  readonly directives: readonly Directive[];
}

export function directive<T extends Value>(
  name: string,
  type: DirectiveType<T>,
  value: NoInfer<T>,
  unit: string,
  doc: string,
  options: DirectiveOptions = {},
): Directive {
  return { name, type: type as DirectiveType, default: value, unit, doc, ...options };
}

export function bool(name: string, value: boolean, doc: string, options?: DirectiveOptions): Directive {
  return directive(name, boolType(), value, "yes or no", doc, options);
}

export function text(name: string, value: string, doc: string, options?: DirectiveOptions): Directive {
  return directive(name, textType(), value, "text", doc, options);
}

export function oneOf(
  name: string,
  names: readonly string[],
  value: string,
  doc: string,
  options?: DirectiveOptions,
): Directive {
  return directive(name, enumType(names), value, names.join(", "), doc, options);
}

export interface Limits {
  readonly min?: bigint | number;
  readonly max?: bigint | number;
  readonly unsigned?: boolean;
}

function rangeOf(limits: Limits): { min: bigint; max: bigint; unsigned: boolean } {
  return { min: BigInt(limits.min ?? 0), max: BigInt(limits.max ?? INT_MAX), unsigned: limits.unsigned ?? false };
}

/** A number without unit of its own; the range is 0 to 2^31 - 1 unless said otherwise. */
export function integer(
  name: string,
  value: number | bigint,
  limits: Limits,
  doc: string,
  options?: DirectiveOptions,
): Directive {
  const range = rangeOf(limits);
  const unit = range.max === INT_MAX ? `number, from ${range.min}` : `number, ${range.min} to ${range.max}`;
  return directive(name, integerType(range), BigInt(value), unit, doc, options);
}

export function memory(
  name: string,
  value: number,
  limits: Limits,
  doc: string,
  options?: DirectiveOptions,
): Directive {
  return directive(name, memoryType(rangeOf(limits)), BigInt(value), "bytes, or with k kb m mb g gb", doc, options);
}
