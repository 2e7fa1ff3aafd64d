/** ZINTER, ZINTERSTORE and ZINTERCARD. */

import { KEYS, optional, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt, keyNum } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { countedKeys } from "../../command/counted-keys.ts";
import { zsetInter, zsetInterCount } from "../../types/zset-combine.ts";
import { replyCombined, storeCombined } from "./zcombine.ts";
import { readCombineArgs, releaseInputs } from "./zcombine-args.ts";
import { WEIGHTS_AND_AGGREGATE } from "./zset-grammar.ts";

function handleZinter(ctx: Context): void {
  replyCombined(ctx, true, ({ inputs, aggregate }) => zsetInter(ctx.keyspace, inputs, aggregate));
}

function handleZinterstore(ctx: Context): void {
  storeCombined(ctx, true, ({ inputs, aggregate }) => zsetInter(ctx.keyspace, inputs, aggregate));
}

function handleZintercard(ctx: Context): void {
  const { inputs, limit } = readCombineArgs(ctx, 1, { hasWeights: false, hasScores: false, hasLimit: true });
  const count = zsetInterCount(ctx.keyspace, inputs, limit);
  releaseInputs(inputs);
  ctx.reply.integer(count);
}

export const zinter: CommandSpec = {
  name: "ZINTER",
  group: "sorted-set",
  since: "6.2.0",
  summary: "Replies the members that all of several sorted sets have.",
  complexity:
    "O(N*K)+O(M*log(M)) at worst, N being the size of the smallest input, K the number of inputs and M that of members in the result.",
  arity: -3,
  flags: ["readonly"],
  keys: [keyNum(1, "RO", "access")],
  keysBy: countedKeys(1),
  args: [{ name: "numkeys", type: "integer" }, KEYS, ...WEIGHTS_AND_AGGREGATE, optional(token("WITHSCORES"))],
  handler: handleZinter,
};
export const zinterstore: CommandSpec = {
  name: "ZINTERSTORE",
  group: "sorted-set",
  since: "2.0.0",
  summary: "Stores the members that all of several sorted sets have.",
  complexity:
    "O(N*K)+O(M*log(M)) at worst, N being the size of the smallest input, K the number of inputs and M that of members in the result.",
  arity: -4,
  flags: ["write", "denyoom"],
  keys: [keyAt(1, "OW", "update"), keyNum(2, "RO", "access")],
  keysBy: countedKeys(2, 1),
  args: [
    { name: "destination", type: "key", keySpecIndex: 0 },
    { name: "numkeys", type: "integer" },
    { name: "key", type: "key", keySpecIndex: 1, flags: ["multiple"] },
    ...WEIGHTS_AND_AGGREGATE,
  ],
  handler: handleZinterstore,
};
export const zintercard: CommandSpec = {
  name: "ZINTERCARD",
  group: "sorted-set",
  since: "7.0.0",
  summary: "Counts the members that all of several sorted sets have.",
  complexity: "O(N*K) at worst, N being the size of the smallest input and K the number of inputs.",
  arity: -3,
  flags: ["readonly"],
  keys: [keyNum(1, "RO", "access")],
  keysBy: countedKeys(1),
  args: [
    { name: "numkeys", type: "integer" },
    KEYS,
    { name: "limit", type: "integer", token: "LIMIT", flags: ["optional"] },
  ],
  handler: handleZintercard,
};
