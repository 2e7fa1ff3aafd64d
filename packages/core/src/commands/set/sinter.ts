/** SINTER, SINTERCARD and SINTERSTORE. */

import { NEGATIVE_LIMIT, NUMKEYS_NOT_POSITIVE, NUMKEYS_TOO_LARGE, SYNTAX_ERROR } from "../../base/errors.ts";
import { KEYS } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt, keyNum, keyRange } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { countedKeys } from "../../command/counted-keys.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { intersectSets } from "../../types/set-operations.ts";
import type { SetSource } from "../../types/set-source.ts";
import { IntersectionStore } from "../../types/set-store.ts";
import { openSources, releaseSources, setLimits } from "./set-access.ts";

function isComplete(sources: readonly (SetSource | null)[]): sources is readonly SetSource[] {
  return !sources.includes(null);
}

/** Visits the intersection of the keys in arguments `[from, to)`; nothing if one of them is missing. */
function intersect(
  ctx: Context,
  sources: readonly (SetSource | null)[],
  visit: (b: Buffer, start: number, end: number) => boolean,
): void {
  try {
    if (isComplete(sources)) intersectSets(ctx.keyspace, sources, visit);
  } finally {
    releaseSources(sources);
    ctx.keyspace.forgetRow();
  }
}

function handleSinter(ctx: Context): void {
  const { args, reply } = ctx;
  const sources = openSources(ctx, 1, args.count);
  const mark = reply.deferred();
  let count = 0;
  intersect(ctx, sources, (b, start, end) => {
    reply.bulk(b, start, end);
    count++;
    return true;
  });
  reply.endDeferred(mark, "set", count);
}

function handleSintercard(ctx: Context): void {
  const { args, reply } = ctx;
  const keys = args.int64(1, NUMKEYS_NOT_POSITIVE);
  if (keys < 1n) throw NUMKEYS_NOT_POSITIVE;
  if (keys > BigInt(args.count - 2)) throw NUMKEYS_TOO_LARGE;
  const end = 2 + Number(keys);
  let limit = 0;
  for (let i = end; i < args.count; i++) {
    if (!args.is(i, "limit") || i + 1 >= args.count) throw SYNTAX_ERROR;
    const given = args.int64(++i, NEGATIVE_LIMIT);
    if (given < 0n) throw NEGATIVE_LIMIT;
    limit = Number(given);
  }
  let count = 0;
  intersect(ctx, openSources(ctx, 2, end), () => ++count !== limit);
  reply.integer(count);
}

function handleSinterstore(ctx: Context): void {
  const { args } = ctx;
  const sources = openSources(ctx, 2, args.count);
  let smallest: SetSource | null = null;
  for (const source of sources) {
    if (source !== null && (smallest === null || source.size < smallest.size)) smallest = source;
  }
  const fromIntset = smallest?.isIntset ?? false;
  const result = new IntersectionStore(ctx.keyspace, setLimits(ctx), fromIntset);
  intersect(ctx, sources, (b, start, end) => {
    result.add(b, start, end);
    return true;
  });
  const existed = ctx.notifies(NOTIFY.generic) && ctx.exists(1);
  const size = result.finish(ctx.client.db, args.buffer, args.start(1), args.end(1));
  ctx.notifyStored(NOTIFY.set, "sinterstore", 1, size, existed);
  ctx.reply.integer(size);
}

export const sinter: CommandSpec = {
  name: "SINTER",
  group: "set",
  since: "1.0.0",
  summary: "Lists the members that several sets have in common.",
  complexity: "O(N*M), N being the size of the smallest set and M the number of sets.",
  arity: -2,
  flags: ["readonly"],
  keys: [keyRange(1, -1, 1, "RO", "access")],
  tips: ["nondeterministic_output_order"],
  args: [KEYS],
  handler: handleSinter,
};

export const sintercard: CommandSpec = {
  name: "SINTERCARD",
  group: "set",
  since: "7.0.0",
  summary: "Counts the members that several sets have in common, if wanted only up to a limit.",
  complexity: "O(N*M), N being the size of the smallest set and M the number of sets.",
  arity: -3,
  flags: ["readonly"],
  keys: [keyNum(1, "RO", "access")],
  keysBy: countedKeys(1),
  args: [
    { name: "numkeys", type: "integer" },
    KEYS,
    { name: "limit", type: "integer", token: "LIMIT", flags: ["optional"] },
  ],
  handler: handleSintercard,
};

export const sinterstore: CommandSpec = {
  name: "SINTERSTORE",
  group: "set",
  since: "1.0.0",
  summary: "Stores the members that several sets have in common as a set.",
  complexity: "O(N*M), N being the size of the smallest set and M the number of sets.",
  arity: -3,
  flags: ["write", "denyoom"],
  keys: [keyAt(1, "RW", "update"), keyRange(2, -1, 1, "RO", "access")],
  args: [
    { name: "destination", type: "key", keySpecIndex: 0 },
    { name: "key", type: "key", keySpecIndex: 1, flags: ["multiple"] },
  ],
  handler: handleSinterstore,
};
