/** MGET: many GETs on one snapshot; a key of another type counts as missing. */
import { KEYS } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyRange } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { replyValueAt } from "./get.ts";

function handleMget(ctx: Context): void {
  const { args, reply } = ctx;
  reply.arrayHeader(args.count - 1);
  for (let i = 1; i < args.count; i++) if (!replyValueAt(ctx, i)) reply.null();
}

export const mget: CommandSpec = {
  name: "MGET",
  group: "string",
  since: "1.0.0",
  summary: "Reads the strings stored at several keys, all at one moment.",
  complexity: "O(N), N: the keys",
  arity: -2,
  flags: ["readonly", "fast"],
  keys: [keyRange(1, -1, 1, "RO", "access")],
  tips: ["request_policy:multi_shard"],
  args: [KEYS],
  handler: handleMget,
};
