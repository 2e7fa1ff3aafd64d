import { type CommandSpec, keyAt, keyRange } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { HyperLogLog, REGISTERS } from "../../types/hyperloglog.ts";
import { STRING } from "../../types/string.ts";
import { checkHll, maxSparseBytes, readHll, saveHll } from "./hll-access.ts";
import { mergeKeys } from "./pfcount.ts";

function handlePfmerge(ctx: Context): void {
  const { registers, anyDense } = mergeKeys(ctx);
  const old = ctx.lookupWrite(1, STRING);
  const hll = old === null ? HyperLogLog.create() : readHll(ctx, old);
  if (anyDense) checkHll(hll.toDense() ? hll : null);
  const maxSparse = maxSparseBytes(ctx);
  for (let i = 0; i < REGISTERS; i++) {
    const value = registers[i] as number;
    if (value > 0) hll.raise(i, value, maxSparse);
  }
  hll.invalidate();
  saveHll(ctx, 1, old, hll);
  ctx.notify(NOTIFY.string, "pfadd", 1);
  ctx.reply.ok();
}

export const pfmerge: CommandSpec = {
  name: "PFMERGE",
  group: "hyperloglog",
  since: "2.8.9",
  summary: "Merges HyperLogLogs into one.",
  complexity: "O(N) to merge N HyperLogLogs, with a large constant.",
  arity: -2,
  flags: ["write", "denyoom"],
  keys: [keyAt(1, "RW", "access", "insert"), keyRange(2, -1, 1, "RO", "access")],
  args: [
    { name: "destkey", type: "key", keySpecIndex: 0 },
    { name: "sourcekey", type: "key", keySpecIndex: 1, flags: ["optional", "multiple"] },
  ],
  handler: handlePfmerge,
};
