/** XCLAIM: gives pending entries to another consumer. */

import {
  noKeyOrGroup,
  unknownXclaimOption,
  XCLAIM_IDLE,
  XCLAIM_MIN_IDLE,
  XCLAIM_RETRYCOUNT,
  XCLAIM_TIME,
} from "../../base/errors.ts";
import { KEY, optional, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import type { Word } from "../../command/effects.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { StreamCursor } from "../../types/stream-cursor.ts";
import { type Consumer, type Group, type Nack, type StreamGroups, UNKNOWN } from "../../types/stream-groups.ts";
import type { StreamId } from "../../types/stream-id.ts";
import { narrow, type WideCount, wideAdd } from "../../types/wide-count.ts";
import { findStreamGroup, type GroupAccess, readId, replyEntry, replyId, textArg, tryReadId } from "./stream-access.ts";
import { tellClaim, tellConsumer, tellProgress } from "./tell-groups.ts";

/** The argument of the first ID. */
const FIRST_ID = 5;

interface Claim {
  readonly minIdleMs: number;
  readonly ids: readonly StreamId[];
  readonly deliveryMs: number;
  /** UNKNOWN: not given. */
  readonly retryCount: WideCount;
  readonly force: boolean;
  readonly justId: boolean;
  readonly lastId: StreamId | null;
}

function readClaim(ctx: Context): Claim {
  const { args, nowMs } = ctx;
  const minIdleMs = Math.max(0, args.clampedInt(4, XCLAIM_MIN_IDLE));
  const ids: StreamId[] = [];
  let i = FIRST_ID;
  for (; i < args.count; i++) {
    const id = tryReadId(ctx, i);
    if (id === null) break;
    ids.push(id);
  }
  let deliveryMs = -1;
  let retryCount: WideCount = UNKNOWN;
  let force = false;
  let justId = false;
  let lastId: StreamId | null = null;
  for (; i < args.count; i++) {
    const hasMore = i + 1 < args.count;
    if (args.is(i, "force")) force = true;
    else if (args.is(i, "justid")) justId = true;
    else if (hasMore && args.is(i, "idle")) deliveryMs = nowMs - args.clampedInt(++i, XCLAIM_IDLE);
    else if (hasMore && args.is(i, "time")) deliveryMs = args.clampedInt(++i, XCLAIM_TIME);
    else if (hasMore && args.is(i, "retrycount")) {
      const count = narrow(args.int64(++i, XCLAIM_RETRYCOUNT));
      retryCount = count < 0 ? UNKNOWN : count;
    } else if (hasMore && args.is(i, "lastid")) lastId = readId(ctx, ++i);
    else throw unknownXclaimOption(textArg(ctx, i));
  }
  // Times that cannot be are taken as now, as in Redis: clients reckon with clocks of their own.
  if (deliveryMs < 0 || deliveryMs > nowMs) deliveryMs = nowMs;
  return { minIdleMs, ids, deliveryMs, retryCount, force, justId, lastId };
}

/** The consumer named by argument 3, made if it is new; it was seen now. Saved by the caller, like the group. */
export function claimingConsumer(ctx: Context, access: GroupAccess): { consumer: Consumer; isNew: boolean } {
  const { groups, group } = access;
  const name = ctx.args.copy(3);
  ctx.effects?.prevent();
  let consumer = groups.findConsumer(group, name);
  const isNew = consumer === null;
  if (consumer === null) {
    consumer = groups.createConsumer(group, name);
    ctx.keyspace.dirty++;
    ctx.notify(NOTIFY.stream, "xgroup-createconsumer", 1);
  }
  consumer.seenMs = ctx.nowMs;
  return { consumer, isNew };
}

/** A pending entry is about to go whose stream entry was deleted: a claim of it does the same. */
export function tellDropped(ctx: Context, groups: StreamGroups, group: Group, id: Word, nack: Nack): void {
  if (ctx.effects === null) return;
  const owner = groups.consumerName(group, nack.consumer);
  tellClaim(ctx, 1, group, group.lastId, owner, id, nack.deliveryMs, nack.deliveryCount);
}

function handleXclaim(ctx: Context): void {
  const { keyspace, reply } = ctx;
  const access = findStreamGroup(ctx);
  if (access === null) throw noKeyOrGroup(textArg(ctx, 1), textArg(ctx, 2));
  const claim = readClaim(ctx);
  const { stream, groups, group } = access;
  const { consumer, isNew } = claimingConsumer(ctx, access);
  let changes = 0;
  if (claim.lastId !== null && claim.lastId.compare(group.lastId) > 0) {
    group.lastId = claim.lastId;
    changes = 1;
  }
  const mark = reply.deferred();
  const cursor = new StreamCursor(stream);
  let claimed = 0;
  let removed = 0;
  try {
    for (const [i, id] of claim.ids.entries()) {
      const idBytes = ctx.args.bytes(FIRST_ID + i);
      const nack = groups.findPending(group, id);
      if (!cursor.find(id)) {
        if (nack === null) continue;
        tellDropped(ctx, groups, group, idBytes, nack);
        groups.removePending(group, id, nack, consumer);
        removed++;
        continue;
      }
      if (nack === null && !claim.force) continue;
      if (nack !== null && claim.minIdleMs > 0 && ctx.nowMs - nack.deliveryMs < claim.minIdleMs) continue;
      let count: WideCount = nack === null ? 1 : nack.deliveryCount;
      if (claim.retryCount !== UNKNOWN) count = claim.retryCount;
      else if (!claim.justId) count = wideAdd(count, 1);
      groups.assign(group, consumer, id, nack, claim.deliveryMs, count);
      if (ctx.effects !== null) {
        tellClaim(ctx, 1, group, group.lastId, consumer.name, idBytes, claim.deliveryMs, count);
      }
      if (claim.justId) replyId(ctx, id);
      else replyEntry(ctx, cursor);
      consumer.activeMs = ctx.nowMs;
      claimed++;
    }
  } finally {
    cursor.close();
  }
  if (changes > 0 && claimed + removed === 0) tellProgress(ctx, 1, group);
  if (isNew && claimed === 0) tellConsumer(ctx, 1, group, consumer);
  groups.saveConsumer(group, consumer);
  groups.save(group);
  // Redis counts the new last ID by itself only when no claimed entry tells it to replicas.
  keyspace.dirty += Math.max(changes, claimed + removed);
  reply.endDeferred(mark, "array", claimed);
}

export const xclaim: CommandSpec = {
  name: "XCLAIM",
  group: "stream",
  since: "5.0.0",
  summary: "Gives pending entries to another consumer of their group.",
  complexity: "O(log(N)) for each ID, N being the number of pending entries of the group.",
  arity: -6,
  flags: ["write", "fast"],
  keys: [keyAt(1, "RW", "update")],
  tips: ["nondeterministic_output"],
  args: [
    KEY,
    { name: "group", type: "string" },
    { name: "consumer", type: "string" },
    { name: "min-idle-time", type: "string" },
    { name: "id", type: "string", flags: ["multiple"] },
    { name: "ms", type: "integer", token: "IDLE", flags: ["optional"] },
    { name: "unix-time-milliseconds", type: "unix-time", token: "TIME", flags: ["optional"] },
    { name: "count", type: "integer", token: "RETRYCOUNT", flags: ["optional"] },
    optional(token("FORCE")),
    optional(token("JUSTID")),
    { name: "lastid", type: "string", token: "LASTID", flags: ["optional"] },
  ],
  handler: handleXclaim,
};
