/** DEL, UNLINK and KeyDB's EXPDEL: one body, since deleting never costs more than O(1) per key here. */
import { KEYS } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyRange } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";

function handleDel(ctx: Context): void {
  const { args, keyspace } = ctx;
  const db = ctx.client.db;
  let deleted = 0;
  for (let i = 1; i < args.count; i++) {
    if (!keyspace.delete(db, args.buffer, args.start(i), args.end(i))) continue;
    ctx.notify(NOTIFY.generic, "del", i);
    deleted++;
  }
  ctx.reply.integer(deleted);
}

const SHARED = {
  group: "generic",
  arity: -2,
  keys: [keyRange(1, -1, 1, "RM", "delete")],
  tips: ["request_policy:multi_shard", "response_policy:agg_sum"],
  args: [KEYS],
  handler: handleDel,
} as const satisfies Partial<CommandSpec>;

export const del: CommandSpec = {
  ...SHARED,
  name: "DEL",
  since: "1.0.0",
  summary: "Removes keys, whatever they hold.",
  complexity: "O(N), N being the number of keys; the elements of large values are freed later.",
  flags: ["write"],
};

export const unlink: CommandSpec = {
  ...SHARED,
  name: "UNLINK",
  since: "4.0.0",
  summary: "Removes keys and frees their values in the background.",
  complexity: "O(1) per key; the freeing in the background is O(N) in the elements of the values.",
  flags: ["write", "fast"],
};

export const expdel: CommandSpec = {
  ...SHARED,
  name: "EXPDEL",
  since: "6.3.0",
  summary: "Removes keys as DEL does; KeyDB's name for a deletion because of expiry.",
  complexity: "O(N), N being the number of keys; the elements of large values are freed later.",
  flags: ["write"],
};
