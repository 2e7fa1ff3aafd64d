/** SCAN: the cursor is a place in the order of the keys' hashes, so every process understands it. */

import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { endScan, readScanCursor, readScanOptions } from "../../command/scan-args.ts";
import { typeName } from "../../keyspace/entry.ts";
import { type KeyVisitor, scanKeys } from "../../keyspace/scan.ts";

function handleScan(ctx: Context): void {
  const { reply } = ctx;
  const from = readScanCursor(ctx, 1);
  const { count, pattern, type } = readScanOptions(ctx, 2, true);
  const mark = reply.deferred();
  let found = 0;
  const visit: KeyVisitor = (key, start, end, entry) => {
    if (type === null || typeName(entry.type) === type) {
      reply.bulk(key, start, end);
      found++;
    }
    return true;
  };
  const next = scanKeys(ctx.keyspace, ctx.client.db, from, count, visit, pattern);
  endScan(reply, mark, next, found);
}

export const scan: CommandSpec = {
  name: "SCAN",
  group: "generic",
  since: "2.8.0",
  summary: "Walks over the names of the database's keys, some at a time.",
  complexity: "O(1) per call; O(N) for a whole walk, N being the number of keys.",
  arity: -2,
  flags: ["readonly", "touches_arbitrary_keys"],
  tips: ["nondeterministic_output", "request_policy:special", "response_policy:special"],
  history: [["6.0.0", "Added the `TYPE` subcommand."]],
  args: [
    { name: "cursor", type: "integer" },
    { name: "pattern", type: "pattern", token: "MATCH", flags: ["optional"] },
    { name: "count", type: "integer", token: "COUNT", flags: ["optional"] },
    { name: "type", type: "string", token: "TYPE", since: "6.0.0", flags: ["optional"] },
  ],
  handler: handleScan,
};
