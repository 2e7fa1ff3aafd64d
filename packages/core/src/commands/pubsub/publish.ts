/** PUBLISH and SPUBLISH. */
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";

export const publish: CommandSpec = {
  name: "PUBLISH",
  group: "pubsub",
  since: "2.0.0",
  summary: "Sends a message to the subscribers of a channel, on all processes.",
  complexity:
    "O(N+M) where N is the number of clients subscribed to the receiving channel and M is the total number of subscribed patterns (by any client).",
  arity: 3,
  flags: ["pubsub", "loading", "stale", "fast", "may_replicate", "sentinel"],
  args: [
    { name: "channel", type: "string" },
    { name: "message", type: "string" },
  ],
  handler: (ctx) => ctx.reply.integer(ctx.server.pubsub.publish("channel", ctx.args.copy(1), ctx.args.copy(2))),
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
  args: [
    { name: "shardchannel", type: "string" },
    { name: "message", type: "string" },
  ],
  handler: (ctx) => ctx.reply.integer(ctx.server.pubsub.publish("shard", ctx.args.copy(1), ctx.args.copy(2))),
};
