/** LMPOP: takes elements off the first list that has any. */

import { COUNT_NOT_POSITIVE, NUMKEYS_NOT_POSITIVE, SYNTAX_ERROR } from "../../base/errors.ts";
import { KEYS, oneOf, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyNum } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { countedKeys } from "../../command/counted-keys.ts";
import { findList, giveBackPopped, readEnd, replyPopped } from "./list-access.ts";

export interface Pop {
  /** The keys are the arguments `[firstKey, endKey)`. */
  readonly firstKey: number;
  readonly endKey: number;
  readonly head: boolean;
  readonly count: number;
}

/** Reads what LMPOP and BLMPOP are told from the number of keys in argument `from` on. */
export function readPop(ctx: Context, from: number): Pop {
  const { args } = ctx;
  const numKeys = args.countOrMax(from, NUMKEYS_NOT_POSITIVE, 1);
  const firstKey = from + 1;
  const where = firstKey + numKeys;
  if (where >= args.count) throw SYNTAX_ERROR;
  const head = readEnd(ctx, where);
  if (where + 1 === args.count) return { firstKey, endKey: where, head, count: 1 };
  if (!args.is(where + 1, "count") || where + 2 >= args.count) throw SYNTAX_ERROR;
  const count = args.countOrMax(where + 2, COUNT_NOT_POSITIVE, 1);
  if (where + 3 !== args.count) throw SYNTAX_ERROR;
  return { firstKey, endKey: where, head, count };
}

/** Takes from the first of the lists that has elements and replies; false when none has any. */
export function popFirst(ctx: Context, pop: Pop): boolean {
  const { args, reply } = ctx;
  for (let i = pop.firstKey; i < pop.endKey; i++) {
    const list = findList(ctx, i);
    if (list === null) continue;
    if (ctx.server.blocking.servesElsewhere) giveBackPopped(ctx, i, list, pop.head, pop.count);
    reply.arrayHeader(2);
    reply.bulk(args.bytes(i));
    ctx.effects?.replace([pop.head ? "LPOP" : "RPOP", args.bytes(i), Math.min(pop.count, list.length)]);
    replyPopped(ctx, i, list, pop.head, pop.count);
    return true;
  }
  return false;
}

function handleLmpop(ctx: Context): void {
  if (!popFirst(ctx, readPop(ctx, 1))) ctx.reply.nullArray();
}

export const lmpop: CommandSpec = {
  name: "LMPOP",
  group: "list",
  since: "7.0.0",
  summary: "Takes elements off an end of the first list that is not empty.",
  complexity: "O(N+M) where N is the number of provided keys and M is the number of elements returned.",
  arity: -4,
  flags: ["write"],
  keys: [keyNum(1, "RW", "access", "delete")],
  keysBy: countedKeys(1),
  args: [
    { name: "numkeys", type: "integer" },
    KEYS,
    oneOf("where", [token("LEFT"), token("RIGHT")]),
    { name: "count", type: "integer", token: "COUNT", flags: ["optional"] },
  ],
  handler: handleLmpop,
};
