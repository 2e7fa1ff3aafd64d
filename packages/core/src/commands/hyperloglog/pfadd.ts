import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { HyperLogLog } from "../../types/hyperloglog.ts";
import { STRING } from "../../types/string.ts";
import { checkHll, maxSparseBytes, readHll, saveHll } from "./hll-access.ts";

function handlePfadd(ctx: Context): void {
  const { args, keyspace, reply } = ctx;
  const old = ctx.lookupWrite(1, STRING);
  const hll = old === null ? HyperLogLog.create() : readHll(ctx, old);
  const maxSparse = maxSparseBytes(ctx);
  let updates = old === null ? 1 : 0;
  for (let i = 2; i < args.count; i++) {
    if (checkHll(hll.add(args.buffer, args.start(i), args.end(i), maxSparse))) updates++;
  }
  if (updates > 0) {
    hll.invalidate();
    saveHll(ctx, 1, old, hll);
    keyspace.dirty += updates - 1;
    ctx.notify(NOTIFY.string, "pfadd", 1);
  }
  reply.integer(updates > 0 ? 1 : 0);
}

export const pfadd: CommandSpec = {
  name: "PFADD",
  group: "hyperloglog",
  since: "2.8.9",
  summary: "Adds elements to a HyperLogLog, made if it is missing.",
  complexity: "O(1) to add every element.",
  arity: -2,
  flags: ["write", "denyoom", "fast"],
  keys: [keyAt(1, "RW", "insert")],
  args: [KEY, { name: "element", type: "string", flags: ["optional", "multiple"] }],
  handler: handlePfadd,
};
