/** The timeout argument of blocking commands. */
import { type CommandError, errorReply, NEGATIVE_TIMEOUT } from "../base/errors.ts";
import type { Context } from "./context.ts";

const NOT_A_FLOAT: CommandError = errorReply("ERR timeout is not a float or out of range");
const OUT_OF_RANGE: CommandError = errorReply("ERR timeout is out of range");
const INT64_MAX = 2 ** 63;

/** Reads seconds in argument `i`, fractions allowed, as whole milliseconds, rounded up; 0 waits for ever. */
export function readTimeout(ctx: Context, i: number): number {
  const seconds = ctx.args.double(i, NOT_A_FLOAT);
  if (seconds * 1000 >= INT64_MAX) throw OUT_OF_RANGE;
  const ms = Math.ceil(seconds * 1000);
  if (ms < 0) throw NEGATIVE_TIMEOUT;
  if (ms > INT64_MAX - ctx.nowMs) throw OUT_OF_RANGE;
  return ms;
}
