/** BLPOP and BRPOP: LPOP and RPOP of the first list that has elements, waiting for one if none has. */

import { KEYS } from "../../command/arg-grammar.ts";
import { argumentRange } from "../../command/argument-range.ts";
import { readTimeout } from "../../command/block-timeout.ts";
import { type CommandSpec, keyRange } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { LIST } from "../../types/list.ts";
import { findList, giveBackPopped, limitsOf, replyElement, saveList } from "./list-access.ts";

function blockingPop(ctx: Context, head: boolean): void {
  const { args, reply } = ctx;
  const timeoutMs = readTimeout(ctx, args.count - 1);
  for (let i = 1; i < args.count - 1; i++) {
    const list = findList(ctx, i);
    if (list === null) continue;
    if (ctx.server.blocking.servesElsewhere) giveBackPopped(ctx, i, list, head, 1);
    reply.arrayHeader(2);
    reply.bulk(args.bytes(i));
    list.seek(head ? 0 : list.length - 1);
    replyElement(ctx, list);
    list.remove();
    list.convertShrunk(limitsOf(ctx));
    saveList(ctx, i, list);
    ctx.effects?.replace([head ? "LPOP" : "RPOP", args.bytes(i)]);
    ctx.notifyRemoved(NOTIFY.list, head ? "lpop" : "rpop", i, list.length === 0);
    return;
  }
  if (ctx.denyBlocking) reply.nullArray();
  else ctx.block({ type: LIST, keys: argumentRange(1, args.count - 1), timeoutMs });
}

function popSpec(name: string, summary: string, handler: CommandSpec["handler"]): CommandSpec {
  return {
    name,
    group: "list",
    since: "2.0.0",
    summary,
    complexity: "O(N) where N is the number of provided keys.",
    arity: -3,
    flags: ["write", "blocking"],
    keys: [keyRange(1, -2, 1, "RW", "access", "delete")],
    history: [["6.0.0", "`timeout` is interpreted as a double instead of an integer."]],
    args: [KEYS, { name: "timeout", type: "double" }],
    handler,
  };
}

export const blpop = popSpec("BLPOP", "Takes the first element of a list, waiting until there is one.", (ctx) =>
  blockingPop(ctx, true),
);
export const brpop = popSpec("BRPOP", "Takes the last element of a list, waiting until there is one.", (ctx) =>
  blockingPop(ctx, false),
);
