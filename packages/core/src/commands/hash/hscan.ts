/** HSCAN: a small hash comes whole; the cursor of a large one is a place in the order of its fields' hashes. */
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { readScanCursor, readScanOptions } from "../../command/scan-args.ts";
import { replyScan } from "../../command/scan-reply.ts";
import { HASH, scanHash } from "../../types/hash.ts";
import { replyField, replyFieldValue } from "./hash-access.ts";

function handleHscan(ctx: Context): void {
  const from = readScanCursor(ctx, 2);
  const entry = ctx.lookupRead(1, HASH);
  if (entry === null) {
    replyScan(ctx, () => 0);
    return;
  }
  const { count, pattern } = readScanOptions(ctx, 3, false);
  replyScan(ctx, (found) =>
    scanHash(ctx.keyspace, entry, from, count, (element) => {
      if (pattern !== null && !pattern.matches(element.member, element.memberStart, element.memberEnd)) return;
      replyField(ctx, element);
      replyFieldValue(ctx, entry.generation, element);
      found(2);
    }),
  );
}

export const hscan: CommandSpec = {
  name: "HSCAN",
  group: "hash",
  since: "2.8.0",
  summary: "Walks over the fields of a hash, some at a time.",
  complexity: "O(1) per call; O(N) for a whole walk, N being the number of fields.",
  arity: -3,
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access")],
  tips: ["nondeterministic_output"],
  args: [
    KEY,
    { name: "cursor", type: "integer" },
    { name: "pattern", type: "pattern", token: "MATCH", flags: ["optional"] },
    { name: "count", type: "integer", token: "COUNT", flags: ["optional"] },
  ],
  handler: handleHscan,
};
