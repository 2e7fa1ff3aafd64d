/** XINFO: its container, CONSUMERS, GROUPS and HELP. */

import { NO_SUCH_KEY, noConsumerGroup } from "../../base/errors.ts";
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { replyHelp } from "../../command/help-reply.ts";
import { STREAM, Stream } from "../../types/stream.ts";
import { StreamGroups, UNKNOWN } from "../../types/stream-groups.ts";
import { replyProgress } from "./group-progress.ts";
import { replyId, textArg } from "./stream-access.ts";
import { xinfoStream } from "./xinfo-stream.ts";

/** The stream at argument 2; throws when there is none. */
function infoStream(ctx: Context): Stream {
  const entry = ctx.lookupRead(2, STREAM);
  if (entry === null) throw NO_SUCH_KEY;
  return new Stream(ctx.keyspace, entry);
}

function handleConsumers(ctx: Context): void {
  const { args, reply, nowMs } = ctx;
  const groups = new StreamGroups(infoStream(ctx).rows);
  const group = groups.find(args.copy(3));
  if (group === null) throw noConsumerGroup(textArg(ctx, 3), textArg(ctx, 2));
  const consumers = groups.allConsumers(group);
  reply.arrayHeader(consumers.length);
  for (const { name, pending, seenMs, activeMs } of consumers) {
    reply.mapHeader(4);
    reply.bulkText("name");
    reply.bulk(name);
    reply.bulkText("pending");
    reply.integer(pending);
    reply.bulkText("idle");
    reply.integer(Math.max(0, nowMs - seenMs));
    reply.bulkText("inactive");
    reply.integer(activeMs === UNKNOWN ? UNKNOWN : nowMs - activeMs);
  }
}

function handleGroups(ctx: Context): void {
  const { reply } = ctx;
  const stream = infoStream(ctx);
  const groups = new StreamGroups(stream.rows).all();
  reply.arrayHeader(groups.length);
  for (const group of groups) {
    reply.mapHeader(6);
    reply.bulkText("name");
    reply.bulk(group.name);
    reply.bulkText("consumers");
    reply.integer(group.consumers);
    reply.bulkText("pending");
    reply.integer(group.pending);
    reply.bulkText("last-delivered-id");
    replyId(ctx, group.lastId);
    replyProgress(ctx, stream, group);
  }
}

const HELP = [
  "CONSUMERS <key> <groupname>",
  "    Show consumers of <groupname>.",
  "GROUPS <key>",
  "    Show the stream consumer groups.",
  "STREAM <key> [FULL [COUNT <count>]",
  "    Show information about the stream.",
];

function handleHelp(ctx: Context): void {
  replyHelp(ctx, HELP);
}

export const xinfo: CommandSpec = {
  name: "XINFO",
  group: "stream",
  since: "5.0.0",
  summary: "Container of the commands that describe streams.",
  complexity: "Depends on subcommand.",
  arity: -2,
  flags: [],
  handler: handleHelp,
  subcommands: [
    {
      name: "CONSUMERS",
      group: "stream",
      since: "5.0.0",
      summary: "Describes the consumers of a group.",
      complexity: "O(N), N being the number of consumers.",
      arity: 4,
      flags: ["readonly"],
      keys: [keyAt(2, "RO", "access")],
      tips: ["nondeterministic_output"],
      history: [["7.2.0", "Added the `inactive` field."]],
      args: [KEY, { name: "group", type: "string" }],
      handler: handleConsumers,
    },
    {
      name: "GROUPS",
      group: "stream",
      since: "5.0.0",
      summary: "Describes the consumer groups of a stream.",
      complexity: "O(N), N being the number of groups.",
      arity: 3,
      flags: ["readonly"],
      keys: [keyAt(2, "RO", "access")],
      history: [["7.0.0", "Added the `entries-read` and `lag` fields."]],
      args: [KEY],
      handler: handleGroups,
    },
    {
      name: "HELP",
      group: "stream",
      since: "5.0.0",
      summary: "Explains the subcommands.",
      complexity: "O(1)",
      arity: 2,
      flags: ["loading", "stale"],
      handler: handleHelp,
    },
    xinfoStream,
  ],
};
