/** ZRANK and ZREVRANK: the place of a member. */

import { SYNTAX_ERROR, wrongArity } from "../../base/errors.ts";
import { KEY, optional, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { ZSET, Zset } from "../../types/zset.ts";

function zrankGeneric(ctx: Context, isReverse: boolean): void {
  const { args, reply } = ctx;
  if (args.count > 4) throw wrongArity(ctx.command.fullName);
  const withScore = args.count === 4;
  if (withScore && !args.is(3, "withscore")) throw SYNTAX_ERROR;
  const entry = ctx.lookupRead(1, ZSET);
  const zset = entry === null ? null : new Zset(ctx.keyspace, entry);
  const score = zset === null ? Number.NaN : zset.score(args.buffer, args.start(2), args.end(2));
  if (zset === null || Number.isNaN(score)) {
    if (withScore) reply.nullArray();
    else reply.null();
  } else {
    const rank = zset.rank(score, args.buffer, args.start(2), args.end(2));
    if (withScore) reply.arrayHeader(2);
    reply.integer(isReverse ? zset.length - 1 - rank : rank);
    if (withScore) reply.double(score);
  }
  zset?.release();
}

function handleZrank(ctx: Context): void {
  zrankGeneric(ctx, false);
}

function handleZrevrank(ctx: Context): void {
  zrankGeneric(ctx, true);
}

export const zrank: CommandSpec = {
  name: "ZRANK",
  group: "sorted-set",
  since: "2.0.0",
  summary: "Tells how many members are before one, in the order of the scores.",
  complexity: "O(log(N)), N being the number of members.",
  arity: -3,
  flags: ["readonly", "fast"],
  keys: [keyAt(1, "RO", "access")],
  history: [["7.2.0", "Added the optional `WITHSCORE` argument."]],
  args: [KEY, { name: "member", type: "string" }, optional(token("WITHSCORE"))],
  handler: handleZrank,
};
export const zrevrank: CommandSpec = {
  name: "ZREVRANK",
  group: "sorted-set",
  since: "2.0.0",
  summary: "Tells how many members are before one, the highest score first.",
  complexity: "O(log(N)), N being the number of members.",
  arity: -3,
  flags: ["readonly", "fast"],
  keys: [keyAt(1, "RO", "access")],
  history: [["7.2.0", "Added the optional `WITHSCORE` argument."]],
  args: [KEY, { name: "member", type: "string" }, optional(token("WITHSCORE"))],
  handler: handleZrevrank,
};
