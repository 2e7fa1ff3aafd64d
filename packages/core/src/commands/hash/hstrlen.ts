/** HSTRLEN and HEXISTS: facts about one field. */
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { HASH, HashReader } from "../../types/hash.ts";
import type { Element } from "../../types/keyed-elements.ts";
import { dropDueField } from "./hash-access.ts";

/** Replies what `fact` says of the field in argument 2; 0 when there is none. */
function replyFact(ctx: Context, fact: (element: Element) => number): void {
  const { args, reply } = ctx;
  const entry = ctx.lookupRead(1, HASH);
  if (entry === null) {
    reply.integer(0);
    return;
  }
  const reader = new HashReader(ctx.keyspace, entry);
  const found = reader.find(args.buffer, args.start(2), args.end(2));
  reply.integer(found ? fact(reader.element) : 0);
  if (reader.foundDue) dropDueField(ctx, 2);
}

function handleHstrlen(ctx: Context): void {
  replyFact(ctx, (element) => element.valueLength);
}

function handleHexists(ctx: Context): void {
  replyFact(ctx, () => 1);
}

export const hstrlen: CommandSpec = {
  name: "HSTRLEN",
  group: "hash",
  since: "3.2.0",
  summary: "Tells the length in bytes of a field's value.",
  complexity: "O(1)",
  arity: 3,
  flags: ["readonly", "fast"],
  keys: [keyAt(1, "RO")],
  args: [KEY, { name: "field", type: "string" }],
  handler: handleHstrlen,
};

export const hexists: CommandSpec = {
  name: "HEXISTS",
  group: "hash",
  since: "2.0.0",
  summary: "Tells whether a field exists in a hash.",
  complexity: "O(1)",
  arity: 3,
  flags: ["readonly", "fast"],
  keys: [keyAt(1, "RO")],
  args: [KEY, { name: "field", type: "string" }],
  handler: handleHexists,
};
