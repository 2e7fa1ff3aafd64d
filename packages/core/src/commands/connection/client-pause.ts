/** CLIENT PAUSE and UNPAUSE over all processes. */

import { INVALID_TIMEOUT, NEGATIVE_TIMEOUT, PAUSE_MODE_INVALID, SYNTAX_ERROR } from "../../base/errors.ts";
import { token } from "../../command/arg-grammar.ts";
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";

interface Pause {
  readonly endMs: number;
  readonly writesOnly: boolean;
}

function readPause(ctx: Context): Pause {
  const { args } = ctx;
  if (args.count > 4) throw SYNTAX_ERROR;
  let writesOnly = false;
  if (args.count === 4) {
    writesOnly = args.is(3, "write");
    if (!writesOnly && !args.is(3, "all")) throw PAUSE_MODE_INVALID;
  }
  const timeout = args.int64(2, INVALID_TIMEOUT);
  if (timeout < 0n) throw NEGATIVE_TIMEOUT;
  const end = timeout + BigInt(ctx.nowMs);
  if (end > 0x7fffffffffffffffn) throw INVALID_TIMEOUT;
  return { endMs: Number(end), writesOnly };
}

function handlePause(ctx: Context): void {
  const { endMs, writesOnly } = readPause(ctx);
  ctx.server.clients.pause(endMs, writesOnly);
  ctx.reply.ok();
}

function handleUnpause(ctx: Context): void {
  ctx.server.clients.unpause();
  ctx.reply.ok();
}

export const clientPause: CommandSpec = {
  name: "PAUSE",
  group: "connection",
  since: "3.0.0",
  summary: "Holds back the commands of all clients, or only their writes, for a time.",
  complexity: "O(1)",
  arity: -3,
  flags: ["admin", "noscript", "loading", "stale"],
  history: [["6.2.0", "`CLIENT PAUSE WRITE` mode added along with the `mode` option."]],
  args: [
    { name: "timeout", type: "integer" },
    {
      name: "mode",
      type: "oneof",
      since: "6.2.0",
      flags: ["optional"],
      args: [token("WRITE"), token("ALL")],
    },
  ],
  // In force in every process before the answer.
  prepare: (ctx) => {
    const { endMs, writesOnly } = readPause(ctx);
    return ctx.server.clients.pauseElsewhere(endMs, writesOnly);
  },
  handler: handlePause,
};

export const clientUnpause: CommandSpec = {
  name: "UNPAUSE",
  group: "connection",
  since: "6.2.0",
  summary: "Ends CLIENT PAUSE.",
  complexity: "O(N) Where N is the number of paused clients",
  arity: 2,
  flags: ["admin", "noscript", "loading", "stale"],
  prepare: (ctx) => ctx.server.clients.unpauseElsewhere(),
  handler: handleUnpause,
};
