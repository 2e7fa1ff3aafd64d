/** DEBUG QUICKLIST-PACKED-THRESHOLD. */
import { errorReply } from "../../base/errors.ts";
import type { Context } from "../../command/context.ts";

const BAD_THRESHOLD = errorReply("ERR argument must be a memory value bigger than 1 and smaller than 4gb");
const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1000,
  kb: 1024,
  m: 1000 ** 2,
  mb: 1024 ** 2,
  g: 1000 ** 3,
  gb: 1024 ** 3,
};

/**
 * Redis' border between elements that share a node and elements with a node of their own. Lists here have that border
 * too (ITEM_INLINE_MAX of the counted tree), but it is part of the format and cannot be moved: the value is only checked.
 */
export function debugPackedThreshold(ctx: Context): void {
  const match = /^(\d+)([a-z]*)$/.exec(ctx.args.latin1(2).toLowerCase());
  const unit = match === null ? undefined : UNITS[match[2] as string];
  if (match === null || unit === undefined || Number(match[1]) * unit > 2 ** 32) throw BAD_THRESHOLD;
  ctx.reply.ok();
}
