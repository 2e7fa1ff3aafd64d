/** LPOP and RPOP. */

import { MUST_BE_POSITIVE, wrongArity } from "../../base/errors.ts";
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { findList, limitsOf, replyElement, replyPopped, saveList } from "./list-access.ts";

function popGeneric(ctx: Context, head: boolean): void {
  const { args, reply } = ctx;
  if (args.count > 3) throw wrongArity(ctx.command.fullName);
  const hasCount = args.count === 3;
  const count = hasCount ? args.countOrMax(2, MUST_BE_POSITIVE) : 1;
  const list = findList(ctx, 1);
  if (list === null) {
    if (hasCount) reply.nullArray();
    else reply.null();
    return;
  }
  if (hasCount && count > 0) {
    replyPopped(ctx, 1, list, head, count);
    return;
  }
  if (hasCount) {
    list.release();
    reply.arrayHeader(0);
    return;
  }
  list.seek(head ? 0 : list.length - 1);
  replyElement(ctx, list);
  list.remove();
  list.convertShrunk(limitsOf(ctx));
  saveList(ctx, 1, list);
  ctx.notifyRemoved(NOTIFY.list, head ? "lpop" : "rpop", 1, list.length === 0);
}

function popSpec(name: string, summary: string, handler: CommandSpec["handler"]): CommandSpec {
  return {
    name,
    group: "list",
    since: "1.0.0",
    summary,
    complexity: "O(N) where N is the number of elements returned",
    arity: -2,
    flags: ["write", "fast"],
    keys: [keyAt(1, "RW", "access", "delete")],
    history: [["6.2.0", "Added the `count` argument."]],
    args: [KEY, { name: "count", type: "integer", since: "6.2.0", flags: ["optional"] }],
    handler,
  };
}

export const lpop = popSpec("LPOP", "Takes elements off the head of a list.", (ctx) => popGeneric(ctx, true));
export const rpop = popSpec("RPOP", "Takes elements off the tail of a list.", (ctx) => popGeneric(ctx, false));
