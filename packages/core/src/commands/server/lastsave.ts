/** LASTSAVE: when a snapshot file was last written; the server's start until then, as in Redis. */
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { SHARED_WORD64 } from "../../ports/counters.ts";

function handleLastsave(ctx: Context): void {
  const { host, shared } = ctx.server;
  const saved = Number(Atomics.load(shared.words64, SHARED_WORD64.last_save_ms)) || host.startTimeMs;
  ctx.reply.integer(Math.floor(saved / 1000));
}

export const lastsave: CommandSpec = {
  name: "LASTSAVE",
  group: "server",
  since: "1.0.0",
  summary: "Tells when the data was last saved as a snapshot file, in unix seconds.",
  complexity: "O(1)",
  arity: 1,
  flags: ["loading", "stale", "fast"],
  aclExtra: ["admin", "dangerous"],
  tips: ["nondeterministic_output"],
  handler: handleLastsave,
};
