/** COMMAND and its subcommands: the server's own description of its commands, derived from their specs. */
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { replyHelp } from "../../command/help-reply.ts";
import { commandDocs } from "./command-docs.ts";
import { commandGetKeys, commandGetKeysAndFlags } from "./command-getkeys.ts";
import { commandInfo, replyCommandInfo } from "./command-info.ts";
import { commandList } from "./command-list.ts";

const HELP = [
  "(no subcommand)",
  "    Describe every command.",
  "COUNT",
  "    Tell how many commands there are.",
  "LIST",
  "    List the names of all commands.",
  "INFO [<command-name> ...]",
  "    Describe the named commands, or all of them.",
  "DOCS [<command-name> ...]",
  "    Document the named commands, or all of them.",
  "GETKEYS <full-command>",
  "    Tell which words of a whole command line are keys.",
  "GETKEYSANDFLAGS <full-command>",
  "    Tell the keys of a whole command line and what the command does with each.",
];

function handleCommand(ctx: Context): void {
  const { registry } = ctx.server;
  ctx.reply.arrayHeader(registry.size);
  for (const command of registry.all()) replyCommandInfo(ctx.reply, command);
}

const commandCount: CommandSpec = {
  name: "COUNT",
  group: "server",
  since: "2.8.13",
  summary: "Tells how many commands there are.",
  complexity: "O(1)",
  arity: 2,
  flags: ["loading", "stale", "sentinel"],
  aclExtra: ["connection"],
  handler: (ctx) => ctx.reply.integer(ctx.server.registry.size),
};

const commandHelp: CommandSpec = {
  name: "HELP",
  group: "server",
  since: "5.0.0",
  summary: "Explains the subcommands.",
  complexity: "O(1)",
  arity: 2,
  flags: ["loading", "stale", "sentinel"],
  aclExtra: ["connection"],
  handler: (ctx) => replyHelp(ctx, HELP),
};

export const command: CommandSpec = {
  name: "COMMAND",
  group: "server",
  since: "2.8.13",
  summary: "Describes every command.",
  complexity: "O(N) where N is the total number of Redis commands",
  arity: -1,
  flags: ["loading", "stale", "sentinel"],
  aclExtra: ["connection"],
  tips: ["nondeterministic_output_order"],
  handler: handleCommand,
  subcommands: [
    commandCount,
    commandDocs,
    commandGetKeys,
    commandGetKeysAndFlags,
    commandHelp,
    commandInfo,
    commandList,
  ],
};
