/** WAIT and WAITAOF of a server without replicas: nothing ever acknowledges, so the timeout answers. */
import { errorReply, INVALID_TIMEOUT, MUST_BE_POSITIVE, NEGATIVE_TIMEOUT, NOT_AN_INTEGER } from "../../base/errors.ts";
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";

const TIMEOUT_OUT_OF_RANGE = errorReply("ERR timeout is out of range");
const NOT_ZERO_OR_ONE = errorReply("ERR value is out of range, value must between 0 and 1");
const APPEND_ONLY_DISABLED = errorReply("ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.");
const INT64_MAX = 2n ** 63n - 1n;

function readTimeoutMs(ctx: Context, i: number): number {
  const ms = ctx.args.int64(i, INVALID_TIMEOUT);
  if (ms < 0n) throw NEGATIVE_TIMEOUT;
  if (ms > INT64_MAX - BigInt(ctx.nowMs)) throw TIMEOUT_OUT_OF_RANGE;
  return Number(ms);
}

function handleWait(ctx: Context): void {
  const replicas = ctx.args.int64(1, NOT_AN_INTEGER);
  const timeoutMs = readTimeoutMs(ctx, 2);
  if (replicas <= 0n || ctx.denyBlocking) ctx.reply.integer(0);
  else ctx.block({ type: 0, keys: [], timeoutMs, timeoutReply: ":0\r\n" });
}

function handleWaitaof(ctx: Context): void {
  const local = ctx.args.int64(1, NOT_AN_INTEGER);
  if (local < 0n || local > 1n) throw NOT_ZERO_OR_ONE;
  const replicas = ctx.args.int64(2, NOT_AN_INTEGER);
  if (replicas < 0n) throw MUST_BE_POSITIVE;
  const timeoutMs = readTimeoutMs(ctx, 3);
  if (local > 0n) throw APPEND_ONLY_DISABLED;
  if (replicas === 0n || ctx.denyBlocking) {
    ctx.reply.arrayHeader(2);
    ctx.reply.integer(0);
    ctx.reply.integer(0);
  } else ctx.block({ type: 0, keys: [], timeoutMs, timeoutReply: "*2\r\n:0\r\n:0\r\n" });
}

export const wait: CommandSpec = {
  name: "WAIT",
  group: "generic",
  since: "3.0.0",
  summary: "Waits until so many replicas have the connection's writes.",
  complexity: "O(1)",
  arity: 3,
  flags: [],
  aclExtra: ["connection"],
  noGroupCategory: true,
  tips: ["request_policy:all_shards", "response_policy:agg_min"],
  args: [
    { name: "numreplicas", type: "integer" },
    { name: "timeout", type: "integer" },
  ],
  handler: handleWait,
};

export const waitaof: CommandSpec = {
  name: "WAITAOF",
  group: "generic",
  since: "7.2.0",
  summary: "Waits until the connection's writes are in the append-only files, here and on so many replicas.",
  complexity: "O(1)",
  arity: 4,
  flags: ["noscript"],
  aclExtra: ["connection"],
  noGroupCategory: true,
  tips: ["request_policy:all_shards", "response_policy:agg_min"],
  args: [
    { name: "numlocal", type: "integer" },
    { name: "numreplicas", type: "integer" },
    { name: "timeout", type: "integer" },
  ],
  handler: handleWaitaof,
};
