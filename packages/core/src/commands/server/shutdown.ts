/**
 * SHUTDOWN. The order goes to the host, which ends every process; the client that asked waits for its connection to
 * close and gets no answer, as in Redis.
 */

import { NO_SHUTDOWN_IN_PROGRESS, SYNTAX_ERROR } from "../../base/errors.ts";
import { oneOf, optional, token } from "../../command/arg-grammar.ts";
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";

interface ShutdownOptions {
  readonly save: boolean | null;
  readonly now: boolean;
  readonly force: boolean;
  readonly abort: boolean;
}

/** Null: the options contradict each other or are unknown. */
function readOptions({ args }: Context): ShutdownOptions | null {
  const given = { save: false, nosave: false, now: false, force: false, abort: false };
  for (let i = 1; i < args.count; i++) {
    const word = args.latin1(i).toLowerCase();
    if (!Object.hasOwn(given, word)) return null;
    given[word as keyof typeof given] = true;
  }
  const { save, nosave, now, force, abort } = given;
  if ((save && nosave) || (abort && (save || nosave || now || force))) return null;
  return { save: save || nosave ? save : null, now, force, abort };
}

function prepareShutdown(ctx: Context): Promise<never> | null {
  const options = readOptions(ctx);
  if (options === null || options.abort) return null;
  const { save, now, force } = options;
  // A script that was stopped in its middle would be lost: only NOSAVE says that this is meant.
  const busy = save === false ? null : ctx.server.scripting.slowScript;
  if (busy !== null) throw busy;
  ctx.server.host.shutdown({ save, now, force });
  return new Promise(() => undefined);
}

function handleShutdown(ctx: Context): void {
  const options = readOptions(ctx);
  if (options === null) throw SYNTAX_ERROR;
  // Anything else than ABORT waits in prepareShutdown and never comes here.
  if (!ctx.server.host.abortShutdown()) throw NO_SHUTDOWN_IN_PROGRESS;
  ctx.reply.ok();
}

export const shutdown: CommandSpec = {
  name: "SHUTDOWN",
  group: "server",
  since: "1.0.0",
  summary: "Ends the server in order: clients get their answers, the data is synced.",
  complexity: "O(N) when saving, where N is the total number of keys in all databases when saving data, otherwise O(1)",
  arity: -1,
  flags: ["admin", "noscript", "loading", "stale", "no_multi", "sentinel", "allow_busy"],
  history: [["7.0.0", "Added the `NOW`, `FORCE` and `ABORT` modifiers."]],
  args: [
    optional(oneOf("save-selector", [token("NOSAVE"), token("SAVE")])),
    { name: "now", type: "pure-token", token: "NOW", since: "7.0.0", flags: ["optional"] },
    { name: "force", type: "pure-token", token: "FORCE", since: "7.0.0", flags: ["optional"] },
    { name: "abort", type: "pure-token", token: "ABORT", since: "7.0.0", flags: ["optional"] },
  ],
  prepare: prepareShutdown,
  handler: handleShutdown,
};
