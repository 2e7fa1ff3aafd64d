/** ZSCAN: a listpack at once, a skiplist in the order of its members' hashes. */

import { formatDouble } from "../../base/double-format.ts";
import { formatG17 } from "../../base/g17-format.ts";
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { readScanCursor, readScanOptions, type ScanOptions } from "../../command/scan-args.ts";
import type { Entry } from "../../keyspace/entry.ts";
import { LISTPACK, scanZset, ZSET, Zset } from "../../types/zset.ts";

function handleZscan(ctx: Context): void {
  const { reply } = ctx;
  const from = readScanCursor(ctx, 2);
  const entry = ctx.lookupRead(1, ZSET);
  const options = readScanOptions(ctx, 3, false);
  reply.arrayHeader(2);
  const mark = reply.deferred();
  let next = 0;
  let found = 0;
  if (entry !== null) {
    if (entry.encoding === LISTPACK) found = replyAll(ctx, entry, options);
    else {
      next = scanZset(ctx.keyspace, entry, from, options.count, (buffer, start, end, score) => {
        if (replyOne(ctx, options, buffer, start, end, formatG17(score))) found++;
      });
    }
  }
  reply.endDeferred(mark, "array", found * 2);
  const text = String(next);
  reply.insertRaw(mark, `$${text.length}\r\n${text}\r\n`);
}

function replyAll(ctx: Context, entry: Entry, options: ScanOptions): number {
  const zset = new Zset(ctx.keyspace, entry);
  let found = 0;
  for (let more = zset.seek(0); more; more = zset.next()) {
    zset.read();
    const { memberBuffer, memberStart, memberEnd, memberScore } = zset;
    if (replyOne(ctx, options, memberBuffer, memberStart, memberEnd, formatDouble(memberScore))) found++;
  }
  zset.release();
  return found;
}

function replyOne(
  ctx: Context,
  options: ScanOptions,
  buffer: Buffer,
  start: number,
  end: number,
  score: string,
): boolean {
  if (options.pattern !== null && !options.pattern.matches(buffer, start, end)) return false;
  ctx.reply.bulk(buffer, start, end);
  ctx.reply.bulkText(score);
  return true;
}

export const zscan: CommandSpec = {
  name: "ZSCAN",
  group: "sorted-set",
  since: "2.8.0",
  summary: "Walks over the members of a sorted set and their scores, some at a time.",
  complexity: "O(1) per call; O(N) for a whole walk, N being the number of members.",
  arity: -3,
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access")],
  tips: ["nondeterministic_output"],
  args: [
    KEY,
    { name: "cursor", type: "integer" },
    { name: "pattern", type: "pattern", token: "MATCH", flags: ["optional"] },
    { name: "count", type: "integer", token: "COUNT", flags: ["optional"] },
  ],
  handler: handleZscan,
};
