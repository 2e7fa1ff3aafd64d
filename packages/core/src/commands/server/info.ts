/** INFO. */
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";

function handleInfo(ctx: Context): void {
  const sections: string[] = [];
  for (let i = 1; i < ctx.args.count; i++) sections.push(ctx.args.latin1(i));
  ctx.reply.verbatim("txt", ctx.server.introspection.info(sections));
}

export const info: CommandSpec = {
  name: "INFO",
  group: "server",
  since: "1.0.0",
  summary: "Tells about the server, its processes and what they have done.",
  complexity: "O(1)",
  arity: -1,
  flags: ["loading", "stale", "sentinel"],
  aclExtra: ["dangerous"],
  tips: ["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
  history: [["7.0.0", "Added support for taking multiple section arguments."]],
  args: [{ name: "section", type: "string", flags: ["optional", "multiple"] }],
  // The keyspace section counts keys.
  access: "read",
  handler: handleInfo,
};
