/** ROLE of a server without replication: a master at offset 0 that nobody follows. */
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";

function handleRole(ctx: Context): void {
  ctx.reply.arrayHeader(3);
  ctx.reply.bulkText("master");
  ctx.reply.integer(0);
  ctx.reply.arrayHeader(0);
}

export const role: CommandSpec = {
  name: "ROLE",
  group: "server",
  since: "2.8.12",
  summary: "Tells the server's part in replication.",
  complexity: "O(1)",
  arity: 1,
  flags: ["noscript", "loading", "stale", "fast", "sentinel"],
  aclExtra: ["admin", "dangerous"],
  handler: handleRole,
};
