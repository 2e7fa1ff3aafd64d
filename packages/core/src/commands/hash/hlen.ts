/** HLEN: fields that are due but not deleted yet count, as in Redis 7.4. */
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { HASH, hashLength } from "../../types/hash.ts";

function handleHlen(ctx: Context): void {
  const entry = ctx.lookupRead(1, HASH);
  ctx.reply.integer(entry === null ? 0 : hashLength(ctx.keyspace, entry));
}

export const hlen: CommandSpec = {
  name: "HLEN",
  group: "hash",
  since: "2.0.0",
  summary: "Counts the fields of a hash.",
  complexity: "O(1)",
  arity: 2,
  flags: ["readonly", "fast"],
  keys: [keyAt(1, "RO")],
  args: [KEY],
  handler: handleHlen,
};
