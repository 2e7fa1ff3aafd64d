/** TIME. */
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";

function handleTime(ctx: Context): void {
  // Time stands still inside scripts (and EXEC), which do not block.
  const usec = ctx.denyBlocking ? ctx.nowMs * 1000 : Math.floor((performance.timeOrigin + performance.now()) * 1000);
  ctx.reply.arrayHeader(2);
  ctx.reply.bulkNumber(Math.floor(usec / 1e6));
  ctx.reply.bulkNumber(usec % 1e6);
}

export const time: CommandSpec = {
  name: "TIME",
  group: "server",
  since: "2.6.0",
  summary: "Tells the server's time in seconds and microseconds.",
  complexity: "O(1)",
  arity: 1,
  flags: ["loading", "stale", "fast"],
  tips: ["nondeterministic_output"],
  handler: handleTime,
};
