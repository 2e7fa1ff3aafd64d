import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { HASH, HashReader } from "../../types/hash.ts";
import { dropDueField, replyFieldValue } from "./hash-access.ts";

function handleHmget(ctx: Context): void {
  const { args, reply } = ctx;
  const entry = ctx.lookupRead(1, HASH);
  reply.arrayHeader(args.count - 2);
  if (entry === null) {
    for (let i = 2; i < args.count; i++) reply.null();
    return;
  }
  const reader = new HashReader(ctx.keyspace, entry);
  const due: number[] = [];
  for (let i = 2; i < args.count; i++) {
    reader.foundDue = false;
    if (reader.find(args.buffer, args.start(i), args.end(i))) replyFieldValue(ctx, entry.generation, reader.element);
    else {
      reply.null();
      if (reader.foundDue) due.push(i);
    }
  }
  for (const i of due) dropDueField(ctx, i);
}

export const hmget: CommandSpec = {
  name: "HMGET",
  group: "hash",
  since: "2.0.0",
  summary: "Reads the values of several fields of a hash.",
  complexity: "O(N), N being the number of fields asked for.",
  arity: -3,
  flags: ["readonly", "fast"],
  keys: [keyAt(1, "RO", "access")],
  args: [KEY, { name: "field", type: "string", flags: ["multiple"] }],
  handler: handleHmget,
};
