import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { findGroup, readIds } from "./stream-access.ts";

function handleXack(ctx: Context): void {
  const { keyspace, reply } = ctx;
  const found = findGroup(ctx);
  if (found === null) {
    reply.integer(0);
    return;
  }
  const { groups, group } = found;
  let acknowledged = 0;
  for (const id of readIds(ctx, 3)) {
    const nack = groups.findPending(group, id);
    if (nack === null) continue;
    groups.removePending(group, id, nack, null);
    acknowledged++;
  }
  if (acknowledged > 0) {
    groups.save(group);
    keyspace.dirty += acknowledged;
  }
  reply.integer(acknowledged);
}

export const xack: CommandSpec = {
  name: "XACK",
  group: "stream",
  since: "5.0.0",
  summary: "Takes entries that were dealt with off a group's pending entries.",
  complexity: "O(1) for each ID.",
  arity: -4,
  flags: ["write", "fast"],
  keys: [keyAt(1, "RW", "update")],
  args: [KEY, { name: "group", type: "string" }, { name: "id", type: "string", flags: ["multiple"] }],
  handler: handleXack,
};
