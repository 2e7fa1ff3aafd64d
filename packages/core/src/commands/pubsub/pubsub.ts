/** PUBSUB: who listens to what, over all processes. */

import { subcommandSyntax } from "../../base/errors.ts";
import { GlobPattern } from "../../base/glob.ts";
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { replyHelp } from "../../command/help-reply.ts";
import type { SubscriptionKind } from "../../command/pubsub.ts";

const HELP = [
  "CHANNELS [<pattern>]",
  "    List the channels that have subscribers and match a pattern (default: all).",
  "NUMPAT",
  "    Tell how many different patterns are subscribed to.",
  "NUMSUB [<channel> ...]",
  "    Tell the number of subscribers of channels, those of patterns not counted.",
  "SHARDCHANNELS [<pattern>]",
  "    List the shard channels that have subscribers and match a pattern (default: all).",
  "SHARDNUMSUB [<shardchannel> ...]",
  "    Tell the number of subscribers of shard channels.",
];

function replyChannels(ctx: Context, kind: SubscriptionKind): void {
  const { args, reply } = ctx;
  if (args.count > 3) throw subcommandSyntax("PUBSUB", args.latin1(1));
  const pattern = args.count === 3 ? new GlobPattern(args.bytes(2)) : null;
  const names = ctx.server.pubsub.names(kind).map((channel) => Buffer.from(channel, "latin1"));
  const matching = names.filter((channel) => pattern === null || pattern.matches(channel, 0, channel.length));
  reply.arrayHeader(matching.length);
  for (const channel of matching) reply.bulk(channel);
}

function replyCounts(ctx: Context, kind: SubscriptionKind): void {
  const { args, reply } = ctx;
  reply.arrayHeader((args.count - 2) * 2);
  for (let i = 2; i < args.count; i++) {
    reply.bulk(args.bytes(i));
    reply.integer(ctx.server.pubsub.countOf(kind, args.latin1(i)));
  }
}

const channels: CommandSpec = {
  name: "CHANNELS",
  group: "pubsub",
  since: "2.8.0",
  summary: "Lists the channels that have subscribers.",
  complexity:
    "O(N) where N is the number of active channels, and assuming constant time pattern matching (relatively short channels and patterns)",
  arity: -2,
  flags: ["pubsub", "loading", "stale"],
  args: [{ name: "pattern", type: "pattern", flags: ["optional"] }],
  handler: (ctx) => replyChannels(ctx, "channel"),
};

const numpat: CommandSpec = {
  name: "NUMPAT",
  group: "pubsub",
  since: "2.8.0",
  summary: "Tells how many different patterns are subscribed to.",
  complexity: "O(1)",
  arity: 2,
  flags: ["pubsub", "loading", "stale"],
  handler: (ctx) => ctx.reply.integer(ctx.server.pubsub.names("pattern").length),
};

const numsub: CommandSpec = {
  name: "NUMSUB",
  group: "pubsub",
  since: "2.8.0",
  summary: "Tells the number of subscribers of channels.",
  complexity: "O(N) for the NUMSUB subcommand, where N is the number of requested channels",
  arity: -2,
  flags: ["pubsub", "loading", "stale"],
  args: [{ name: "channel", type: "string", flags: ["optional", "multiple"] }],
  handler: (ctx) => replyCounts(ctx, "channel"),
};

const shardchannels: CommandSpec = {
  name: "SHARDCHANNELS",
  group: "pubsub",
  since: "7.0.0",
  summary: "Lists the shard channels that have subscribers.",
  complexity:
    "O(N) where N is the number of active shard channels, and assuming constant time pattern matching (relatively short shard channels).",
  arity: -2,
  flags: ["pubsub", "loading", "stale"],
  args: [{ name: "pattern", type: "pattern", flags: ["optional"] }],
  handler: (ctx) => replyChannels(ctx, "shard"),
};

const shardnumsub: CommandSpec = {
  name: "SHARDNUMSUB",
  group: "pubsub",
  since: "7.0.0",
  summary: "Tells the number of subscribers of shard channels.",
  complexity: "O(N) for the SHARDNUMSUB subcommand, where N is the number of requested shard channels",
  arity: -2,
  flags: ["pubsub", "loading", "stale"],
  args: [{ name: "shardchannel", type: "string", flags: ["optional", "multiple"] }],
  handler: (ctx) => replyCounts(ctx, "shard"),
};

const help: CommandSpec = {
  name: "HELP",
  group: "pubsub",
  noGroupCategory: true,
  since: "6.2.0",
  summary: "Explains the subcommands.",
  complexity: "O(1)",
  arity: 2,
  flags: ["loading", "stale"],
  handler: (ctx) => replyHelp(ctx, HELP),
};

export const pubsub: CommandSpec = {
  name: "PUBSUB",
  group: "pubsub",
  since: "2.8.0",
  summary: "Container of the commands about subscriptions.",
  complexity: "Depends on subcommand.",
  arity: -2,
  flags: [],
  // Never reached: without a subcommand the arity check answers.
  handler: (ctx) => replyHelp(ctx, HELP),
  subcommands: [channels, help, numpat, numsub, shardchannels, shardnumsub],
};
