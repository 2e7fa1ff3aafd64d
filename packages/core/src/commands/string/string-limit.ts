/** The length that no string may grow beyond. */
import { STRING_TOO_LONG } from "../../base/errors.ts";
import type { Context } from "../../command/context.ts";

/** Throws unless a string of `length` bytes is allowed. */
export function checkStringLength(ctx: Context, length: number): void {
  if (length > ctx.server.config.number("proto-max-bulk-len")) throw STRING_TOO_LONG;
}
