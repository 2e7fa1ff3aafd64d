/** HDEL: fields that are due but not deleted yet count as deleted, as in Redis 7.4. */
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { editHash } from "./hash-access.ts";

function handleHdel(ctx: Context): void {
  const { args } = ctx;
  const hash = editHash(ctx);
  let deleted = 0;
  for (let i = 2; i < args.count && hash.size > 0; i++) {
    if (hash.delete(args.buffer, args.start(i), args.end(i))) deleted++;
  }
  hash.finish();
  if (deleted > 0) ctx.notifyRemoved(NOTIFY.hash, "hdel", 1, hash.size === 0);
  if (deleted > 1) ctx.keyspace.dirty += deleted - 1;
  ctx.reply.integer(deleted);
}

export const hdel: CommandSpec = {
  name: "HDEL",
  group: "hash",
  since: "2.0.0",
  summary: "Deletes fields of a hash, and the hash with the last one.",
  complexity: "O(N), N being the number of fields to delete.",
  arity: -3,
  flags: ["write", "fast"],
  keys: [keyAt(1, "RW", "delete")],
  history: [["2.4.0", "Accepts multiple `field` arguments."]],
  args: [KEY, { name: "field", type: "string", flags: ["multiple"] }],
  handler: handleHdel,
};
