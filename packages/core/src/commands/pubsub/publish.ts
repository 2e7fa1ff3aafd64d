/** PUBLISH and SPUBLISH. */
import { type Client, REPLY_MODE } from "../../command/client.ts";
import { type Access, type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import type { Services } from "../../command/services.ts";
import { PROPAGATE } from "../../ports/op-log.ts";
import type { Args } from "../../resp/args.ts";

/** Messages take their place among the writes when there are replicas to be told. */
function accessOfPublish(_client: Client, _args: Args, server: Services): Access {
  return server.effects === null ? "none" : "write";
}

function handlePublish(ctx: Context, kind: "channel" | "shard"): void {
  const { args, client } = ctx;
  ctx.effects?.force(PROPAGATE.replicas);
  const { pubsub } = ctx.server;
  const [channel, message] = [args.copy(1), args.copy(2)];
  const mayWait = !ctx.inScript && !ctx.denyBlocking && client.replyMode === REPLY_MODE.on;
  const count = mayWait ? pubsub.publishFor(client, kind, channel, message) : pubsub.publish(kind, channel, message);
  if (count !== null) ctx.reply.integer(count);
}

export const publish: CommandSpec = {
  name: "PUBLISH",
  group: "pubsub",
  since: "2.0.0",
  summary: "Sends a message to the subscribers of a channel, on all processes.",
  complexity:
    "O(N+M) where N is the number of clients subscribed to the receiving channel and M is the total number of subscribed patterns (by any client).",
  arity: 3,
  flags: ["pubsub", "loading", "stale", "fast", "may_replicate", "sentinel"],
  channels: { areMany: false, arePatterns: false },
  args: [
    { name: "channel", type: "string" },
    { name: "message", type: "string" },
  ],
  accessBy: accessOfPublish,
  handler: (ctx) => handlePublish(ctx, "channel"),
};

export const spublish: CommandSpec = {
  name: "SPUBLISH",
  group: "pubsub",
  since: "7.0.0",
  summary: "Sends a message to the subscribers of a shard channel, on all processes.",
  complexity: "O(N) where N is the number of clients subscribed to the receiving shard channel.",
  arity: 3,
  flags: ["pubsub", "loading", "stale", "fast", "may_replicate"],
  keys: [keyAt(1, "not_key")],
  channels: { areMany: false, arePatterns: false },
  args: [
    { name: "shardchannel", type: "string" },
    { name: "message", type: "string" },
  ],
  accessBy: accessOfPublish,
  handler: (ctx) => handlePublish(ctx, "shard"),
};
