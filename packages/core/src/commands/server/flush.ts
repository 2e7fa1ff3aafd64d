/** FLUSHDB and FLUSHALL: O(1) both ways, since the rows are always freed in the background; ASYNC and SYNC are checked. */

import { SYNTAX_ERROR } from "../../base/errors.ts";
import { oneOf, optional } from "../../command/arg-grammar.ts";
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { PROPAGATE } from "../../ports/op-log.ts";

function checkMode(ctx: Context): void {
  const { args } = ctx;
  if (args.count === 1) return;
  if (args.count !== 2 || !(args.is(1, "async") || args.is(1, "sync"))) throw SYNTAX_ERROR;
}

function handleFlushdb(ctx: Context): void {
  checkMode(ctx);
  ctx.keyspace.flush(ctx.client.db);
  // Also of what was empty, as in Redis.
  ctx.effects?.force(PROPAGATE.all);
  ctx.reply.ok();
}

function handleFlushall(ctx: Context): void {
  checkMode(ctx);
  for (let db = 0; db < ctx.keyspace.databases.count; db++) ctx.keyspace.flush(db);
  // Also of what was empty, as in Redis.
  ctx.effects?.force(PROPAGATE.all);
  ctx.reply.ok();
}

const SHARED = {
  group: "server",
  complexity: "O(1); the keys are freed in the background in O(N).",
  arity: -1,
  flags: ["write"],
  aclExtra: ["keyspace", "dangerous"],
  tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
  history: [
    ["4.0.0", "Added the `ASYNC` flushing mode modifier."],
    ["6.2.0", "Added the `SYNC` flushing mode modifier."],
  ],
  args: [
    optional(
      oneOf("flush-type", [
        { name: "async", type: "pure-token", token: "ASYNC", since: "4.0.0" },
        { name: "sync", type: "pure-token", token: "SYNC", since: "6.2.0" },
      ]),
    ),
  ],
} as const satisfies Partial<CommandSpec>;

export const flushdb: CommandSpec = {
  ...SHARED,
  name: "FLUSHDB",
  since: "1.0.0",
  summary: "Removes all keys of the selected database.",
  handler: handleFlushdb,
};

export const flushall: CommandSpec = {
  ...SHARED,
  name: "FLUSHALL",
  since: "1.0.0",
  summary: "Removes all keys of all databases.",
  handler: handleFlushall,
};
