/** PFCOUNT: of one key from its cached cardinality, which it renews; of several keys that of their union. */
import { KEYS } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyRange } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { RUN_IN_WRITE } from "../../command/run-in-write.ts";
import { countRegisters, REGISTERS } from "../../types/hyperloglog.ts";
import { STRING } from "../../types/string.ts";
import { checkHll, readHll, saveHll } from "./hll-access.ts";

function handlePfcount(ctx: Context): void {
  const { args, reply } = ctx;
  if (args.count > 2) {
    reply.integer(countRegisters(mergeKeys(ctx).registers));
    return;
  }
  const entry = ctx.lookupRead(1, STRING);
  if (entry === null) {
    reply.integer(0);
    return;
  }
  const hll = readHll(ctx, entry);
  const { cached } = hll;
  if (cached !== null) {
    reply.integer(cached);
    return;
  }
  const { inWriteTxn } = ctx.keyspace.store;
  // Among other reads (EXEC, scripts) the cache is left as it is, so that they need no lock.
  if (!inWriteTxn && !ctx.denyBlocking) throw RUN_IN_WRITE;
  const count = checkHll(hll.count());
  if (inWriteTxn) {
    hll.cached = count;
    saveHll(ctx, 1, entry, hll);
  }
  reply.integer(count);
}

/** The highest value of each register over all keys, and whether one of them is dense. */
export function mergeKeys(ctx: Context): { registers: Uint8Array; anyDense: boolean } {
  const registers = new Uint8Array(REGISTERS);
  let anyDense = false;
  for (let i = 1; i < ctx.args.count; i++) {
    const entry = ctx.lookupRead(i, STRING);
    if (entry === null) continue;
    const hll = readHll(ctx, entry);
    if (hll.isDense) anyDense = true;
    checkHll(hll.mergeInto(registers) ? registers : null);
  }
  return { registers, anyDense };
}

export const pfcount: CommandSpec = {
  name: "PFCOUNT",
  group: "hyperloglog",
  since: "2.8.9",
  summary: "Estimates how many different elements were added to HyperLogLogs.",
  complexity: "O(1) for one key; O(N) with a large constant for N keys.",
  arity: -2,
  flags: ["readonly", "may_replicate"],
  keys: [{ ...keyRange(1, -1, 1, "RW", "access"), notes: "RW since the cached cardinality may be renewed" }],
  args: [KEYS],
  handler: handlePfcount,
};
