/** EXISTS and KeyDB's KEYDB.MEXISTS: looking without counting as a use of the key. */
import { KEYS } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyRange } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";

function handleExists(ctx: Context): void {
  let found = 0;
  for (let i = 1; i < ctx.args.count; i++) if (ctx.lookupReadNoTouch(i) !== null) found++;
  ctx.reply.integer(found);
}

function handleMexists(ctx: Context): void {
  const { args, reply } = ctx;
  reply.arrayHeader(args.count - 1);
  for (let i = 1; i < args.count; i++) reply.boolean(ctx.lookupReadNoTouch(i) !== null);
}

const SHARED = {
  group: "generic",
  complexity: "O(N), N being the number of keys.",
  arity: -2,
  flags: ["readonly", "fast"],
  keys: [keyRange(1, -1, 1, "RO")],
  args: [KEYS],
} as const satisfies Partial<CommandSpec>;

export const exists: CommandSpec = {
  ...SHARED,
  name: "EXISTS",
  since: "1.0.0",
  summary: "Counts how many of the given keys exist; a key given twice counts twice.",
  tips: ["request_policy:multi_shard", "response_policy:agg_sum"],
  history: [["3.0.3", "Accepts multiple `key` arguments."]],
  handler: handleExists,
};

export const keydbMexists: CommandSpec = {
  ...SHARED,
  name: "KEYDB.MEXISTS",
  since: "6.3.0",
  summary: "Tells for each of the given keys whether it exists.",
  handler: handleMexists,
};
