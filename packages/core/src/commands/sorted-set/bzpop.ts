/** BZPOPMIN and BZPOPMAX: ZPOPMIN and ZPOPMAX of the first set that has members, waiting for one if none has. */
import { KEYS } from "../../command/arg-grammar.ts";
import { argumentRange } from "../../command/argument-range.ts";
import { readTimeout } from "../../command/block-timeout.ts";
import { type CommandSpec, keyRange } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { ZSET } from "../../types/zset.ts";
import { firstPoppable, zpopGeneric } from "./zpop-generic.ts";

function blockingPop(ctx: Context, isMax: boolean): void {
  const { args } = ctx;
  const end = args.count - 1;
  const timeoutMs = readTimeout(ctx, end);
  const key = firstPoppable(ctx, 1, end);
  if (key !== 0) {
    zpopGeneric(ctx, key, { isMax, count: 1, withKey: true, isNested: false });
    ctx.effects?.replace([isMax ? "ZPOPMAX" : "ZPOPMIN", args.bytes(key)]);
  } else if (ctx.denyBlocking) ctx.reply.nullArray();
  else ctx.block({ type: ZSET, keys: argumentRange(1, end), timeoutMs });
}

function popSpec(name: string, summary: string, isMax: boolean): CommandSpec {
  return {
    name,
    group: "sorted-set",
    since: "5.0.0",
    summary,
    complexity: "O(log(N)), N being the number of members.",
    arity: -3,
    flags: ["write", "fast", "blocking"],
    keys: [keyRange(1, -2, 1, "RW", "access", "delete")],
    history: [["6.0.0", "`timeout` is interpreted as a double instead of an integer."]],
    args: [KEYS, { name: "timeout", type: "double" }],
    handler: (ctx) => blockingPop(ctx, isMax),
  };
}

export const bzpopmin = popSpec(
  "BZPOPMIN",
  "Takes the member with the lowest score, waiting until there is one.",
  false,
);
export const bzpopmax = popSpec(
  "BZPOPMAX",
  "Takes the member with the highest score, waiting until there is one.",
  true,
);
