/** XAUTOCLAIM: gives the entries that have been pending for long to another consumer, walking over all of them. */

import { noKeyOrGroup, SYNTAX_ERROR, XAUTOCLAIM_COUNT, XAUTOCLAIM_MIN_IDLE } from "../../base/errors.ts";
import { KEY, optional, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { StreamCursor } from "../../types/stream-cursor.ts";
import { StreamId } from "../../types/stream-id.ts";
import { wideAdd } from "../../types/wide-count.ts";
import { findStreamGroup, readRangeStart, replyEntry, replyId, textArg } from "./stream-access.ts";
import { tellClaim, tellConsumer } from "./tell-groups.ts";
import { claimingConsumer, tellDropped } from "./xclaim.ts";

const DEFAULT_COUNT = 100;
/** A C long divided by the size of an ID. */
const COUNT_MAX = 0x7fff_ffff_ffff_ffffn / 16n;
/** Pending entries looked at for each one that may be claimed. */
const ATTEMPTS_FACTOR = 10;

interface AutoClaim {
  readonly minIdleMs: number;
  readonly from: StreamId;
  readonly count: number;
  readonly justId: boolean;
}

function readAutoClaim(ctx: Context): AutoClaim {
  const { args } = ctx;
  const minIdleMs = Math.max(0, args.clampedInt(4, XAUTOCLAIM_MIN_IDLE));
  const from = readRangeStart(ctx, 5);
  let count = DEFAULT_COUNT;
  let justId = false;
  for (let i = 6; i < args.count; i++) {
    if (args.is(i, "count") && i + 1 < args.count) {
      const n = args.int64(++i, XAUTOCLAIM_COUNT);
      if (n < 1n || n > COUNT_MAX) throw XAUTOCLAIM_COUNT;
      count = Number(n);
    } else if (args.is(i, "justid")) justId = true;
    else throw SYNTAX_ERROR;
  }
  return { minIdleMs, from, count, justId };
}

function handleXautoclaim(ctx: Context): void {
  const { keyspace, reply, nowMs } = ctx;
  const claim = readAutoClaim(ctx);
  const access = findStreamGroup(ctx);
  if (access === null) throw noKeyOrGroup(textArg(ctx, 1), textArg(ctx, 2));
  const { stream, groups, group } = access;
  const { consumer, isNew } = claimingConsumer(ctx, access);
  const deleted: StreamId[] = [];
  let attempts = claim.count * ATTEMPTS_FACTOR;
  let left = claim.count;
  let claimed = 0;
  let next = StreamId.min();
  reply.arrayHeader(3);
  const mark = reply.deferred();
  const cursor = new StreamCursor(stream);
  try {
    groups.eachPending(group, null, claim.from, (id, nack) => {
      if (attempts === 0 || left === 0) {
        next = id;
        return false;
      }
      attempts--;
      if (!cursor.find(id)) {
        tellDropped(ctx, groups, group, id.text(), nack);
        groups.removePending(group, id, nack, consumer);
        deleted.push(id);
        left--;
        return true;
      }
      if (claim.minIdleMs > 0 && nowMs - nack.deliveryMs < claim.minIdleMs) return true;
      const count = claim.justId ? nack.deliveryCount : wideAdd(nack.deliveryCount, 1);
      groups.assign(group, consumer, id, nack, nowMs, count);
      if (ctx.effects !== null) tellClaim(ctx, 1, group, group.lastId, consumer.name, id.text(), nowMs, count);
      if (claim.justId) replyId(ctx, id);
      else replyEntry(ctx, cursor);
      consumer.activeMs = nowMs;
      claimed++;
      left--;
      return true;
    });
  } finally {
    cursor.close();
  }
  if (isNew && claimed === 0) tellConsumer(ctx, 1, group, consumer);
  groups.saveConsumer(group, consumer);
  groups.save(group);
  keyspace.dirty += claimed + deleted.length;
  reply.endDeferred(mark, "array", claimed);
  const nextText = next.text();
  reply.insertRaw(mark, `$${nextText.length}\r\n${nextText}\r\n`);
  reply.arrayHeader(deleted.length);
  for (const id of deleted) replyId(ctx, id);
}

export const xautoclaim: CommandSpec = {
  name: "XAUTOCLAIM",
  group: "stream",
  since: "6.2.0",
  summary: "Gives entries that have been pending for long to another consumer of their group.",
  complexity: "O(COUNT)",
  arity: -6,
  flags: ["write", "fast"],
  keys: [keyAt(1, "RW", "delete")],
  tips: ["nondeterministic_output"],
  history: [["7.0.0", "Replies also the entries that were deleted meanwhile, which are no longer pending."]],
  args: [
    KEY,
    { name: "group", type: "string" },
    { name: "consumer", type: "string" },
    { name: "min-idle-time", type: "string" },
    { name: "start", type: "string" },
    { name: "count", type: "integer", token: "COUNT", flags: ["optional"] },
    optional(token("JUSTID")),
  ],
  handler: handleXautoclaim,
};
