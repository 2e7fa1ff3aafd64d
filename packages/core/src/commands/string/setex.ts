/** SETEX and PSETEX: SET with an expiry as their second argument. */
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { EXPIRY, exactDeadline, readExpiry } from "./expiry.ts";
import { setValue, tellSetAt } from "./set.ts";

function setExpiring(ctx: Context, word: number): void {
  const expireAtMs = readExpiry(ctx, 2, word);
  if (ctx.effects !== null) tellSetAt(ctx, 3, exactDeadline(ctx, 2, word));
  setValue(ctx, ctx.lookupWrite(1), 3, expireAtMs);
  ctx.notify(NOTIFY.string, "set", 1);
  ctx.notify(NOTIFY.generic, "expire", 1);
  ctx.reply.ok();
}

function handleSetex(ctx: Context): void {
  setExpiring(ctx, EXPIRY.ex);
}

function handlePsetex(ctx: Context): void {
  setExpiring(ctx, EXPIRY.px);
}

export const setex: CommandSpec = {
  name: "SETEX",
  group: "string",
  since: "2.0.0",
  summary: "Stores a string at a key, to expire after some seconds.",
  complexity: "O(1)",
  arity: 4,
  flags: ["write", "denyoom"],
  keys: [keyAt(1, "OW", "update")],
  docFlags: ["deprecated"],
  deprecatedSince: "2.6.12",
  replacedBy: "`SET` with the `EX` argument",
  args: [KEY, { name: "seconds", type: "integer" }, { name: "value", type: "string" }],
  handler: handleSetex,
};

export const psetex: CommandSpec = {
  name: "PSETEX",
  group: "string",
  since: "2.6.0",
  summary: "Stores a string at a key, to expire after some milliseconds.",
  complexity: "O(1)",
  arity: 4,
  flags: ["write", "denyoom"],
  keys: [keyAt(1, "OW", "update")],
  docFlags: ["deprecated"],
  deprecatedSince: "2.6.12",
  replacedBy: "`SET` with the `PX` argument",
  args: [KEY, { name: "milliseconds", type: "integer" }, { name: "value", type: "string" }],
  handler: handlePsetex,
};
