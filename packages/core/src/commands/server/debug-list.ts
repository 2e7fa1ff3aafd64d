/** DEBUG LISTPACK and QUICKLIST-PACKED-THRESHOLD. */
import { errorReply, NO_SUCH_KEY } from "../../base/errors.ts";
import type { Context } from "../../command/context.ts";
import { listpackFacts } from "../../types/listpack-facts.ts";

const NOT_A_LISTPACK = errorReply("ERR Not a listpack encoded object.");

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

/** What Redis prints of a listpack: here how many entries and bytes it would have, in the server's log. */
export function debugListpack(ctx: Context): void {
  const { args, keyspace, reply, server } = ctx;
  const entry = keyspace.find(ctx.db, args.buffer, args.start(2), args.end(2));
  if (entry === null) throw NO_SUCH_KEY;
  const facts = listpackFacts(keyspace, entry);
  if (facts === null) throw NOT_A_LISTPACK;
  server.host.log("warning", `DEBUG LISTPACK: {total bytes ${facts.bytes}} {num entries ${facts.entries}}`);
  reply.simple("Listpack structure printed on stdout");
}
