/** CONFIG GET with several patterns. */
import { GlobPattern } from "../../base/glob.ts";
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";

function handleConfigGet(ctx: Context): void {
  const { args, reply } = ctx;
  const { config } = ctx.server;
  const found = new Set<string>();
  for (let i = 2; i < args.count; i++) {
    const name = args.latin1(i).toLowerCase();
    if (!/[[*?]/.test(name)) {
      // An exact name also finds what patterns do not show.
      if (config.getText(name) !== undefined) found.add(name);
      continue;
    }
    const pattern = new GlobPattern(args.bytes(i), true);
    for (const candidate of config.names()) {
      const bytes = Buffer.from(candidate, "latin1");
      if (pattern.matches(bytes, 0, bytes.length)) found.add(candidate);
    }
  }
  reply.mapHeader(found.size);
  for (const name of found) {
    reply.bulkText(name);
    reply.bulk(Buffer.from(config.getText(name) ?? "", "latin1"));
  }
}

export const configGet: CommandSpec = {
  name: "GET",
  group: "server",
  since: "2.0.0",
  summary: "Shows directives and their values.",
  complexity: "O(N) when N is the number of configuration parameters provided",
  arity: -3,
  flags: ["admin", "noscript", "loading", "stale"],
  history: [["7.0.0", "Added the ability to pass multiple pattern parameters in one call"]],
  args: [{ name: "parameter", type: "string", flags: ["multiple"] }],
  handler: handleConfigGet,
};
