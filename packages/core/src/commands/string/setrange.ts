/** SETRANGE: touches only the part of a large value that it overwrites. */

import { OFFSET_OUT_OF_RANGE } from "../../base/errors.ts";
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { STRING, setStringRange, stringLength } from "../../types/string.ts";
import { checkStringLength } from "./string-limit.ts";

function handleSetrange(ctx: Context): void {
  const { args, keyspace, reply } = ctx;
  const safe = args.safeInt(2);
  // What is no safe integer is an error or far beyond every limit.
  const offset = Number.isNaN(safe) ? Number(args.int64(2)) : safe;
  if (offset < 0) throw OFFSET_OUT_OF_RANGE;
  const old = ctx.lookupWrite(1, STRING);
  const written = args.length(3);
  if (written === 0) {
    reply.integer(old === null ? 0 : stringLength(old));
    return;
  }
  checkStringLength(ctx, offset + written);
  const b = args.buffer;
  const db = ctx.client.db;
  reply.integer(
    setStringRange(keyspace, db, b, args.start(1), args.end(1), old, offset, b, args.start(3), args.end(3)),
  );
  ctx.notify(NOTIFY.string, "setrange", 1);
}

export const setrange: CommandSpec = {
  name: "SETRANGE",
  group: "string",
  since: "2.2.0",
  summary: "Overwrites a part of a string from an offset on, padding with zero bytes up to there.",
  complexity: "O(N), N: the bytes written",
  arity: 4,
  flags: ["write", "denyoom"],
  keys: [keyAt(1, "RW", "update")],
  args: [KEY, { name: "offset", type: "integer" }, { name: "value", type: "string" }],
  handler: handleSetrange,
};
