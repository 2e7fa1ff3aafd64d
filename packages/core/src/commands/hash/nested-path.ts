/** Paths of nested hashes: names with dots between them, the first one the key's. */
import { SYNTAX_ERROR } from "../../base/errors.ts";
import type { KeyFlag, KeyReference } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import type { Args } from "../../resp/args.ts";
import { PATH_MAX } from "../../types/nested-hash.ts";

const DOT = 0x2e;
/** Of the key specs. */
export const PATH_NOTES = "The key is the path up to its first dot; of KEYDB.NHGET the path is the last argument";

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
  return { keyEnd: args.start(i) + keyLength(args, i), names };
}

/** The key of the path in argument `i`, for COMMAND GETKEYS and client-side caching. */
export function pathKey(args: Args, i: number, flags: readonly KeyFlag[]): readonly KeyReference[] {
  return [{ index: i, length: keyLength(args, i), flags }];
}

function keyLength(args: Args, i: number): number {
  const dot = args.bytes(i).indexOf(DOT);
  return dot < 0 ? args.length(i) : dot;
}
