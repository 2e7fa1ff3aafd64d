/** Coordinates and distances as Redis replies them. */
import { formatFixed4, formatFixed17 } from "../../base/fixed-format.ts";
import type { Context } from "../../command/context.ts";
import type { Place } from "../../types/geo-hash.ts";

function replyCoordinate(ctx: Context, value: number): void {
  const text = formatFixed17(value);
  if (ctx.reply.resp === 2) ctx.reply.bulkText(text);
  else ctx.reply.raw(`,${text}\r\n`);
}

export function replyPlace(ctx: Context, { longitude, latitude }: Place): void {
  ctx.reply.arrayHeader(2);
  replyCoordinate(ctx, longitude);
  replyCoordinate(ctx, latitude);
}

/** A distance in any unit, with four digits behind the point. */
export function replyDistance(ctx: Context, distance: number): void {
  ctx.reply.bulkText(formatFixed4(distance));
}
