/** BZMPOP: ZMPOP that waits until one of the sets has members. */

import { KEYS, oneOf, token } from "../../command/arg-grammar.ts";
import { argumentRange } from "../../command/argument-range.ts";
import { readTimeout } from "../../command/block-timeout.ts";
import { type CommandSpec, keyNum } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { countedKeys } from "../../command/counted-keys.ts";
import { ZSET } from "../../types/zset.ts";
import { readZmpopArgs } from "./zmpop-args.ts";
import { firstPoppable, zpopGeneric } from "./zpop-generic.ts";

function handleBzmpop(ctx: Context): void {
  const { firstKey, endKey, isMax, count } = readZmpopArgs(ctx, 2);
  const timeoutMs = readTimeout(ctx, 1);
  const key = firstPoppable(ctx, firstKey, endKey);
  if (key !== 0) zpopGeneric(ctx, key, { isMax, count, withKey: true, isNested: true });
  else if (ctx.denyBlocking) ctx.reply.nullArray();
  else ctx.block({ type: ZSET, keys: argumentRange(firstKey, endKey), timeoutMs });
}

export const bzmpop: CommandSpec = {
  name: "BZMPOP",
  group: "sorted-set",
  since: "7.0.0",
  summary: "Takes members from the first of several sorted sets that has any, waiting until one has.",
  complexity: "O(K) + O(M*log(N)), K being the number of keys, N that of members and M that of those taken.",
  arity: -5,
  flags: ["write", "blocking"],
  keys: [keyNum(2, "RW", "access", "delete")],
  keysBy: countedKeys(2),
  args: [
    { name: "timeout", type: "double" },
    { name: "numkeys", type: "integer" },
    KEYS,
    oneOf("where", [token("MIN"), token("MAX")]),
    { name: "count", type: "integer", token: "COUNT", flags: ["optional"] },
  ],
  handler: handleBzmpop,
};
