/** The arguments of XREAD and XREADGROUP. */
import {
  blockInScript,
  GROUP_ONLY_XREADGROUP,
  INVALID_TIMEOUT,
  NEGATIVE_TIMEOUT,
  NOACK_ONLY_XREADGROUP,
  SYNTAX_ERROR,
  TIMEOUT_OUT_OF_RANGE,
  unbalancedStreams,
  XREADGROUP_WITHOUT_GROUP,
} from "../../base/errors.ts";
import { INT64_MAX } from "../../base/numbers.ts";
import type { Context } from "../../command/context.ts";
import { textArg } from "./stream-access.ts";

export interface ReadArgs {
  readonly isGroup: boolean;
  /** Arguments with the names of the group and the consumer. */
  readonly groupAt: number;
  readonly consumerAt: number;
  readonly noAck: boolean;
  /** 0: no limit. */
  readonly count: number;
  /** Milliseconds, 0 for ever, -1: do not block. */
  readonly blockMs: number;
  /** The first key; the ID of the key in argument `i` is in argument `i + streams`. */
  readonly firstKey: number;
  readonly streams: number;
}

export function readReadArgs(ctx: Context, isGroup: boolean): ReadArgs {
  const { args } = ctx;
  let groupAt = 0;
  let noAck = false;
  let count = 0;
  let blockMs = -1;
  let firstKey = 0;
  for (let i = 1; i < args.count && firstKey === 0; i++) {
    const more = args.count - i - 1;
    if (more > 0 && args.is(i, "block")) {
      if (ctx.inScript) throw blockInScript(textArg(ctx, 0));
      blockMs = readTimeout(ctx, ++i);
    } else if (more > 0 && args.is(i, "count")) count = Math.max(0, args.clampedInt(++i));
    else if (more > 0 && args.is(i, "streams")) {
      firstKey = i + 1;
      if (more % 2 !== 0) throw unbalancedStreams(ctx.command.fullName, isGroup ? ">" : "$");
    } else if (more > 1 && args.is(i, "group")) {
      if (!isGroup) throw GROUP_ONLY_XREADGROUP;
      groupAt = i + 1;
      i += 2;
    } else if (args.is(i, "noack")) {
      if (!isGroup) throw NOACK_ONLY_XREADGROUP;
      noAck = true;
    } else throw SYNTAX_ERROR;
  }
  if (firstKey === 0) throw SYNTAX_ERROR;
  if (isGroup && groupAt === 0) throw XREADGROUP_WITHOUT_GROUP;
  const streams = (args.count - firstKey) / 2;
  return { isGroup, groupAt, consumerAt: groupAt + 1, noAck, count, blockMs, firstKey, streams };
}

/** Redis' getTimeoutFromObjectOrReply in milliseconds. */
function readTimeout(ctx: Context, i: number): number {
  const ms = ctx.args.int64(i, INVALID_TIMEOUT);
  if (ms < 0n) throw NEGATIVE_TIMEOUT;
  if (ms > INT64_MAX - BigInt(ctx.nowMs)) throw TIMEOUT_OUT_OF_RANGE;
  return Number(ms);
}
