/** CONFIG SET: several directives at once, all or none, in force in every process before the reply. */
import { errorReply, wrongArity } from "../../base/errors.ts";
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { isLocalClient } from "../../command/local-client.ts";
import type { Config } from "../../ports/config.ts";
import type { Args } from "../../resp/args.ts";

function isPaired(args: Args): boolean {
  return args.count % 2 === 0;
}

function prepareConfigSet(ctx: Context): Promise<string | null> | null {
  const { args } = ctx;
  if (!isPaired(args)) return null;
  const changes: Array<readonly [string, string]> = [];
  for (let i = 2; i < args.count; i += 2) changes.push([args.latin1(i), args.latin1(i + 1)]);
  return ctx.server.config.set(changes, { isLocalClient: isLocalClient(ctx.client), isLoading: false });
}

function handleConfigSet(ctx: Context): void {
  if (!isPaired(ctx.args)) throw wrongArity(ctx.command.fullName);
  const error = ctx.prepared as string | null;
  if (error !== null) throw errorReply(error);
  ctx.reply.ok();
}

/** The values of passwords. */
function sensitiveArgs(args: Args, config: Config): number[] {
  const indexes: number[] = [];
  for (let i = 2; i + 1 < args.count; i += 2) if (config.isSensitive(args.latin1(i))) indexes.push(i + 1);
  return indexes;
}

export const configSet: CommandSpec = {
  name: "SET",
  group: "server",
  since: "2.0.0",
  summary: "Changes directives in every process of the server.",
  complexity: "O(N) when N is the number of configuration parameters provided",
  arity: -4,
  flags: ["admin", "noscript", "loading", "stale"],
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  history: [["7.0.0", "Added the ability to set multiple parameters in one call."]],
  args: [
    {
      name: "data",
      type: "block",
      flags: ["multiple"],
      args: [
        { name: "parameter", type: "string" },
        { name: "value", type: "string" },
      ],
    },
  ],
  sensitiveArgs,
  prepare: prepareConfigSet,
  handler: handleConfigSet,
};
