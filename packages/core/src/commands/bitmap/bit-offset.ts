/** Bit offsets as SETBIT, GETBIT and BITFIELD take them. */
import { BIT_OFFSET_NOT_AN_INTEGER } from "../../base/errors.ts";
import { parseSafeInt } from "../../base/numbers.ts";
import type { Context } from "../../command/context.ts";

const HASH = 35;

/**
 * The bit offset in argument `i`; with a `width` (not 0), `#N` means N times that. Throws unless a string may have that
 * bit.
 */
export function bitOffset(ctx: Context, i: number, width = 0): number {
  const { args } = ctx;
  const start = args.start(i);
  const scaled = width > 0 && args.length(i) > 0 && args.buffer[start] === HASH;
  const given = parseSafeInt(args.buffer, scaled ? start + 1 : start, args.end(i));
  const offset = scaled ? given * width : given;
  if (offset >= 0 && Math.floor(offset / 8) < ctx.server.config.number("proto-max-bulk-len")) return offset;
  throw BIT_OFFSET_NOT_AN_INTEGER;
}
