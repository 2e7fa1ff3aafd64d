/** LSET and LINSERT. */

import { INDEX_OUT_OF_RANGE, NO_SUCH_KEY, SYNTAX_ERROR } from "../../base/errors.ts";
import { KEY, oneOf, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { findList, leaveList, limitsOf, saveList } from "./list-access.ts";

function handleLset(ctx: Context): void {
  const { args } = ctx;
  const list = findList(ctx, 1);
  if (list === null) throw NO_SUCH_KEY;
  const index = args.clampedInt(2);
  const at = index < 0 ? index + list.length : index;
  list.convertGrowing(limitsOf(ctx), 1, args.length(3));
  if (at < 0 || at >= list.length) {
    leaveList(ctx, 1, list);
    throw INDEX_OUT_OF_RANGE;
  }
  list.set(at, args.buffer, args.start(3), args.end(3));
  list.convertShrunk(limitsOf(ctx));
  saveList(ctx, 1, list);
  ctx.notify(NOTIFY.list, "lset", 1);
  ctx.reply.ok();
}

function handleLinsert(ctx: Context): void {
  const { args, reply } = ctx;
  const isBefore = args.is(2, "before");
  if (!isBefore && !args.is(2, "after")) throw SYNTAX_ERROR;
  const list = findList(ctx, 1);
  if (list === null) {
    reply.integer(0);
    return;
  }
  list.convertGrowing(limitsOf(ctx), 1, args.length(4));
  let found = list.seek(0);
  while (found && !list.equals(args.buffer, args.start(3), args.end(3))) found = list.next();
  if (!found) {
    leaveList(ctx, 1, list);
    reply.integer(-1);
    return;
  }
  list.insert(list.index, !isBefore, args.buffer, args.start(4), args.end(4));
  const { length } = list;
  saveList(ctx, 1, list);
  ctx.notify(NOTIFY.list, "linsert", 1);
  reply.integer(length);
}

export const lset: CommandSpec = {
  name: "LSET",
  group: "list",
  since: "1.0.0",
  summary: "Replaces the element at an index of a list.",
  complexity: "O(log N) where N is the length of the list.",
  arity: 4,
  flags: ["write", "denyoom"],
  keys: [keyAt(1, "RW", "update")],
  args: [KEY, { name: "index", type: "integer" }, { name: "element", type: "string" }],
  handler: handleLset,
};

export const linsert: CommandSpec = {
  name: "LINSERT",
  group: "list",
  since: "2.2.0",
  summary: "Inserts an element before or after another one.",
  complexity: "O(N) where N is the number of elements before the pivot.",
  arity: 5,
  flags: ["write", "denyoom"],
  keys: [keyAt(1, "RW", "insert")],
  args: [
    KEY,
    oneOf("where", [token("BEFORE"), token("AFTER")]),
    { name: "pivot", type: "string" },
    { name: "element", type: "string" },
  ],
  handler: handleLinsert,
};
