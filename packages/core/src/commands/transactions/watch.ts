/** WATCH and UNWATCH. */

import { WATCH_INSIDE_MULTI } from "../../base/errors.ts";
import { KEYS } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyRange } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { forgetWatches, watchKey } from "../../keyspace/watch.ts";

function handleWatch(ctx: Context): void {
  const { args, client } = ctx;
  if (client.multi !== null) throw WATCH_INSIDE_MULTI;
  for (let i = 1; i < args.count; i++) watchKey(ctx.keyspace, client, ctx.server.counters, args.copy(i));
  ctx.reply.ok();
}

function handleUnwatch(ctx: Context): void {
  forgetWatches(ctx.client, ctx.server.counters);
  ctx.reply.ok();
}

export const watch: CommandSpec = {
  name: "WATCH",
  group: "transactions",
  since: "2.2.0",
  summary: "Makes the next EXEC conditional: it runs only if none of the keys was changed.",
  complexity: "O(1) for every key.",
  arity: -2,
  flags: ["noscript", "loading", "stale", "fast", "allow_busy"],
  keys: [keyRange(1, -1, 1, "RO")],
  args: [KEYS],
  access: "read",
  runsInMulti: true,
  handler: handleWatch,
};

export const unwatch: CommandSpec = {
  name: "UNWATCH",
  group: "transactions",
  since: "2.2.0",
  summary: "Forgets all watched keys of the connection.",
  complexity: "O(1)",
  arity: 1,
  flags: ["noscript", "loading", "stale", "fast", "allow_busy"],
  handler: handleUnwatch,
};
