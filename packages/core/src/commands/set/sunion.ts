/** SUNION, SUNIONSTORE, SDIFF and SDIFFSTORE (Redis' sunionDiffGenericCommand). */
import { KEYS } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt, keyRange } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { type SetResult, subtractSets, uniteSets } from "../../types/set-operations.ts";
import type { SetSource } from "../../types/set-source.ts";
import { storeSet } from "../../types/set-store.ts";
import { openSources, releaseSources, setLimits } from "./set-access.ts";

/** Replies the members of a result as a set. */
export function replyResult(ctx: Context, result: SetResult): void {
  const { reply } = ctx;
  if (result.encoding !== null) {
    reply.setHeader(result.members.length);
    for (const member of result.members) reply.bulk(member);
    return;
  }
  const mark = reply.deferred();
  let count = 0;
  result.walk((b, start, end) => {
    reply.bulk(b, start, end);
    count++;
  });
  reply.endDeferred(mark, "set", count);
}

/** Runs `use` with the union, or the difference, of the keys from argument `from` on. */
function withResult(ctx: Context, from: number, operation: "union" | "diff", use: (result: SetResult) => void): void {
  const { args, keyspace } = ctx;
  const sources = openSources(ctx, from, args.count);
  const limits = setLimits(ctx);
  try {
    if (operation === "union") use(uniteSets(keyspace, limits, present(sources)));
    else {
      const first = args.bytes(from);
      let again = false;
      for (let i = from + 1; i < args.count; i++) if (args.bytes(i).equals(first)) again = true;
      use(subtractSets(keyspace, limits, sources[0] ?? null, present(sources.slice(1)), again));
    }
  } finally {
    releaseSources(sources);
    keyspace.forgetRow();
  }
}

function present(sources: readonly (SetSource | null)[]): SetSource[] {
  return sources.filter((source) => source !== null);
}

function reply(ctx: Context, operation: "union" | "diff"): void {
  withResult(ctx, 1, operation, (result) => replyResult(ctx, result));
}

function store(ctx: Context, operation: "union" | "diff"): void {
  const { args } = ctx;
  withResult(ctx, 2, operation, (result) => {
    const existed = ctx.notifies(NOTIFY.generic) && ctx.exists(1);
    const size = storeSet(ctx.keyspace, ctx.client.db, args.buffer, args.start(1), args.end(1), result);
    ctx.notifyStored(NOTIFY.set, `s${operation}store`, 1, size, existed);
    ctx.reply.integer(size);
  });
}

function handleSunion(ctx: Context): void {
  reply(ctx, "union");
}

function handleSunionstore(ctx: Context): void {
  store(ctx, "union");
}

function handleSdiff(ctx: Context): void {
  reply(ctx, "diff");
}

function handleSdiffstore(ctx: Context): void {
  store(ctx, "diff");
}

export const sunion: CommandSpec = {
  name: "SUNION",
  group: "set",
  since: "1.0.0",
  summary: "Lists the members that any of several sets has.",
  complexity: "O(N), N being the number of members of all sets.",
  arity: -2,
  flags: ["readonly"],
  keys: [keyRange(1, -1, 1, "RO", "access")],
  tips: ["nondeterministic_output_order"],
  args: [KEYS],
  handler: handleSunion,
};

export const sunionstore: CommandSpec = {
  name: "SUNIONSTORE",
  group: "set",
  since: "1.0.0",
  summary: "Stores the members that any of several sets has as a set.",
  complexity: "O(N), N being the number of members of all sets.",
  arity: -3,
  flags: ["write", "denyoom"],
  keys: [keyAt(1, "OW", "update"), keyRange(2, -1, 1, "RO", "access")],
  args: [
    { name: "destination", type: "key", keySpecIndex: 0 },
    { name: "key", type: "key", keySpecIndex: 1, flags: ["multiple"] },
  ],
  handler: handleSunionstore,
};

export const sdiff: CommandSpec = {
  name: "SDIFF",
  group: "set",
  since: "1.0.0",
  summary: "Lists the members of a set that none of other sets has.",
  complexity: "O(N), N being the number of members of all sets.",
  arity: -2,
  flags: ["readonly"],
  keys: [keyRange(1, -1, 1, "RO", "access")],
  tips: ["nondeterministic_output_order"],
  args: [KEYS],
  handler: handleSdiff,
};

export const sdiffstore: CommandSpec = {
  name: "SDIFFSTORE",
  group: "set",
  since: "1.0.0",
  summary: "Stores the members of a set that none of other sets has as a set.",
  complexity: "O(N), N being the number of members of all sets.",
  arity: -3,
  flags: ["write", "denyoom"],
  keys: [keyAt(1, "OW", "update"), keyRange(2, -1, 1, "RO", "access")],
  args: [
    { name: "destination", type: "key", keySpecIndex: 0 },
    { name: "key", type: "key", keySpecIndex: 1, flags: ["multiple"] },
  ],
  handler: handleSdiffstore,
};
