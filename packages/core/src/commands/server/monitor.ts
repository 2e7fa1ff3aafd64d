/** MONITOR. */
import { MONITOR_DENIED } from "../../base/errors.ts";
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";

function handleMonitor(ctx: Context): void {
  if (ctx.denyBlocking) throw MONITOR_DENIED;
  // Once a monitor, the command says nothing more.
  if (ctx.client.isMonitor) return;
  ctx.server.monitors.add(ctx.client);
  ctx.reply.ok();
}

export const monitor: CommandSpec = {
  name: "MONITOR",
  group: "server",
  since: "1.0.0",
  summary: "Shows the commands of all clients of all processes as they run.",
  complexity: "O(N) for each command that any client runs, N being the number of monitors",
  arity: 1,
  flags: ["admin", "noscript", "loading", "stale"],
  handler: handleMonitor,
};
