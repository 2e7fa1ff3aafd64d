/** COMMAND LIST with its filters. */
import { SYNTAX_ERROR } from "../../base/errors.ts";
import { GlobPattern } from "../../base/glob.ts";
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import type { Command } from "../../command/define-command.ts";

/** The filter in arguments 2 to 4; everything passes without one. */
function readFilter(ctx: Context): (command: Command) => boolean {
  const { args } = ctx;
  if (args.count === 2) return () => true;
  if (args.count !== 5 || !args.is(2, "filterby")) throw SYNTAX_ERROR;
  // No module is loaded, so none has commands.
  if (args.is(3, "module")) return () => false;
  if (args.is(3, "aclcat")) {
    const category = args.latin1(4).toLowerCase();
    return (command) => (command.categories as readonly string[]).includes(category);
  }
  if (!args.is(3, "pattern")) throw SYNTAX_ERROR;
  const pattern = new GlobPattern(args.copy(4), true);
  return (command) => {
    const name = Buffer.from(command.fullName, "latin1");
    return pattern.matches(name, 0, name.length);
  };
}

function handleCommandList(ctx: Context): void {
  const passes = readFilter(ctx);
  const names: string[] = [];
  const collect = (commands: Iterable<Command>): void => {
    for (const command of commands) {
      if (passes(command)) names.push(command.fullName);
      if (command.subcommands !== null) collect(command.subcommands.values());
    }
  };
  collect(ctx.server.registry.all());
  ctx.reply.arrayHeader(names.length);
  for (const name of names) ctx.reply.bulkText(name);
}

export const commandList: CommandSpec = {
  name: "LIST",
  group: "server",
  since: "7.0.0",
  summary: "Lists the names of all commands, or of those that pass a filter.",
  complexity: "O(N) where N is the total number of Redis commands",
  arity: -2,
  flags: ["loading", "stale", "sentinel"],
  aclExtra: ["connection"],
  tips: ["nondeterministic_output_order"],
  args: [
    {
      name: "filterby",
      type: "oneof",
      token: "FILTERBY",
      flags: ["optional"],
      args: [
        { name: "module-name", type: "string", token: "MODULE" },
        { name: "category", type: "string", token: "ACLCAT" },
        { name: "pattern", type: "pattern", token: "PATTERN" },
      ],
    },
  ],
  handler: handleCommandList,
};
