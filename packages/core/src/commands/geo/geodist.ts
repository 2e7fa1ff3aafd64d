import { SYNTAX_ERROR } from "../../base/errors.ts";
import { KEY, optional } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { scorePlace } from "../../types/geo-hash.ts";
import { distanceBetween } from "../../types/geo-search.ts";
import { ZSET, Zset } from "../../types/zset.ts";
import { readUnit } from "./geo-args.ts";
import { UNIT } from "./geo-grammar.ts";
import { replyDistance } from "./reply-place.ts";

function handleGeodist(ctx: Context): void {
  const { args, reply } = ctx;
  if (args.count > 5) throw SYNTAX_ERROR;
  const unit = args.count === 5 ? readUnit(ctx, 4) : 1;
  const entry = ctx.lookupRead(1, ZSET);
  if (entry === null) {
    reply.null();
    return;
  }
  const zset = new Zset(ctx.keyspace, entry);
  const a = zset.score(args.buffer, args.start(2), args.end(2));
  const b = zset.score(args.buffer, args.start(3), args.end(3));
  zset.release();
  if (Number.isNaN(a) || Number.isNaN(b)) reply.null();
  else replyDistance(ctx, distanceBetween(scorePlace(a), scorePlace(b)) / unit);
}

export const geodist: CommandSpec = {
  name: "GEODIST",
  group: "geo",
  since: "3.2.0",
  summary: "Tells the distance between two places.",
  complexity: "O(1)",
  arity: -4,
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access")],
  args: [KEY, { name: "member1", type: "string" }, { name: "member2", type: "string" }, optional(UNIT)],
  handler: handleGeodist,
};
