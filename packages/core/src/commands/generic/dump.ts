import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { dumpPayload } from "../../rdb/dump-payload.ts";
import { valueLimits } from "./value-limits.ts";

function handleDump(ctx: Context): void {
  const entry = ctx.lookupRead(1);
  if (entry === null) {
    ctx.reply.null();
    return;
  }
  const compresses = ctx.server.config.boolean("rdbcompression");
  ctx.reply.bulk(dumpPayload(ctx.keyspace, entry, valueLimits(ctx), compresses));
}

export const dump: CommandSpec = {
  name: "DUMP",
  group: "generic",
  since: "2.6.0",
  summary: "Returns a value in a form that RESTORE reads.",
  complexity: "O(N*M), N being the number of elements and M their mean size.",
  arity: 2,
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access")],
  tips: ["nondeterministic_output"],
  args: [KEY],
  handler: handleDump,
};
