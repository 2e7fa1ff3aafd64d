/** BITOP: AND, OR, XOR and NOT, and KeyDB's LSHIFT and RSHIFT. */

import {
  BITOP_NOT_ONE_KEY,
  BITOP_SHIFT_NOT_AN_INTEGER,
  BITOP_SHIFT_ONE_KEY,
  BITOP_SHIFT_TOO_LARGE,
  SYNTAX_ERROR,
} from "../../base/errors.ts";
import { oneOf, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt, keyRange } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import type { Args } from "../../resp/args.ts";
import { type BitResult, CombinedStrings, ShiftedString, storeBitResult } from "../../types/bitop.ts";
import { HeldString, STRING } from "../../types/string.ts";
import { checkStringLength } from "../string/string-limit.ts";

const OPERATIONS = ["and", "or", "xor", "not", "lshift", "rshift"] as const;
/** Longest way to the left, bits. To the right there is no limit: everything is shifted out. */
const LONGEST_SHIFT = 2 ** 30;

function handleBitop(ctx: Context): void {
  const { args, keyspace, reply } = ctx;
  const operation = OPERATIONS.find((word) => args.is(1, word));
  if (operation === undefined) throw SYNTAX_ERROR;
  let result: BitResult;
  if (operation === "lshift" || operation === "rshift") {
    const shift = readShift(args, operation === "lshift");
    result = new ShiftedString(hold(ctx, 3), shift);
    checkStringLength(ctx, result.length);
  } else {
    if (operation === "not" && args.count !== 4) throw BITOP_NOT_ONE_KEY;
    const sources: HeldString[] = [];
    for (let i = 3; i < args.count; i++) sources.push(hold(ctx, i));
    result = new CombinedStrings(operation, sources);
  }
  const b = args.buffer;
  const db = ctx.client.db;
  if (result.length > 0) {
    storeBitResult(keyspace, db, b, args.start(2), args.end(2), ctx.lookupWrite(2), result);
    ctx.notify(NOTIFY.string, "set", 2);
  } else if (keyspace.delete(db, b, args.start(2), args.end(2))) ctx.notify(NOTIFY.generic, "del", 2);
  reply.integer(result.length);
}

function hold(ctx: Context, i: number): HeldString {
  return new HeldString(ctx.keyspace, ctx.lookupRead(i, STRING));
}

/** Bits to shift to the left; negative: to the right. */
function readShift(args: Args, toTheLeft: boolean): number {
  if (args.count !== 5) throw BITOP_SHIFT_ONE_KEY;
  const safe = args.safeInt(4);
  const given = Number.isNaN(safe) ? Number(args.int64(4, BITOP_SHIFT_NOT_AN_INTEGER)) : safe;
  const shift = toTheLeft ? given : 0 - given;
  if (given > LONGEST_SHIFT || shift > LONGEST_SHIFT) throw BITOP_SHIFT_TOO_LARGE;
  return shift;
}

export const bitop: CommandSpec = {
  name: "BITOP",
  group: "bitmap",
  since: "2.6.0",
  summary: "Combines strings bit by bit (AND, OR, XOR, NOT), or shifts one (LSHIFT, RSHIFT), and stores the result.",
  complexity: "O(N)",
  arity: -4,
  flags: ["write", "denyoom"],
  keys: [keyAt(2, "OW", "update"), keyRange(3, -1, 1, "RO", "access")],
  args: [
    oneOf("operation", [token("AND"), token("OR"), token("XOR"), token("NOT")]),
    { name: "destkey", type: "key", keySpecIndex: 0 },
    { name: "key", type: "key", keySpecIndex: 1, flags: ["multiple"] },
  ],
  handler: handleBitop,
};
