/** CONFIG: the container, CONFIG REWRITE, RESETSTAT and HELP. */
import { errorReply } from "../../base/errors.ts";
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { replyHelp } from "../../command/help-reply.ts";
import { configGet } from "./config-get.ts";
import { configSet } from "./config-set.ts";

const HELP = [
  "GET <pattern>",
  "    Show the directives whose names match the glob-like <pattern>, with their values.",
  "SET <directive> <value>",
  "    Change a directive in every process of the server.",
  "RESETSTAT",
  "    Set the statistics of INFO to zero.",
  "REWRITE",
  "    Write the configuration in force into the configuration file.",
];

function handleHelp(ctx: Context): void {
  replyHelp(ctx, HELP);
}

function handleRewrite(ctx: Context): void {
  const error = ctx.prepared as string | null;
  if (error !== null) throw errorReply(error);
  ctx.reply.ok();
}

const ADMIN = ["admin", "noscript", "loading", "stale"] as const;
const ALL_NODES = ["request_policy:all_nodes", "response_policy:all_succeeded"];

const configRewrite: CommandSpec = {
  name: "REWRITE",
  group: "server",
  since: "2.8.0",
  summary: "Writes the configuration in force into the configuration file.",
  complexity: "O(1)",
  arity: 2,
  flags: ADMIN,
  tips: ALL_NODES,
  prepare: (ctx) => ctx.server.config.rewrite(),
  handler: handleRewrite,
};

const configResetStat: CommandSpec = {
  name: "RESETSTAT",
  group: "server",
  since: "2.0.0",
  summary: "Sets the statistics of INFO to zero in every process.",
  complexity: "O(1)",
  arity: 2,
  flags: ADMIN,
  tips: ALL_NODES,
  prepare: (ctx) => ctx.server.introspection.statistics.reset(),
  handler: (ctx) => ctx.reply.ok(),
};

const configHelp: CommandSpec = {
  name: "HELP",
  group: "server",
  since: "5.0.0",
  summary: "Explains the subcommands.",
  complexity: "O(1)",
  arity: 2,
  flags: ["loading", "stale"],
  handler: handleHelp,
};

export const config: CommandSpec = {
  name: "CONFIG",
  group: "server",
  since: "2.0.0",
  summary: "Container of the commands about the configuration.",
  complexity: "Depends on subcommand.",
  arity: -2,
  flags: [],
  // Never reached: without a subcommand the arity check answers.
  handler: handleHelp,
  subcommands: [configGet, configHelp, configResetStat, configRewrite, configSet],
};
