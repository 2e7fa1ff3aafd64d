/** XPENDING: what was delivered to a group and not acknowledged. */

import { noKeyOrGroup, SYNTAX_ERROR } from "../../base/errors.ts";
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import type { Group, StreamGroups } from "../../types/stream-groups.ts";
import type { StreamId } from "../../types/stream-id.ts";
import { findGroup, readRangeEnd, readRangeStart, replyId, textArg } from "./stream-access.ts";

interface PendingRange {
  readonly minIdleMs: number;
  readonly from: StreamId;
  readonly to: StreamId;
  readonly count: number;
  /** Argument with the consumer's name; 0: of all consumers. */
  readonly consumerAt: number;
}

function readPendingRange(ctx: Context): PendingRange {
  const { args } = ctx;
  if (args.count < 6 || args.count > 9) throw SYNTAX_ERROR;
  let at = 3;
  let minIdleMs = 0;
  if (args.is(3, "idle")) {
    minIdleMs = args.clampedInt(4);
    if (args.count < 8) throw SYNTAX_ERROR;
    at = 5;
  }
  const count = Math.max(0, args.clampedInt(at + 2));
  const from = readRangeStart(ctx, at);
  const to = readRangeEnd(ctx, at + 1);
  return { minIdleMs, from, to, count, consumerAt: at + 3 < args.count ? at + 3 : 0 };
}

function handleXpending(ctx: Context): void {
  const range = ctx.args.count === 3 ? null : readPendingRange(ctx);
  const found = findGroup(ctx);
  if (found === null) throw noKeyOrGroup(textArg(ctx, 1), textArg(ctx, 2));
  if (range === null) replySummary(ctx, found.groups, found.group);
  else replyRange(ctx, found.groups, found.group, range);
}

function replySummary(ctx: Context, groups: StreamGroups, group: Group): void {
  const { reply } = ctx;
  reply.arrayHeader(4);
  reply.integer(group.pending);
  if (group.pending === 0) {
    reply.null();
    reply.null();
    reply.nullArray();
    return;
  }
  replyId(ctx, groups.edgePending(group, false));
  replyId(ctx, groups.edgePending(group, true));
  const consumers = groups.allConsumers(group).filter((consumer) => consumer.pending > 0);
  reply.arrayHeader(consumers.length);
  for (const { name, pending } of consumers) {
    reply.arrayHeader(2);
    reply.bulk(name);
    reply.bulkNumber(pending);
  }
}

function replyRange(ctx: Context, groups: StreamGroups, group: Group, range: PendingRange): void {
  const { args, reply, nowMs } = ctx;
  const { minIdleMs, from, to, count, consumerAt } = range;
  const consumer = consumerAt === 0 ? null : groups.findConsumer(group, args.copy(consumerAt));
  if (count === 0 || (consumerAt !== 0 && consumer === null)) {
    reply.arrayHeader(0);
    return;
  }
  const mark = reply.deferred();
  let n = 0;
  groups.eachPending(group, consumer, from, (id, nack) => {
    if (id.compare(to) > 0) return false;
    const idleMs = nowMs - nack.deliveryMs;
    if (minIdleMs !== 0 && idleMs < minIdleMs) return true;
    reply.arrayHeader(4);
    replyId(ctx, id);
    reply.bulk(groups.consumerName(group, nack.consumer));
    reply.integer(Math.max(0, idleMs));
    reply.integer(nack.deliveryCount);
    n++;
    return n < count;
  });
  reply.endDeferred(mark, "array", n);
}

export const xpending: CommandSpec = {
  name: "XPENDING",
  group: "stream",
  since: "5.0.0",
  summary: "Tells which entries were delivered to a group and not acknowledged.",
  complexity:
    "O(N), N being the number of entries replied, or looked at with IDLE; for the summary the number of consumers.",
  arity: -3,
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access")],
  tips: ["nondeterministic_output"],
  history: [["6.2.0", "Added the `IDLE` option and exclusive ends."]],
  args: [
    KEY,
    { name: "group", type: "string" },
    {
      name: "filters",
      type: "block",
      flags: ["optional"],
      args: [
        { name: "min-idle-time", type: "integer", token: "IDLE", since: "6.2.0", flags: ["optional"] },
        { name: "start", type: "string" },
        { name: "end", type: "string" },
        { name: "count", type: "integer" },
        { name: "consumer", type: "string", flags: ["optional"] },
      ],
    },
  ],
  handler: handleXpending,
};
