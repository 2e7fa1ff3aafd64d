import { OUT_OF_RANGE } from "../base/errors.ts";
import type { Context } from "./context.ts";

/** KeyDB's `max-rand-count` bounds how many random elements one command may ask for. */
export function checkRandomCount(ctx: Context, count: bigint): void {
  const most = BigInt(ctx.server.config.number("max-rand-count"));
  if (count > most || count < -most) throw OUT_OF_RANGE;
}
