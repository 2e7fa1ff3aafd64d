/** GETRANGE and its old name SUBSTR: read only the chunks concerned. */
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { STRING, stringLength } from "../../types/string.ts";
import { indexArg, isInvertedFromEnd } from "./index-arg.ts";
import { replyStringRange } from "./reply-string.ts";

const NOTHING = Buffer.alloc(0);

function handleGetrange(ctx: Context): void {
  const { args, reply } = ctx;
  const start = indexArg(args, 2);
  const end = indexArg(args, 3);
  const entry = ctx.lookupRead(1, STRING);
  if (entry !== null && !isInvertedFromEnd(args, 2, start, end)) {
    const length = stringLength(entry);
    const from = Math.max(0, start < 0 ? length + start : start);
    const last = Math.min(length - 1, Math.max(0, end < 0 ? length + end : end));
    if (from <= last) {
      replyStringRange(ctx, entry, from, last + 1);
      return;
    }
  }
  reply.bulk(NOTHING);
}

export const getrange: CommandSpec = {
  name: "GETRANGE",
  group: "string",
  since: "2.4.0",
  summary: "Reads a part of a string, given by the first and the last byte.",
  complexity: "O(N), N: the bytes replied",
  arity: 4,
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access")],
  args: [KEY, { name: "start", type: "integer" }, { name: "end", type: "integer" }],
  handler: handleGetrange,
};

export const substr: CommandSpec = {
  name: "SUBSTR",
  group: "string",
  since: "1.0.0",
  summary: "Reads a part of a string, given by the first and the last byte; the old name of GETRANGE.",
  complexity: "O(N), N: the bytes replied",
  arity: 4,
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access")],
  docFlags: ["deprecated"],
  deprecatedSince: "2.0.0",
  replacedBy: "`GETRANGE`",
  args: [KEY, { name: "start", type: "integer" }, { name: "end", type: "integer" }],
  handler: handleGetrange,
};
