/** CLIENT REPLY, NO-EVICT and NO-TOUCH: switches of one connection. */

import { SYNTAX_ERROR } from "../../base/errors.ts";
import { oneOf, token } from "../../command/arg-grammar.ts";
import { REPLY_MODE } from "../../command/client.ts";
import type { ArgSpec, CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";

function handleReply(ctx: Context): void {
  const { args, client } = ctx;
  if (args.is(2, "on")) {
    client.replyMode = REPLY_MODE.on;
    ctx.reply.ok();
  } else if (args.is(2, "off")) {
    client.replyMode = REPLY_MODE.off;
  } else if (args.is(2, "skip")) {
    if (client.replyMode !== REPLY_MODE.off) client.replyMode = REPLY_MODE.skipNext;
  } else throw SYNTAX_ERROR;
}

function readSwitch(ctx: Context): boolean {
  if (ctx.args.is(2, "on")) return true;
  if (ctx.args.is(2, "off")) return false;
  throw SYNTAX_ERROR;
}

function handleNoEvict(ctx: Context): void {
  ctx.client.noEvict = readSwitch(ctx);
  ctx.reply.ok();
}

function handleNoTouch(ctx: Context): void {
  ctx.client.noTouch = readSwitch(ctx);
  ctx.reply.ok();
}

const ON_OFF: ArgSpec = oneOf("enabled", [token("ON"), token("OFF")]);

export const clientReply: CommandSpec = {
  name: "REPLY",
  group: "connection",
  since: "3.2.0",
  summary: "Turns answers on or off, or off for the next command.",
  complexity: "O(1)",
  arity: 3,
  flags: ["noscript", "loading", "stale"],
  args: [oneOf("action", [token("ON"), token("OFF"), token("SKIP")])],
  handler: handleReply,
};

export const clientNoEvict: CommandSpec = {
  name: "NO-EVICT",
  group: "connection",
  since: "7.0.0",
  summary: "Keeps the connection out of client eviction.",
  complexity: "O(1)",
  arity: 3,
  flags: ["admin", "noscript", "loading", "stale"],
  args: [ON_OFF],
  handler: handleNoEvict,
};

export const clientNoTouch: CommandSpec = {
  name: "NO-TOUCH",
  group: "connection",
  since: "7.2.0",
  summary: "Keeps the connection's reads from counting as use of the keys.",
  complexity: "O(1)",
  arity: 3,
  flags: ["noscript", "loading", "stale"],
  args: [ON_OFF],
  handler: handleNoTouch,
};
