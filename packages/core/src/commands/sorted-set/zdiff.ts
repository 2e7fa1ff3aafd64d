/** ZDIFF and ZDIFFSTORE. */

import { KEYS, optional, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt, keyNum } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { countedKeys } from "../../command/counted-keys.ts";
import { zsetDiff } from "../../types/zset-combine.ts";
import { replyCombined, storeCombined } from "./zcombine.ts";

function handleZdiff(ctx: Context): void {
  replyCombined(ctx, false, ({ inputs }) => zsetDiff(ctx.keyspace, inputs));
}

function handleZdiffstore(ctx: Context): void {
  storeCombined(ctx, false, ({ inputs }) => zsetDiff(ctx.keyspace, inputs));
}

export const zdiff: CommandSpec = {
  name: "ZDIFF",
  group: "sorted-set",
  since: "6.2.0",
  summary: "Replies the members of the first sorted set that the others do not have.",
  complexity:
    "O(N*K+M*log(M)) at worst, N being the size of the first input, K the number of inputs and M that of members in the result.",
  arity: -3,
  flags: ["readonly"],
  keys: [keyNum(1, "RO", "access")],
  keysBy: countedKeys(1),
  args: [{ name: "numkeys", type: "integer" }, KEYS, optional(token("WITHSCORES"))],
  handler: handleZdiff,
};
export const zdiffstore: CommandSpec = {
  name: "ZDIFFSTORE",
  group: "sorted-set",
  since: "6.2.0",
  summary: "Stores the members of the first sorted set that the others do not have.",
  complexity:
    "O(N*K+M*log(M)) at worst, N being the size of the first input, K the number of inputs and M that of members in the result.",
  arity: -4,
  flags: ["write", "denyoom"],
  keys: [keyAt(1, "OW", "update"), keyNum(2, "RO", "access")],
  keysBy: countedKeys(2, 1),
  args: [
    { name: "destination", type: "key", keySpecIndex: 0 },
    { name: "numkeys", type: "integer" },
    { name: "key", type: "key", keySpecIndex: 1, flags: ["multiple"] },
  ],
  handler: handleZdiffstore,
};
