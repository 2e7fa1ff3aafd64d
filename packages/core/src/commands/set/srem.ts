import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { SET } from "../../types/set.ts";
import { editSet } from "./set-access.ts";

function handleSrem(ctx: Context): void {
  const { args } = ctx;
  const old = ctx.lookupWrite(1, SET);
  if (old === null) {
    ctx.reply.integer(0);
    return;
  }
  const set = editSet(ctx, 1, old);
  let removed = 0;
  for (let i = 2; i < args.count && set.size > 0; i++) {
    if (set.remove(args.buffer, args.start(i), args.end(i))) removed++;
  }
  set.finish();
  if (removed > 0) ctx.notifyRemoved(NOTIFY.set, "srem", 1, set.size === 0);
  if (removed > 1) ctx.keyspace.dirty += removed - 1;
  ctx.reply.integer(removed);
}

export const srem: CommandSpec = {
  name: "SREM",
  group: "set",
  since: "1.0.0",
  summary: "Removes members from a set, and the set with the last one.",
  complexity: "O(N), N being the number of members to remove.",
  arity: -3,
  flags: ["write", "fast"],
  keys: [keyAt(1, "RW", "delete")],
  history: [["2.4.0", "Accepts multiple `member` arguments."]],
  args: [KEY, { name: "member", type: "string", flags: ["multiple"] }],
  handler: handleSrem,
};
