/** LATENCY HISTOGRAM. */
import { commandByName } from "../../command/command-lookup.ts";
import type { Context } from "../../command/context.ts";
import type { Command } from "../../command/define-command.ts";
import { latencySteps } from "../../command/latency-buckets.ts";

/** The commands asked for, containers with their subcommands; all without arguments. */
function wantedCommands({ args, server }: Context): Command[] {
  if (args.count === 2) return [...server.registry.byId];
  const commands: Command[] = [];
  for (let i = 2; i < args.count; i++) {
    const command = commandByName(server.registry, args.latin1(i));
    if (command !== undefined) commands.push(command, ...(command.subcommands?.values() ?? []));
  }
  return commands;
}

export function latencyHistogram(ctx: Context): void {
  const { reply } = ctx;
  const { statistics } = ctx.server.introspection;
  const mark = reply.deferred();
  let shown = 0;
  for (const command of wantedCommands(ctx)) {
    const cells = statistics.latencies(command);
    if (cells === null) continue;
    shown++;
    const steps = latencySteps(cells);
    reply.bulkText(command.fullName);
    reply.mapHeader(2);
    reply.bulkText("calls");
    reply.integer(steps.at(-1)?.[1] ?? 0);
    reply.bulkText("histogram_usec");
    reply.mapHeader(steps.length);
    for (const [usec, calls] of steps) {
      reply.integer(usec);
      reply.integer(calls);
    }
  }
  reply.endDeferred(mark, "map", shown);
}
