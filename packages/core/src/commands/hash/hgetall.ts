/** HGETALL, HKEYS and HVALS: one walk over the hash, the reply being the only thing that grows. */
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { HASH, hashLength, walkHash } from "../../types/hash.ts";
import { isDue } from "../../types/keyed-elements.ts";
import { replyField, replyFieldValue } from "./hash-access.ts";

function getAllGeneric(ctx: Context, fields: boolean, values: boolean): void {
  const { reply, keyspace } = ctx;
  const kind = fields && values ? "map" : "array";
  const entry = ctx.lookupRead(1, HASH);
  if (entry === null) {
    writeHeader(ctx, kind, 0);
    return;
  }
  // With due fields the number to come is not known.
  const exact = !isDue(keyspace, entry.memberExpireAtMs);
  const mark = reply.deferred();
  if (exact) writeHeader(ctx, kind, hashLength(keyspace, entry));
  let count = 0;
  walkHash(keyspace, entry, values, (element) => {
    if (fields) replyField(ctx, element);
    if (values) replyFieldValue(ctx, entry.generation, element);
    count++;
  });
  if (!exact) reply.endDeferred(mark, kind, count);
}

function writeHeader(ctx: Context, kind: "map" | "array", count: number): void {
  if (kind === "map") ctx.reply.mapHeader(count);
  else ctx.reply.arrayHeader(count);
}

function handleHgetall(ctx: Context): void {
  getAllGeneric(ctx, true, true);
}

function handleHkeys(ctx: Context): void {
  getAllGeneric(ctx, true, false);
}

function handleHvals(ctx: Context): void {
  getAllGeneric(ctx, false, true);
}

export const hgetall: CommandSpec = {
  name: "HGETALL",
  group: "hash",
  since: "2.0.0",
  summary: "Reads all fields of a hash with their values.",
  complexity: "O(N), N being the number of fields.",
  arity: 2,
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access")],
  tips: ["nondeterministic_output_order"],
  args: [KEY],
  handler: handleHgetall,
};

export const hkeys: CommandSpec = {
  name: "HKEYS",
  group: "hash",
  since: "2.0.0",
  summary: "Lists the names of all fields of a hash.",
  complexity: "O(N), N being the number of fields.",
  arity: 2,
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access")],
  tips: ["nondeterministic_output_order"],
  args: [KEY],
  handler: handleHkeys,
};

export const hvals: CommandSpec = {
  name: "HVALS",
  group: "hash",
  since: "2.0.0",
  summary: "Lists the values of all fields of a hash.",
  complexity: "O(N), N being the number of fields.",
  arity: 2,
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access")],
  tips: ["nondeterministic_output_order"],
  args: [KEY],
  handler: handleHvals,
};
