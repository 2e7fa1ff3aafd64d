/** ZUNION and ZUNIONSTORE. */

import { KEYS, optional, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt, keyNum } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { countedKeys } from "../../command/counted-keys.ts";
import { zsetUnion } from "../../types/zset-combine.ts";
import { replyCombined, storeCombined } from "./zcombine.ts";
import { WEIGHTS_AND_AGGREGATE } from "./zset-grammar.ts";

function handleZunion(ctx: Context): void {
  replyCombined(ctx, true, ({ inputs, aggregate }) => zsetUnion(ctx.keyspace, inputs, aggregate));
}

function handleZunionstore(ctx: Context): void {
  storeCombined(ctx, true, ({ inputs, aggregate }) => zsetUnion(ctx.keyspace, inputs, aggregate));
}

export const zunion: CommandSpec = {
  name: "ZUNION",
  group: "sorted-set",
  since: "6.2.0",
  summary: "Replies the members that at least one of several sorted sets has.",
  complexity: "O(N)+O(M*log(M)), N being the number of members of all inputs and M that of the result.",
  arity: -3,
  flags: ["readonly"],
  keys: [keyNum(1, "RO", "access")],
  keysBy: countedKeys(1),
  args: [{ name: "numkeys", type: "integer" }, KEYS, ...WEIGHTS_AND_AGGREGATE, optional(token("WITHSCORES"))],
  handler: handleZunion,
};
export const zunionstore: CommandSpec = {
  name: "ZUNIONSTORE",
  group: "sorted-set",
  since: "2.0.0",
  summary: "Stores the members that at least one of several sorted sets has.",
  complexity: "O(N)+O(M*log(M)), N being the number of members of all inputs and M that of the result.",
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
  handler: handleZunionstore,
};
