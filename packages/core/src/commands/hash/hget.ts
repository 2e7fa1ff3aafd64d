import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { HASH, HashReader } from "../../types/hash.ts";
import { dropDueField, replyFieldValue } from "./hash-access.ts";

function handleHget(ctx: Context): void {
  const { args, reply } = ctx;
  const entry = ctx.lookupRead(1, HASH);
  if (entry === null) {
    reply.null();
    return;
  }
  const reader = new HashReader(ctx.keyspace, entry);
  if (reader.find(args.buffer, args.start(2), args.end(2))) replyFieldValue(ctx, entry.generation, reader.element);
  else {
    reply.null();
    if (reader.foundDue) dropDueField(ctx, 2);
  }
}

export const hget: CommandSpec = {
  name: "HGET",
  group: "hash",
  since: "2.0.0",
  summary: "Reads the value of a field of a hash.",
  complexity: "O(1)",
  arity: 3,
  flags: ["readonly", "fast"],
  keys: [keyAt(1, "RO", "access")],
  args: [KEY, { name: "field", type: "string" }],
  handler: handleHget,
};
