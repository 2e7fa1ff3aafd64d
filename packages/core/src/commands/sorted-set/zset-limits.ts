import type { Context } from "../../command/context.ts";
import type { ZsetLimits } from "../../types/zset-add.ts";

/** The directives `zset-max-listpack-entries` and `-value`. */
export function zsetLimits(ctx: Context): ZsetLimits {
  const { config } = ctx.server;
  return {
    maxEntries: config.number("zset-max-listpack-entries"),
    maxValue: config.number("zset-max-listpack-value"),
  };
}
