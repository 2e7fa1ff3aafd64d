/** MEMORY and its subcommands. */

import { NOT_AN_INTEGER, SYNTAX_ERROR } from "../../base/errors.ts";
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { replyHelp } from "../../command/help-reply.ts";
import { keyMemory } from "../../types/value-facts.ts";
import { memoryReport } from "./memory-doctor.ts";
import { replyMemoryStats } from "./memory-stats.ts";

const HELP = [
  "DOCTOR",
  "    Say in plain words whether memory is used well.",
  "MALLOC-STATS",
  "    Show the allocator's own statistics.",
  "PURGE",
  "    Ask the allocator to give memory back.",
  "STATS",
  "    Show what memory is used for.",
  "USAGE <key> [SAMPLES <count>]",
  "    Tell how many bytes a key and its value take. The elements of a large value are estimated from <count> of",
  "    them (default: 5, 0: all).",
];

const DEFAULT_SAMPLES = 5;

function handleUsage(ctx: Context): void {
  const { args, keyspace, reply } = ctx;
  let samples = DEFAULT_SAMPLES;
  for (let i = 3; i < args.count; i += 2) {
    if (!args.is(i, "samples") || i + 1 >= args.count) throw SYNTAX_ERROR;
    samples = args.int(i + 1, NOT_AN_INTEGER);
    if (samples < 0) throw SYNTAX_ERROR;
    if (samples === 0) samples = Number.MAX_SAFE_INTEGER;
  }
  const entry = keyspace.find(ctx.db, args.buffer, args.start(2), args.end(2));
  if (entry === null) reply.null();
  else reply.integer(keyMemory(keyspace, entry, args.length(2), samples));
}

function handleDoctor(ctx: Context): void {
  ctx.reply.verbatim("txt", memoryReport(ctx.server.introspection.memory()));
}

/** V8 knows no arenas or bins: what can be told is its heap. */
function handleMallocStats(ctx: Context): void {
  const { heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage();
  const lines = [
    `process: ${process.pid}`,
    `heap used: ${heapUsed}`,
    `heap total: ${heapTotal}`,
    `external: ${external}`,
    `array buffers: ${arrayBuffers}`,
  ];
  ctx.reply.verbatim("txt", `V8 heap of the process that serves this connection, bytes\n${lines.join("\n")}\n`);
}

const SPECIAL = ["nondeterministic_output", "request_policy:all_shards", "response_policy:special"];

export const memory: CommandSpec = {
  name: "MEMORY",
  group: "server",
  since: "4.0.0",
  summary: "Container of the commands about memory.",
  complexity: "Depends on subcommand.",
  arity: -2,
  flags: [],
  // Never reached: without a subcommand the arity check answers.
  handler: (ctx) => replyHelp(ctx, HELP),
  subcommands: [
    {
      name: "DOCTOR",
      group: "server",
      since: "4.0.0",
      summary: "Says in plain words whether memory is used well.",
      complexity: "O(1)",
      arity: 2,
      flags: [],
      tips: SPECIAL,
      access: "read",
      handler: handleDoctor,
    },
    {
      name: "HELP",
      group: "server",
      since: "4.0.0",
      summary: "Explains the subcommands.",
      complexity: "O(1)",
      arity: 2,
      flags: ["loading", "stale"],
      handler: (ctx) => replyHelp(ctx, HELP),
    },
    {
      name: "MALLOC-STATS",
      group: "server",
      since: "4.0.0",
      summary: "Shows the allocator's own statistics.",
      complexity: "Depends on how much memory is allocated, could be slow",
      arity: 2,
      flags: [],
      tips: SPECIAL,
      handler: handleMallocStats,
    },
    {
      name: "PURGE",
      group: "server",
      since: "4.0.0",
      summary: "Asks the allocator to give memory back. V8 does so by itself: nothing is left to do.",
      complexity: "Depends on how much memory is allocated, could be slow",
      arity: 2,
      flags: [],
      tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
      handler: (ctx) => ctx.reply.ok(),
    },
    {
      name: "STATS",
      group: "server",
      since: "4.0.0",
      summary: "Shows what memory is used for.",
      complexity: "O(1)",
      arity: 2,
      flags: [],
      tips: SPECIAL,
      access: "read",
      handler: replyMemoryStats,
    },
    {
      name: "USAGE",
      group: "server",
      since: "4.0.0",
      summary: "Tells how many bytes a key and its value take.",
      complexity: "O(N) where N is the number of samples.",
      arity: -3,
      flags: ["readonly"],
      keys: [keyAt(2, "RO")],
      args: [KEY, { name: "count", type: "integer", token: "SAMPLES", flags: ["optional"] }],
      handler: handleUsage,
    },
  ],
};
