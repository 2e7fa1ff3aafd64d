/** SCRIPT and its subcommands. */

import { errorReply, SCRIPT_DEBUG_MODE, SCRIPT_FLUSH_MODE } from "../../base/errors.ts";
import { oneOf, token } from "../../command/arg-grammar.ts";
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { replyHelp } from "../../command/help-reply.ts";

const HELP = [
  "DEBUG (YES|SYNC|NO)",
  "    Set the debug mode for the scripts of this connection; there is no debugger here.",
  "EXISTS <sha1> [<sha1> ...]",
  "    Tell for each name whether a script is cached.",
  "FLUSH [ASYNC|SYNC]",
  "    Empty the script cache of all processes. Both modes do the same.",
  "KILL",
  "    End the script that is running, in whichever process.",
  "LOAD <script>",
  "    Put a script into the cache without running it.",
];

const SHARED = { group: "scripting", since: "2.6.0" } as const satisfies Partial<CommandSpec>;

function handleFlush(ctx: Context): void {
  const { args } = ctx;
  if (args.count > 3 || (args.count === 3 && !args.is(2, "sync") && !args.is(2, "async"))) throw SCRIPT_FLUSH_MODE;
  ctx.server.scripting.flushScripts();
  ctx.reply.ok();
}

function handleExists(ctx: Context): void {
  const { args, reply } = ctx;
  reply.arrayHeader(args.count - 2);
  for (let i = 2; i < args.count; i++) reply.integer(ctx.server.scripting.hasScript(args.latin1(i)) ? 1 : 0);
}

function handleDebug(ctx: Context): void {
  const { args } = ctx;
  if (args.is(2, "no")) ctx.reply.ok();
  else if (args.is(2, "yes") || args.is(2, "sync")) throw errorReply("ERR the Lua debugger is not supported");
  else throw SCRIPT_DEBUG_MODE;
}

const scriptLoad: CommandSpec = {
  ...SHARED,
  name: "LOAD",
  summary: "Puts a script into the cache.",
  complexity: "O(N) with N being the length in bytes of the script body.",
  arity: 3,
  flags: ["noscript", "stale"],
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  args: [{ name: "script", type: "string" }],
  access: "write",
  handler: (ctx) => ctx.reply.bulkText(ctx.server.scripting.loadScript(ctx.args.copy(2))),
};

const scriptExists: CommandSpec = {
  ...SHARED,
  name: "EXISTS",
  summary: "Tells which scripts are cached.",
  complexity: "O(N) with N being the number of scripts to check (so checking a single script is an O(1) operation).",
  arity: -3,
  flags: ["noscript"],
  tips: ["request_policy:all_shards", "response_policy:agg_logical_and"],
  args: [{ name: "sha1", type: "string", flags: ["multiple"] }],
  access: "read",
  handler: handleExists,
};

const scriptFlush: CommandSpec = {
  ...SHARED,
  name: "FLUSH",
  summary: "Empties the script cache.",
  complexity: "O(N) with N being the number of scripts in cache",
  arity: -2,
  flags: ["noscript"],
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  history: [["6.2.0", "Added the `ASYNC` and `SYNC` flushing mode modifiers."]],
  args: [
    {
      name: "flush-type",
      type: "oneof",
      since: "6.2.0",
      flags: ["optional"],
      args: [token("ASYNC"), token("SYNC")],
    },
  ],
  access: "write",
  handler: handleFlush,
};

const scriptKill: CommandSpec = {
  ...SHARED,
  name: "KILL",
  summary: "Ends the script that is running.",
  complexity: "O(1)",
  arity: 2,
  flags: ["noscript", "allow_busy"],
  tips: ["request_policy:all_shards", "response_policy:one_succeeded"],
  handler: (ctx) => {
    ctx.server.scripting.kill(true);
    ctx.reply.ok();
  },
};

const scriptDebug: CommandSpec = {
  ...SHARED,
  name: "DEBUG",
  since: "3.2.0",
  summary: "Sets the debug mode for the scripts of the connection.",
  complexity: "O(1)",
  arity: 3,
  flags: ["noscript"],
  args: [oneOf("mode", [token("YES"), token("SYNC"), token("NO")])],
  handler: handleDebug,
};

const scriptHelp: CommandSpec = {
  ...SHARED,
  name: "HELP",
  since: "5.0.0",
  summary: "Lists the subcommands.",
  complexity: "O(1)",
  arity: 2,
  flags: ["loading", "stale"],
  handler: (ctx) => replyHelp(ctx, HELP),
};

export const script: CommandSpec = {
  ...SHARED,
  name: "SCRIPT",
  summary: "Holds the commands for the script cache.",
  complexity: "Depends on subcommand.",
  arity: -2,
  flags: [],
  subcommands: [scriptDebug, scriptExists, scriptFlush, scriptHelp, scriptKill, scriptLoad],
  // Never reached: without a subcommand the arity check answers.
  handler: (ctx) => replyHelp(ctx, HELP),
};
