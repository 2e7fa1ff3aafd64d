import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { SET } from "../../types/set.ts";
import { extendSet } from "./set-access.ts";

function handleSadd(ctx: Context): void {
  const { args } = ctx;
  const old = ctx.lookupWrite(1, SET);
  const set = extendSet(ctx, 1, old, 2, args.count - 2);
  if (old !== null) set.prepare(args.count - 2);
  let added = 0;
  for (let i = 2; i < args.count; i++) if (set.add(args.buffer, args.start(i), args.end(i))) added++;
  set.finish();
  if (added > 0) ctx.notify(NOTIFY.set, "sadd", 1);
  if (added > 1) ctx.keyspace.dirty += added - 1;
  ctx.reply.integer(added);
}

export const sadd: CommandSpec = {
  name: "SADD",
  group: "set",
  since: "1.0.0",
  summary: "Adds members to a set, creating the set if need be.",
  complexity: "O(1) per member.",
  arity: -3,
  flags: ["write", "denyoom", "fast"],
  keys: [keyAt(1, "RW", "insert")],
  history: [["2.4.0", "Accepts multiple `member` arguments."]],
  args: [KEY, { name: "member", type: "string", flags: ["multiple"] }],
  handler: handleSadd,
};
