/** The body of the commands that search for places: reply them or store them (Redis' georadiusGeneric). */
import type { Context } from "../../command/context.ts";
import { Combined } from "../../types/combined.ts";
import { type FoundPlace, searchPlaces } from "../../types/geo-search.ts";
import { ZSET, Zset } from "../../types/zset.ts";
import { combinedZset } from "../../types/zset-combine.ts";
import { storeZset } from "../sorted-set/store-zset.ts";
import { zsetLimits } from "../sorted-set/zset-limits.ts";
import { readSearchQuery, type SearchForm, type SearchQuery } from "./geosearch-args.ts";
import { replyDistance, replyPlace } from "./reply-place.ts";

export function geosearchGeneric(ctx: Context, form: SearchForm): void {
  const entry = ctx.lookupRead(form.key, ZSET);
  const zset = entry === null ? null : new Zset(ctx.keyspace, entry);
  const query = readSearchQuery(ctx, form, zset);
  const found = zset === null ? [] : findPlaces(zset, query);
  zset?.release();
  if (query.storeKey === 0) replyFound(ctx, query, found);
  else storeFound(ctx, query, found);
}

function findPlaces(zset: Zset, query: SearchQuery): FoundPlace[] {
  const { shape, order, count, isAny } = query;
  if (shape === null) return [];
  const found = searchPlaces(zset, shape, isAny ? count : 0);
  if (order === "asc") found.sort((a, b) => a.distance - b.distance);
  else if (order === "desc") found.sort((a, b) => b.distance - a.distance);
  return count !== 0 && found.length > count ? found.slice(0, count) : found;
}

function replyFound(ctx: Context, query: SearchQuery, found: readonly FoundPlace[]): void {
  const { reply } = ctx;
  const { withDistance, withHash, withPlace, unit } = query;
  const extras = Number(withDistance) + Number(withHash) + Number(withPlace);
  reply.arrayHeader(found.length);
  for (const { text, score, place, distance } of found) {
    if (extras > 0) reply.arrayHeader(extras + 1);
    reply.bulk(Buffer.from(text, "latin1"));
    if (withDistance) replyDistance(ctx, distance / unit);
    if (withHash) reply.integer(Math.trunc(score));
    if (withPlace) replyPlace(ctx, place);
  }
}

function storeFound(ctx: Context, query: SearchQuery, found: readonly FoundPlace[]): void {
  const members = new Combined();
  for (const { text, score, distance } of found) {
    const member = Buffer.from(text, "latin1");
    members.add(member, 0, member.length, query.storesDistance ? distance / query.unit : score);
  }
  const event = ctx.command.fullName === "geosearchstore" ? "geosearchstore" : "georadiusstore";
  storeZset(ctx, query.storeKey, combinedZset(ctx.keyspace, zsetLimits(ctx), members), event);
}
