/** BLMPOP: LMPOP that waits until one of the lists has elements. */

import { KEYS } from "../../command/arg-grammar.ts";
import { argumentRange } from "../../command/argument-range.ts";
import { readTimeout } from "../../command/block-timeout.ts";
import { type CommandSpec, keyNum } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { countedKeys } from "../../command/counted-keys.ts";
import { LIST } from "../../types/list.ts";
import { ENDS } from "./lmove.ts";
import { popFirst, readPop } from "./lmpop.ts";

function handleBlmpop(ctx: Context): void {
  const pop = readPop(ctx, 2);
  const timeoutMs = readTimeout(ctx, 1);
  if (popFirst(ctx, pop)) return;
  if (ctx.denyBlocking) ctx.reply.nullArray();
  else ctx.block({ type: LIST, keys: argumentRange(pop.firstKey, pop.endKey), timeoutMs });
}

export const blmpop: CommandSpec = {
  name: "BLMPOP",
  group: "list",
  since: "7.0.0",
  summary: "Takes elements off an end of the first list that is not empty, waiting until there is one.",
  complexity: "O(N+M) where N is the number of provided keys and M is the number of elements returned.",
  arity: -5,
  flags: ["write", "blocking"],
  keys: [keyNum(2, "RW", "access", "delete")],
  keysBy: countedKeys(2),
  args: [
    { name: "timeout", type: "double" },
    { name: "numkeys", type: "integer" },
    KEYS,
    { name: "where", type: "oneof", args: ENDS },
    { name: "count", type: "integer", token: "COUNT", flags: ["optional"] },
  ],
  handler: handleBlmpop,
};
