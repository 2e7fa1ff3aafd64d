/** BITPOS. */

import { resolveBitRange } from "../../base/bits.ts";
import { BIT_ARGUMENT_INVALID, SYNTAX_ERROR } from "../../base/errors.ts";
import { KEY, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { findStringBit } from "../../types/bitmap.ts";
import { STRING, stringLength } from "../../types/string.ts";
import { indexArg } from "../string/index-arg.ts";
import { bitUnit } from "./bit-unit.ts";

function handleBitpos(ctx: Context): void {
  const { args, reply } = ctx;
  const { count } = args;
  const bit = indexArg(args, 2);
  if (bit !== 0 && bit !== 1) throw BIT_ARGUMENT_INVALID;
  const entry = ctx.lookupRead(1, STRING);
  if (entry === null) {
    // A missing key is an endless row of clear bits, whatever the range.
    reply.integer(bit === 1 ? -1 : 0);
    return;
  }
  if (count > 6) throw SYNTAX_ERROR;
  const start = count > 3 ? indexArg(args, 3) : 0;
  const unit = count > 5 ? bitUnit(args, 5) : "byte";
  const end = count > 4 ? indexArg(args, 4) : -1;
  const { first, last } = resolveBitRange(start, end, stringLength(entry), unit);
  const found = first > last ? -1 : findStringBit(ctx.keyspace, entry, first, last, bit);
  // Without an end the string counts as followed by clear bits.
  reply.integer(found < 0 && first <= last && bit === 0 && count < 5 ? last + 1 : found);
}

export const bitpos: CommandSpec = {
  name: "BITPOS",
  group: "bitmap",
  since: "2.8.7",
  summary: "Finds the first bit that is set, or clear, in a string or in a part of it.",
  complexity: "O(N)",
  arity: -3,
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access")],
  history: [["7.0.0", "Added the `BYTE|BIT` option."]],
  args: [
    KEY,
    { name: "bit", type: "integer" },
    {
      name: "range",
      type: "block",
      flags: ["optional"],
      args: [
        { name: "start", type: "integer" },
        {
          name: "end-unit-block",
          type: "block",
          flags: ["optional"],
          args: [
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
    },
  ],
  handler: handleBitpos,
};
