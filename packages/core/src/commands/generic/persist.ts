import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NO_EXPIRY } from "../../keyspace/entry.ts";

function handlePersist(ctx: Context): void {
  const { args, keyspace, reply } = ctx;
  const entry = ctx.lookupWrite(1);
  if (entry === null || entry.expireAtMs === NO_EXPIRY) {
    reply.integer(0);
    return;
  }
  keyspace.setExpiry(ctx.client.db, args.buffer, args.start(1), args.end(1), entry, NO_EXPIRY);
  reply.integer(1);
}

export const persist: CommandSpec = {
  name: "PERSIST",
  group: "generic",
  since: "2.2.0",
  summary: "Takes the expiry off a key.",
  complexity: "O(1)",
  arity: 2,
  flags: ["write", "fast"],
  keys: [keyAt(1, "RW", "update")],
  args: [{ name: "key", type: "key", keySpecIndex: 0 }],
  handler: handlePersist,
};
