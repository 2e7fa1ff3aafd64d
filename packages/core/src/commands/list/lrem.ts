/** LREM and LTRIM. */
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import type { List } from "../../types/list.ts";
import { clampRange, findList, limitsOf, saveList } from "./list-access.ts";

/** Removes up to `limit` (0: all) elements that equal argument 3, seen from one end; returns how many. */
function removeEqual(ctx: Context, list: List, limit: number, fromTail: boolean): number {
  const { args } = ctx;
  const start = args.start(3);
  const end = args.end(3);
  let removed = 0;
  let found = list.seek(fromTail ? list.length - 1 : 0);
  while (found && (limit === 0 || removed < limit)) {
    if (!list.equals(args.buffer, start, end)) {
      found = fromTail ? list.prev() : list.next();
      continue;
    }
    const at = list.index;
    found = list.remove();
    removed++;
    if (fromTail) found = at > 0 && list.seek(at - 1);
  }
  return removed;
}

function handleLrem(ctx: Context): void {
  const count = ctx.args.clampedInt(2);
  const list = findList(ctx, 1);
  if (list === null) {
    ctx.reply.integer(0);
    return;
  }
  const removed = removeEqual(ctx, list, Math.abs(count), count < 0);
  if (removed > 0) {
    list.convertShrunk(limitsOf(ctx));
    saveList(ctx, 1, list);
    ctx.notifyRemoved(NOTIFY.list, "lrem", 1, list.length === 0);
    ctx.keyspace.dirty += removed - 1;
  } else list.release();
  ctx.reply.integer(removed);
}

function handleLtrim(ctx: Context): void {
  const { args } = ctx;
  const start = args.clampedInt(2);
  const stop = args.clampedInt(3);
  const list = findList(ctx, 1);
  if (list !== null) {
    const { length } = list;
    const { dirty } = ctx.keyspace;
    const { from, count } = clampRange(start, stop, length);
    list.keepRange(from, count);
    list.convertShrunk(limitsOf(ctx));
    saveList(ctx, 1, list);
    // The key counts as touched even when nothing was removed, but then there is no change to tell.
    ctx.keyspace.dirty = dirty + length - count;
    ctx.notifyRemoved(NOTIFY.list, "ltrim", 1, list.length === 0);
  }
  ctx.reply.ok();
}

export const lrem: CommandSpec = {
  name: "LREM",
  group: "list",
  since: "1.0.0",
  summary: "Removes elements that equal a value.",
  complexity: "O(N+M) where N is the length of the list and M is the number of elements removed.",
  arity: 4,
  flags: ["write"],
  keys: [keyAt(1, "RW", "delete")],
  args: [KEY, { name: "count", type: "integer" }, { name: "element", type: "string" }],
  handler: handleLrem,
};

export const ltrim: CommandSpec = {
  name: "LTRIM",
  group: "list",
  since: "1.0.0",
  summary: "Keeps a range of a list and removes the rest.",
  complexity: "O(N) where N is the number of elements to be removed by the operation.",
  arity: 4,
  flags: ["write"],
  keys: [keyAt(1, "RW", "delete")],
  args: [KEY, { name: "start", type: "integer" }, { name: "stop", type: "integer" }],
  handler: handleLtrim,
};
