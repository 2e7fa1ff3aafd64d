/** SSCAN: a small set comes whole; the cursor of a large one is a place in the order of its members' hashes. */
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { readScanCursor, readScanOptions } from "../../command/scan-args.ts";
import { replyScan } from "../../command/scan-reply.ts";
import { SET, scanSet } from "../../types/set.ts";

function handleSscan(ctx: Context): void {
  const from = readScanCursor(ctx, 2);
  const entry = ctx.lookupRead(1, SET);
  if (entry === null) {
    replyScan(ctx, () => 0);
    return;
  }
  const { count, pattern } = readScanOptions(ctx, 3, false);
  replyScan(ctx, (found) =>
    scanSet(ctx.keyspace, entry, from, count, (b, start, end) => {
      if (pattern !== null && !pattern.matches(b, start, end)) return;
      ctx.reply.bulkFromStore(b, start, end);
      found(1);
    }),
  );
}

export const sscan: CommandSpec = {
  name: "SSCAN",
  group: "set",
  since: "2.8.0",
  summary: "Walks over the members of a set, some at a time.",
  complexity: "O(1) per call; O(N) for a whole walk, N being the number of members.",
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
  handler: handleSscan,
};
