/** GETSET: SET that replies the value it replaces. */
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { NO_EXPIRY, STRING } from "../../types/string.ts";
import { replyString } from "./reply-string.ts";
import { setValue } from "./set.ts";

function handleGetset(ctx: Context): void {
  const old = ctx.lookupReplaced(1, STRING);
  if (old === null) ctx.reply.null();
  else replyString(ctx, old);
  setValue(ctx, old, 2, NO_EXPIRY);
  ctx.effects?.replaceWords(ctx.args, { 0: "SET" });
  ctx.notify(NOTIFY.string, "set", 1);
}

export const getset: CommandSpec = {
  name: "GETSET",
  group: "string",
  since: "1.0.0",
  summary: "Stores a string at a key and replies the one it replaced.",
  complexity: "O(1)",
  arity: 3,
  flags: ["write", "denyoom", "fast"],
  keys: [keyAt(1, "RW", "access", "update")],
  docFlags: ["deprecated"],
  deprecatedSince: "6.2.0",
  replacedBy: "`SET` with the `!GET` argument",
  args: [KEY, { name: "value", type: "string" }],
  handler: handleGetset,
};
