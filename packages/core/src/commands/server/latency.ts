/** LATENCY: events that took long, and how long commands take, of all processes. */
import { noLatencySamples } from "../../base/errors.ts";
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { replyHelp } from "../../command/help-reply.ts";
import { latencyReport } from "./latency-doctor.ts";
import { latencyGraph } from "./latency-graph.ts";
import { latencyHistogram } from "./latency-histogram.ts";

const HELP = [
  "DOCTOR",
  "    Say in plain words what the latency events tell.",
  "GRAPH <event>",
  "    Draw the samples of an event.",
  "HISTORY <event>",
  "    Show the samples of an event: unix time and milliseconds.",
  "LATEST",
  "    Show the newest and the highest sample of each event.",
  "RESET [<event> ...]",
  "    Forget the samples of these events, or of all.",
  "HISTOGRAM [COMMAND ...]",
  "    Show how long these commands took, or all: calls up to each duration in microseconds.",
];

function handleLatest(ctx: Context): void {
  const all = ctx.server.introspection.latency.all();
  ctx.reply.arrayHeader(all.length);
  for (const { event, samples, highestMs } of all) {
    const newest = samples.at(-1);
    ctx.reply.arrayHeader(4);
    ctx.reply.bulkText(event);
    ctx.reply.integer(newest?.unixSeconds ?? 0);
    ctx.reply.integer(newest?.ms ?? 0);
    ctx.reply.integer(highestMs);
  }
}

function handleHistory(ctx: Context): void {
  const samples = ctx.server.introspection.latency.series(ctx.args.latin1(2))?.samples ?? [];
  ctx.reply.arrayHeader(samples.length);
  for (const { unixSeconds, ms } of samples) {
    ctx.reply.arrayHeader(2);
    ctx.reply.integer(unixSeconds);
    ctx.reply.integer(ms);
  }
}

function handleGraph(ctx: Context): void {
  const event = ctx.args.latin1(2);
  const series = ctx.server.introspection.latency.series(event);
  if (series === null) throw noLatencySamples(event);
  ctx.reply.verbatim("txt", latencyGraph(series, Math.floor(ctx.nowMs / 1000)));
}

function handleDoctor(ctx: Context): void {
  const { latency } = ctx.server.introspection;
  ctx.reply.verbatim("txt", latencyReport(latency.all(), Number.isFinite(latency.thresholdMs)));
}

function handleReset(ctx: Context): void {
  const { latency } = ctx.server.introspection;
  let count = ctx.args.count === 2 ? latency.reset(null) : 0;
  for (let i = 2; i < ctx.args.count; i++) count += latency.reset(ctx.args.latin1(i));
  ctx.reply.integer(count);
}

const ADMIN = { group: "server", flags: ["admin", "noscript", "loading", "stale"] } as const;
const SPECIAL = ["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"];

export const latency: CommandSpec = {
  name: "LATENCY",
  group: "server",
  since: "2.8.13",
  summary: "Container of the commands about latency.",
  complexity: "Depends on subcommand.",
  arity: -2,
  flags: [],
  // Never reached: without a subcommand the arity check answers.
  handler: (ctx) => replyHelp(ctx, HELP),
  subcommands: [
    {
      ...ADMIN,
      name: "DOCTOR",
      since: "2.8.13",
      summary: "Says in plain words what the latency events tell.",
      complexity: "O(1)",
      arity: 2,
      tips: SPECIAL,
      handler: handleDoctor,
    },
    {
      ...ADMIN,
      name: "GRAPH",
      since: "2.8.13",
      summary: "Draws the samples of a latency event.",
      complexity: "O(1)",
      arity: 3,
      tips: SPECIAL,
      args: [{ name: "event", type: "string" }],
      handler: handleGraph,
    },
    {
      name: "HELP",
      group: "server",
      since: "2.8.13",
      summary: "Explains the subcommands.",
      complexity: "O(1)",
      arity: 2,
      flags: ["loading", "stale"],
      handler: (ctx) => replyHelp(ctx, HELP),
    },
    {
      ...ADMIN,
      name: "HISTOGRAM",
      since: "7.0.0",
      summary: "Shows how long commands took, as cumulative counts.",
      complexity: "O(N) where N is the number of commands with latency information being retrieved.",
      arity: -2,
      tips: SPECIAL,
      args: [{ name: "command", type: "string", flags: ["optional", "multiple"] }],
      handler: latencyHistogram,
    },
    {
      ...ADMIN,
      name: "HISTORY",
      since: "2.8.13",
      summary: "Shows the samples of a latency event.",
      complexity: "O(1)",
      arity: 3,
      tips: SPECIAL,
      args: [{ name: "event", type: "string" }],
      handler: handleHistory,
    },
    {
      ...ADMIN,
      name: "LATEST",
      since: "2.8.13",
      summary: "Shows the newest and the highest sample of each latency event.",
      complexity: "O(1)",
      arity: 2,
      tips: SPECIAL,
      handler: handleLatest,
    },
    {
      ...ADMIN,
      name: "RESET",
      since: "2.8.13",
      summary: "Forgets samples of latency events.",
      complexity: "O(1)",
      arity: -2,
      tips: ["request_policy:all_nodes", "response_policy:agg_sum"],
      args: [{ name: "event", type: "string", flags: ["optional", "multiple"] }],
      handler: handleReset,
    },
  ],
};
