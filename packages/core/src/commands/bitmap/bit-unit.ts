/** The word that says whether a range counts in bytes or in bits. */
import { SYNTAX_ERROR } from "../../base/errors.ts";
import type { Args } from "../../resp/args.ts";

export function bitUnit(args: Args, i: number): "byte" | "bit" {
  if (args.is(i, "bit")) return "bit";
  if (args.is(i, "byte")) return "byte";
  throw SYNTAX_ERROR;
}
