/** BITCOUNT. */

import { resolveBitRange } from "../../base/bits.ts";
import { SYNTAX_ERROR } from "../../base/errors.ts";
import { KEY, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { countStringBits } from "../../types/bitmap.ts";
import { STRING, stringLength } from "../../types/string.ts";
import { indexArg, isInvertedFromEnd } from "../string/index-arg.ts";
import { bitUnit } from "./bit-unit.ts";

/** Redis looks at the key first: a missing one hides wrong arguments, and an inverted range hides a wrong unit. */
function handleBitcount(ctx: Context): void {
  const { args, reply } = ctx;
  const entry = ctx.lookupRead(1, STRING);
  if (entry === null) {
    reply.integer(0);
    return;
  }
  const { count } = args;
  if (count !== 2 && count !== 4 && count !== 5) throw SYNTAX_ERROR;
  const start = count === 2 ? 0 : indexArg(args, 2);
  const end = count === 2 ? -1 : indexArg(args, 3);
  if (count !== 2 && isInvertedFromEnd(args, 2, start, end)) {
    reply.integer(0);
    return;
  }
  const { first, last } = resolveBitRange(start, end, stringLength(entry), count === 5 ? bitUnit(args, 4) : "byte");
  reply.integer(first > last ? 0 : countStringBits(ctx.keyspace, entry, first, last));
}

export const bitcount: CommandSpec = {
  name: "BITCOUNT",
  group: "bitmap",
  since: "2.6.0",
  summary: "Counts the bits that are set in a string or in a part of it.",
  complexity: "O(N)",
  arity: -2,
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access")],
  history: [["7.0.0", "Added the `BYTE|BIT` option."]],
  args: [
    KEY,
    {
      name: "range",
      type: "block",
      flags: ["optional"],
      args: [
        { name: "start", type: "integer" },
        { name: "end", type: "integer" },
        {
          name: "unit",
          type: "oneof",
          since: "7.0.0",
          flags: ["optional"],
          args: [token("BYTE"), token("BIT")],
        },
      ],
    },
  ],
  handler: handleBitcount,
};
