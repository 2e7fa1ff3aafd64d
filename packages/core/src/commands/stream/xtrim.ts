/** XTRIM: removes entries from the start of a stream. */
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { STREAM, Stream } from "../../types/stream.ts";
import { saveStream } from "./stream-access.ts";
import { readAddOrTrimArgs, TRIM_ARGS, tellTrimmed, trimStream } from "./trim-args.ts";

function handleXtrim(ctx: Context): void {
  const { keyspace, reply } = ctx;
  const { trimming } = readAddOrTrimArgs(ctx, false);
  const entry = ctx.lookupWrite(1, STREAM);
  if (entry === null || trimming === null) {
    reply.integer(0);
    return;
  }
  const stream = new Stream(keyspace, entry);
  const removed = trimStream(stream, trimming);
  if (removed > 0) {
    saveStream(ctx, 1, stream);
    ctx.notify(NOTIFY.stream, "xtrim", 1);
    keyspace.dirty += removed - 1;
    if (ctx.effects !== null) tellTrimmed(ctx, stream, trimming, 0, "");
  }
  reply.integer(removed);
}

export const xtrim: CommandSpec = {
  name: "XTRIM",
  group: "stream",
  since: "5.0.0",
  summary: "Removes entries from the start of a stream.",
  complexity: "O(N), N being the number of entries removed; whole nodes of entries go at once.",
  arity: -4,
  flags: ["write"],
  keys: [keyAt(1, "RW", "delete")],
  tips: ["nondeterministic_output"],
  history: [["6.2.0", "Added the `MINID` strategy and the `LIMIT` option."]],
  args: [KEY, { name: "trim", type: "block", args: TRIM_ARGS }],
  handler: handleXtrim,
};
