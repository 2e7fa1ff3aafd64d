/** XREAD and XREADGROUP. */
import { KEYS, optional, token } from "../../command/arg-grammar.ts";
import { argumentRange } from "../../command/argument-range.ts";
import type { CommandSpec, KeyFlag, KeyReference, KeySpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { RUN_IN_WRITE } from "../../command/run-in-write.ts";
import type { Args } from "../../resp/args.ts";
import { STREAM } from "../../types/stream.ts";
import type { StreamId } from "../../types/stream-id.ts";
import { readLastIds, readStreams } from "./read-streams.ts";
import { type ReadArgs, readReadArgs } from "./xread-args.ts";

function xreadGeneric(ctx: Context, isGroup: boolean): void {
  const read = readReadArgs(ctx, isGroup);
  // Who was given what is told in words of its own.
  ctx.effects?.prevent();
  const ids = readLastIds(ctx, read);
  if (readStreams(ctx, read, ids)) return;
  if (read.blockMs < 0 || ctx.denyBlocking) ctx.reply.nullArray();
  else if (!ctx.keyspace.store.inWriteTxn) throw RUN_IN_WRITE;
  else waitForStreams(ctx, read, ids);
}

/** The client waits; when it is served, `$` means what it means now. */
function waitForStreams(ctx: Context, read: ReadArgs, ids: readonly StreamId[]): void {
  const { args } = ctx;
  const firstId = read.firstKey + read.streams;
  const again: Buffer[] = [];
  for (let i = 0; i < args.count; i++) {
    const isLast = i >= firstId && args.is(i, "$");
    again.push(isLast ? Buffer.from((ids[i - firstId] as StreamId).text()) : args.copy(i));
  }
  const keys = argumentRange(read.firstKey, firstId);
  ctx.block({ type: STREAM, keys, timeoutMs: read.blockMs, args: again, onNoKey: read.isGroup });
}

function streamKeys(startFrom: number): KeySpec {
  return {
    flags: ["RO", "access"],
    beginSearch: { type: "keyword", keyword: "STREAMS", startFrom },
    findKeys: { type: "range", lastKey: -1, keyStep: 1, limit: 2 },
  };
}

/** As Redis' xreadGetKeys, which is asked when one argument follows STREAMS. */
function keysOfStreams(args: Args): readonly KeyReference[] {
  return streamsOf(args, []);
}

/** The group may be named STREAMS: the spec takes what follows for keys. */
function streamsRead(args: Args): readonly KeyReference[] {
  return streamsOf(args, ["RO", "access"]);
}

function streamsOf(args: Args, flags: readonly KeyFlag[]): readonly KeyReference[] {
  let i = 1;
  while (i < args.count && !args.is(i, "streams")) {
    if (args.is(i, "block") || args.is(i, "count")) i += 2;
    else if (args.is(i, "group")) i += 3;
    else if (args.is(i, "noack")) i++;
    else return [];
  }
  const count = args.count - i - 1;
  if (count <= 0 || count % 2 !== 0) return [];
  return argumentRange(i + 1, i + 1 + count / 2).map((index) => ({ index, flags }));
}

export const xread: CommandSpec = {
  name: "XREAD",
  group: "stream",
  since: "5.0.0",
  summary: "Reads the entries of streams behind the given IDs, waiting for some if asked to.",
  complexity: "O(N), N being the number of entries replied.",
  arity: -4,
  flags: ["blocking", "readonly"],
  keys: [streamKeys(1)],
  keysBy: keysOfStreams,
  args: [
    { name: "count", type: "integer", token: "COUNT", flags: ["optional"] },
    { name: "milliseconds", type: "integer", token: "BLOCK", flags: ["optional"] },
    {
      name: "streams",
      type: "block",
      token: "STREAMS",
      args: [KEYS, { name: "id", type: "string", flags: ["multiple"] }],
    },
  ],
  handler: (ctx) => xreadGeneric(ctx, false),
};

export const xreadgroup: CommandSpec = {
  name: "XREADGROUP",
  group: "stream",
  since: "5.0.0",
  summary: "Reads new or pending entries of streams for a consumer of a group, waiting for some if asked to.",
  complexity: "O(N), N being the number of entries replied.",
  arity: -7,
  flags: ["blocking", "write"],
  keys: [streamKeys(4)],
  keysBy: keysOfStreams,
  hiddenKeys: streamsRead,
  args: [
    {
      name: "group-block",
      type: "block",
      token: "GROUP",
      args: [
        { name: "group", type: "string" },
        { name: "consumer", type: "string" },
      ],
    },
    { name: "count", type: "integer", token: "COUNT", flags: ["optional"] },
    { name: "milliseconds", type: "integer", token: "BLOCK", flags: ["optional"] },
    optional(token("NOACK")),
    {
      name: "streams",
      type: "block",
      token: "STREAMS",
      args: [KEYS, { name: "id", type: "string", flags: ["multiple"] }],
    },
  ],
  handler: (ctx) => xreadGeneric(ctx, true),
};
