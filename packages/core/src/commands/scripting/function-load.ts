/** FUNCTION LOAD, DUMP, RESTORE and KILL. */

import { errorReply, FUNCTION_CODE_MISSING, RESTORE_POLICY, subcommandSyntax } from "../../base/errors.ts";
import { oneOf, optional, token } from "../../command/arg-grammar.ts";
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { PROPAGATE } from "../../ports/op-log.ts";

const ALL_SHARDS = ["request_policy:all_shards", "response_policy:all_succeeded"];
const SHARED = { group: "scripting", since: "7.0.0" } as const satisfies Partial<CommandSpec>;

function handleLoad(ctx: Context): void {
  const { args } = ctx;
  let replace = false;
  let at = 2;
  while (at < args.count - 1) {
    if (!args.is(at, "replace")) throw errorReply(`ERR Unknown option given: ${args.latin1(at)}`);
    replace = true;
    at++;
  }
  if (at >= args.count) throw FUNCTION_CODE_MISSING;
  ctx.reply.bulkText(ctx.server.scripting.loadLibrary(args.copy(at), replace));
}

function handleRestore(ctx: Context): void {
  const { args } = ctx;
  if (args.count > 4) throw subcommandSyntax("FUNCTION", args.latin1(1));
  let policy: "append" | "replace" | "flush" = "append";
  if (args.count === 4) {
    if (args.is(3, "replace")) policy = "replace";
    else if (args.is(3, "flush")) policy = "flush";
    else if (!args.is(3, "append")) throw RESTORE_POLICY;
  }
  ctx.server.scripting.restoreLibraries(args.copy(2), policy);
  // Also when there was nothing in it, as in Redis.
  ctx.effects?.force(PROPAGATE.all);
  ctx.reply.ok();
}

export const functionLoad: CommandSpec = {
  ...SHARED,
  name: "LOAD",
  summary: "Makes a library of functions.",
  complexity: "O(1) (considering compilation time is redundant)",
  arity: -3,
  flags: ["noscript", "write", "denyoom"],
  tips: ALL_SHARDS,
  args: [optional(token("REPLACE")), { name: "function-code", type: "string" }],
  handler: handleLoad,
};

export const functionDump: CommandSpec = {
  ...SHARED,
  name: "DUMP",
  summary: "Gives all libraries in one payload.",
  complexity: "O(N) where N is the number of functions",
  arity: 2,
  flags: ["noscript"],
  access: "read",
  handler: (ctx) => ctx.reply.bulk(ctx.server.scripting.dumpLibraries()),
};

export const functionRestore: CommandSpec = {
  ...SHARED,
  name: "RESTORE",
  summary: "Makes the libraries of a payload.",
  complexity: "O(N) where N is the number of functions on the payload",
  arity: -3,
  flags: ["noscript", "write", "denyoom"],
  tips: ALL_SHARDS,
  args: [
    { name: "serialized-value", type: "string" },
    optional(oneOf("policy", [token("FLUSH"), token("APPEND"), token("REPLACE")])),
  ],
  handler: handleRestore,
};

export const functionKill: CommandSpec = {
  ...SHARED,
  name: "KILL",
  summary: "Ends the function that is running.",
  complexity: "O(1)",
  arity: 2,
  flags: ["noscript", "allow_busy"],
  tips: ["request_policy:all_shards", "response_policy:one_succeeded"],
  handler: (ctx) => {
    ctx.server.scripting.kill(false);
    ctx.reply.ok();
  },
};
