/** SLOWLOG: commands that took long, of all processes. */
import { SLOWLOG_COUNT, subcommandSyntax } from "../../base/errors.ts";
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { replyHelp } from "../../command/help-reply.ts";

const HELP = [
  "GET [<count>]",
  "    Show the newest <count> entries (default: 10, -1: all).",
  "    An entry is: id, unix time, duration in microseconds, the command's words, client address, client name.",
  "LEN",
  "    Tell how many entries there are.",
  "RESET",
  "    Forget all entries.",
];

const DEFAULT_COUNT = 10;
const ALL = Number.MAX_SAFE_INTEGER;

/** How many entries are wanted; null when the argument is no such number. */
function wantedCount({ args }: Context): number | null {
  if (args.count < 3) return DEFAULT_COUNT;
  const count = args.safeInt(2);
  if (Number.isNaN(count) || count < -1) return null;
  return count === -1 ? ALL : count;
}

function prepareGet(ctx: Context): Promise<unknown> | null {
  const count = ctx.args.count > 3 ? null : wantedCount(ctx);
  return count === null ? null : ctx.server.introspection.slowlog.askPeers(count);
}

function handleGet(ctx: Context): void {
  const { reply } = ctx;
  if (ctx.args.count > 3) throw subcommandSyntax("SLOWLOG", ctx.args.latin1(1));
  const count = wantedCount(ctx);
  if (count === null) throw SLOWLOG_COUNT;
  const entries = ctx.server.introspection.slowlog.merge(ctx.prepared, count);
  reply.arrayHeader(entries.length);
  for (const entry of entries) {
    reply.arrayHeader(6);
    reply.integer(entry.id);
    reply.integer(entry.unixSeconds);
    reply.integer(entry.usec);
    reply.arrayHeader(entry.args.length);
    for (const arg of entry.args) reply.bulk(arg);
    reply.bulkText(entry.address);
    reply.bulkText(entry.clientName);
  }
}

function handleLen(ctx: Context): void {
  ctx.reply.integer(ctx.server.introspection.slowlog.merge(ctx.prepared, ALL).length);
}

function handleReset(ctx: Context): void {
  ctx.server.introspection.slowlog.reset();
  ctx.reply.ok();
}

const LOG = { group: "server", flags: ["admin", "loading", "stale"] } as const;

export const slowlog: CommandSpec = {
  name: "SLOWLOG",
  group: "server",
  since: "2.2.12",
  summary: "Container of the commands about slow commands.",
  complexity: "Depends on subcommand.",
  arity: -2,
  flags: [],
  // Never reached: without a subcommand the arity check answers.
  handler: (ctx) => replyHelp(ctx, HELP),
  subcommands: [
    {
      ...LOG,
      name: "GET",
      since: "2.2.12",
      summary: "Shows the newest slow commands.",
      complexity: "O(N) where N is the number of entries returned",
      arity: -2,
      tips: ["request_policy:all_nodes", "nondeterministic_output"],
      history: [["4.0.0", "Added client IP address, port and name to the reply."]],
      args: [{ name: "count", type: "integer", flags: ["optional"] }],
      prepare: prepareGet,
      handler: handleGet,
    },
    {
      name: "HELP",
      group: "server",
      since: "6.2.0",
      summary: "Explains the subcommands.",
      complexity: "O(1)",
      arity: 2,
      flags: ["loading", "stale"],
      handler: (ctx) => replyHelp(ctx, HELP),
    },
    {
      ...LOG,
      name: "LEN",
      since: "2.2.12",
      summary: "Tells how many slow commands are kept.",
      complexity: "O(1)",
      arity: 2,
      tips: ["request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output"],
      prepare: (ctx) => ctx.server.introspection.slowlog.askPeers(ALL),
      handler: handleLen,
    },
    {
      ...LOG,
      name: "RESET",
      since: "2.2.12",
      summary: "Forgets the slow commands.",
      complexity: "O(N) where N is the number of entries in the slowlog",
      arity: 2,
      tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
      handler: handleReset,
    },
  ],
};
