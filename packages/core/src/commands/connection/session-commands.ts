/** ECHO, SELECT, QUIT and RESET: small commands on the connection's own state. */
import { DB_INDEX_OUT_OF_RANGE } from "../../base/errors.ts";
import { REPLY_MODE } from "../../command/client.ts";
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { forgetWatches } from "../../keyspace/watch.ts";

function handleEcho(ctx: Context): void {
  ctx.reply.bulk(ctx.args.buffer, ctx.args.start(1), ctx.args.end(1));
}

function handleSelect(ctx: Context): void {
  const index = ctx.args.int32(1);
  if (index < 0 || index >= ctx.keyspace.databases.count) throw DB_INDEX_OUT_OF_RANGE;
  ctx.client.db = index;
  ctx.reply.ok();
}

function handleQuit(ctx: Context): void {
  ctx.reply.ok();
  ctx.client.closeAfterReply = true;
}

/** Everything a client can set on its connection goes back to what a new connection has. */
function handleReset(ctx: Context): void {
  const { client } = ctx;
  client.multi = null;
  forgetWatches(client, ctx.server.counters);
  ctx.server.pubsub.unsubscribeAll(client);
  ctx.server.monitors.remove(client);
  ctx.server.tracking.disable(client);
  client.db = 0;
  client.resp = 2;
  client.name = "";
  // A reply that CLIENT REPLY SKIP was to keep back is kept back, this one included.
  if (client.replyMode !== REPLY_MODE.skipping) client.replyMode = REPLY_MODE.on;
  client.noEvict = false;
  client.noTouch = false;
  client.user = "default";
  client.authenticated = !ctx.server.passwordRequired;
  ctx.reply.resp = 2;
  ctx.reply.simple("RESET");
}

export const echo: CommandSpec = {
  name: "ECHO",
  group: "connection",
  since: "1.0.0",
  summary: "Answers the given message.",
  complexity: "O(1)",
  arity: 2,
  flags: ["loading", "stale", "fast"],
  args: [{ name: "message", type: "string" }],
  handler: handleEcho,
};

export const select: CommandSpec = {
  name: "SELECT",
  group: "connection",
  since: "1.0.0",
  summary: "Chooses the connection's database.",
  complexity: "O(1)",
  arity: 2,
  flags: ["loading", "stale", "fast"],
  args: [{ name: "index", type: "integer" }],
  handler: handleSelect,
};

export const quit: CommandSpec = {
  name: "QUIT",
  group: "connection",
  since: "1.0.0",
  summary: "Closes the connection after the answers that are due.",
  complexity: "O(1)",
  arity: -1,
  flags: ["noscript", "loading", "stale", "fast", "no_auth", "allow_busy"],
  docFlags: ["deprecated"],
  deprecatedSince: "7.2.0",
  replacedBy: "just closing the connection",
  runsInMulti: true,
  inSubscriberMode: true,
  handler: handleQuit,
};

export const reset: CommandSpec = {
  name: "RESET",
  group: "connection",
  since: "6.2.0",
  summary: "Puts the connection back into its first state.",
  complexity: "O(1)",
  arity: 1,
  flags: ["noscript", "loading", "stale", "fast", "no_auth", "allow_busy"],
  runsInMulti: true,
  inSubscriberMode: true,
  handler: handleReset,
};
