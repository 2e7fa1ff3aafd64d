/** ZPOPMIN and ZPOPMAX. */

import { MUST_BE_POSITIVE, SYNTAX_ERROR } from "../../base/errors.ts";
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { longArgFrom } from "./range-args.ts";
import { firstPoppable, zpopGeneric } from "./zpop-generic.ts";

function zpop(ctx: Context, isMax: boolean): void {
  const { args, reply } = ctx;
  if (args.count > 3) throw SYNTAX_ERROR;
  const hasCount = args.count === 3;
  const count = hasCount ? longArgFrom(ctx, 2, 0, MUST_BE_POSITIVE) : 1;
  if (firstPoppable(ctx, 1, 2) === 0 || count === 0) {
    reply.arrayHeader(0);
    return;
  }
  zpopGeneric(ctx, 1, { isMax, count, withKey: false, isNested: hasCount && reply.resp > 2 });
}

function handleZpopmin(ctx: Context): void {
  zpop(ctx, false);
}

function handleZpopmax(ctx: Context): void {
  zpop(ctx, true);
}

export const zpopmin: CommandSpec = {
  name: "ZPOPMIN",
  group: "sorted-set",
  since: "5.0.0",
  summary: "Takes the members with the lowest scores.",
  complexity: "O(log(N)*M), N being the number of members and M that of those taken.",
  arity: -2,
  flags: ["write", "fast"],
  keys: [keyAt(1, "RW", "access", "delete")],
  args: [KEY, { name: "count", type: "integer", flags: ["optional"] }],
  handler: handleZpopmin,
};
export const zpopmax: CommandSpec = {
  name: "ZPOPMAX",
  group: "sorted-set",
  since: "5.0.0",
  summary: "Takes the members with the highest scores.",
  complexity: "O(log(N)*M), N being the number of members and M that of those taken.",
  arity: -2,
  flags: ["write", "fast"],
  keys: [keyAt(1, "RW", "access", "delete")],
  args: [KEY, { name: "count", type: "integer", flags: ["optional"] }],
  handler: handleZpopmax,
};
