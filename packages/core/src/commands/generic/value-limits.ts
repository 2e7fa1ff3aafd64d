import type { Context } from "../../command/context.ts";
import type { ValueLimits } from "../../rdb/rdb-object.ts";
import { hashLimits } from "../hash/hash-access.ts";
import { limitsOf } from "../list/list-access.ts";
import { setLimits } from "../set/set-access.ts";
import { zsetLimits } from "../sorted-set/zset-limits.ts";
import { nodeLimits } from "../stream/stream-access.ts";

/** The directives that decide about encodings, of all types. */
export function valueLimits(ctx: Context): ValueLimits {
  return {
    hash: hashLimits(ctx),
    list: limitsOf(ctx),
    set: setLimits(ctx),
    stream: nodeLimits(ctx),
    zset: zsetLimits(ctx),
  };
}
