import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { ZSET, Zset } from "../../types/zset.ts";

function handleZrem(ctx: Context): void {
  const { args, reply } = ctx;
  const entry = ctx.lookupWrite(1, ZSET);
  if (entry === null) {
    reply.integer(0);
    return;
  }
  const zset = new Zset(ctx.keyspace, entry);
  let removed = 0;
  for (let i = 2; i < args.count && zset.length > 0; i++) {
    if (zset.remove(args.buffer, args.start(i), args.end(i))) removed++;
  }
  if (removed > 0) {
    zset.save(ctx.client.db, args.buffer, args.start(1), args.end(1));
    ctx.notifyRemoved(NOTIFY.zset, "zrem", 1, zset.length === 0);
  }
  zset.release();
  reply.integer(removed);
}

export const zrem: CommandSpec = {
  name: "ZREM",
  group: "sorted-set",
  since: "1.2.0",
  summary: "Removes members; the key goes with the last.",
  complexity: "O(M*log(N)), N being the number of members and M that of those removed.",
  arity: -3,
  flags: ["write", "fast"],
  keys: [keyAt(1, "RW", "delete")],
  history: [["2.4.0", "Accepts multiple elements."]],
  args: [KEY, { name: "member", type: "string", flags: ["multiple"] }],
  handler: handleZrem,
};
