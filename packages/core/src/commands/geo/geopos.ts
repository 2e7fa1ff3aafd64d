/** GEOPOS and GEOHASH: where members are. */
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { type Place, scorePlace, standardGeohash } from "../../types/geo-hash.ts";
import { ZSET, Zset } from "../../types/zset.ts";
import { replyPlace } from "./reply-place.ts";

/** Calls `each` with the place of every member asked for, null for one that there is not. */
function eachPlace(ctx: Context, each: (place: Place | null) => void): void {
  const { args } = ctx;
  const entry = ctx.lookupRead(1, ZSET);
  const zset = entry === null ? null : new Zset(ctx.keyspace, entry);
  ctx.reply.arrayHeader(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    const score = zset === null ? Number.NaN : zset.score(args.buffer, args.start(i), args.end(i));
    each(Number.isNaN(score) ? null : scorePlace(score));
  }
  zset?.release();
}

function handleGeopos(ctx: Context): void {
  eachPlace(ctx, (place) => {
    if (place === null) ctx.reply.nullArray();
    else replyPlace(ctx, place);
  });
}

function handleGeohash(ctx: Context): void {
  eachPlace(ctx, (place) => {
    if (place === null) ctx.reply.null();
    else ctx.reply.bulkText(standardGeohash(place));
  });
}

export const geopos: CommandSpec = {
  name: "GEOPOS",
  group: "geo",
  since: "3.2.0",
  summary: "Reads the coordinates of members.",
  complexity: "O(N), N being the number of members asked for.",
  arity: -2,
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access")],
  args: [KEY, { name: "member", type: "string", flags: ["optional", "multiple"] }],
  handler: handleGeopos,
};
export const geohash: CommandSpec = {
  name: "GEOHASH",
  group: "geo",
  since: "3.2.0",
  summary: "Tells the geohashes of members, as other systems write them.",
  complexity: "O(N), N being the number of members asked for.",
  arity: -2,
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access")],
  args: [KEY, { name: "member", type: "string", flags: ["optional", "multiple"] }],
  handler: handleGeohash,
};
