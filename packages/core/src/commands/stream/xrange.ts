/** XRANGE and XREVRANGE. */

import { SYNTAX_ERROR } from "../../base/errors.ts";
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { STREAM, Stream } from "../../types/stream.ts";
import { StreamCursor } from "../../types/stream-cursor.ts";
import { readRangeEnd, readRangeStart, replyEntries } from "./stream-access.ts";

function xrangeGeneric(ctx: Context, isReverse: boolean): void {
  const { args, reply } = ctx;
  const from = readRangeStart(ctx, isReverse ? 3 : 2);
  const to = readRangeEnd(ctx, isReverse ? 2 : 3);
  let count = -1;
  for (let i = 4; i < args.count; i += 2) {
    if (!args.is(i, "count") || i + 1 >= args.count) throw SYNTAX_ERROR;
    count = Math.max(0, args.clampedInt(i + 1));
  }
  const entry = ctx.lookupRead(1, STREAM);
  if (entry === null) {
    reply.arrayHeader(0);
    return;
  }
  if (count === 0) {
    reply.nullArray();
    return;
  }
  const cursor = new StreamCursor(new Stream(ctx.keyspace, entry));
  try {
    cursor.range(from, to, isReverse);
    replyEntries(ctx, cursor, Math.max(0, count));
  } finally {
    cursor.close();
  }
}

function rangeSpec(name: string, summary: string, isReverse: boolean): CommandSpec {
  const ends = [
    { name: "start", type: "string" },
    { name: "end", type: "string" },
  ] as const;
  return {
    name,
    group: "stream",
    since: "5.0.0",
    summary,
    complexity: "O(N), N being the number of entries replied, wherever they are.",
    arity: -4,
    flags: ["readonly"],
    keys: [keyAt(1, "RO", "access")],
    history: [["6.2.0", "Ends can be exclusive."]],
    args: [
      KEY,
      ...(isReverse ? [ends[1], ends[0]] : ends),
      { name: "count", type: "integer", token: "COUNT", flags: ["optional"] },
    ],
    handler: (ctx) => xrangeGeneric(ctx, isReverse),
  };
}

export const xrange = rangeSpec("XRANGE", "Reads the entries in a range of IDs.", false);
export const xrevrange = rangeSpec("XREVRANGE", "Reads the entries in a range of IDs, the last one first.", true);
