import { KEYS, oneOf, token } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyNum } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { countedKeys } from "../../command/counted-keys.ts";
import { readZmpopArgs } from "./zmpop-args.ts";
import { firstPoppable, zpopGeneric } from "./zpop-generic.ts";

function handleZmpop(ctx: Context): void {
  const { firstKey, endKey, isMax, count } = readZmpopArgs(ctx, 1);
  const key = firstPoppable(ctx, firstKey, endKey);
  if (key === 0) ctx.reply.nullArray();
  else zpopGeneric(ctx, key, { isMax, count, withKey: true, isNested: true });
}

export const zmpop: CommandSpec = {
  name: "ZMPOP",
  group: "sorted-set",
  since: "7.0.0",
  summary: "Takes members with the lowest or highest scores from the first of several sorted sets that has any.",
  complexity: "O(K)+O(M*log(N)), K being the number of keys, N that of members and M that of those taken.",
  arity: -4,
  flags: ["write"],
  keys: [keyNum(1, "RW", "access", "delete")],
  keysBy: countedKeys(1),
  args: [
    { name: "numkeys", type: "integer" },
    KEYS,
    oneOf("where", [token("MIN"), token("MAX")]),
    { name: "count", type: "integer", token: "COUNT", flags: ["optional"] },
  ],
  handler: handleZmpop,
};
