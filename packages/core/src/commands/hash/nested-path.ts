/** Paths of nested hashes: names with dots between them, the first one the key's. */
import { SYNTAX_ERROR } from "../../base/errors.ts";
import type { Context } from "../../command/context.ts";
import { PATH_MAX } from "../../types/nested-hash.ts";

const DOT = 0x2e;

export interface NestedPath {
  /** The key ends here in the arguments' buffer; it starts with the argument. */
  readonly keyEnd: number;
  /** The names below it, latin1. */
  readonly names: readonly string[];
}

/** The path in argument `i`. An empty name, or too many, is a syntax error. */
export function readNestedPath({ args }: Context, i: number): NestedPath {
  const text = args.latin1(i);
  const [key = "", ...names] = text.split(".", PATH_MAX + 1);
  if (key === "" || names.includes("") || names.length >= PATH_MAX) throw SYNTAX_ERROR;
  const dot = args.buffer.subarray(args.start(i), args.end(i)).indexOf(DOT);
  return { keyEnd: dot < 0 ? args.end(i) : args.start(i) + dot, names };
}
