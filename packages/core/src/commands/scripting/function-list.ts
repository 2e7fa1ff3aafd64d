/** FUNCTION LIST and FUNCTION STATS. */

import { BUSY_LOCK, errorReply, LIBRARY_PATTERN_MISSING } from "../../base/errors.ts";
import { globMatch } from "../../base/glob.ts";
import { optional, token } from "../../command/arg-grammar.ts";
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import type { RunningScriptInfo } from "../../command/scripting.ts";
import {
  type FunctionDescription,
  libraryNumbers,
  readLibrary,
  type StoredLibrary,
} from "../../keyspace/function-libraries.ts";
import { SCRIPT_FLAG_NAMES } from "../../keyspace/script-flags.ts";

interface ListOptions {
  readonly withCode: boolean;
  /** Argument with the pattern; 0 when there is none. */
  readonly pattern: number;
}

function readOptions(ctx: Context): ListOptions {
  const { args } = ctx;
  let withCode = false;
  let pattern = 0;
  for (let i = 2; i < args.count; i++) {
    if (!withCode && args.is(i, "withcode")) withCode = true;
    else if (pattern === 0 && args.is(i, "libraryname")) {
      if (i >= args.count - 1) throw LIBRARY_PATTERN_MISSING;
      pattern = ++i;
    } else throw errorReply(`ERR Unknown argument ${args.latin1(i)}`);
  }
  return { withCode, pattern };
}

function matches(ctx: Context, pattern: number, name: string): boolean {
  if (pattern === 0) return true;
  const { args } = ctx;
  const bytes = Buffer.from(name, "latin1");
  return globMatch(args.bytes(pattern), bytes, 0, bytes.length, true);
}

function replyFunction(ctx: Context, { name, description, flags }: FunctionDescription): void {
  const { reply } = ctx;
  reply.mapHeader(3);
  reply.bulkText("name");
  reply.bulkText(name);
  reply.bulkText("description");
  if (description === null) reply.null();
  else reply.bulk(Buffer.from(description, "latin1"));
  reply.bulkText("flags");
  const names = SCRIPT_FLAG_NAMES.filter(([, bit]) => (flags & bit) !== 0);
  reply.setHeader(names.length);
  for (const [flag] of names) reply.simple(flag);
}

function replyLibrary(ctx: Context, library: StoredLibrary, withCode: boolean): void {
  const { reply } = ctx;
  reply.mapHeader(withCode ? 4 : 3);
  reply.bulkText("library_name");
  reply.bulkText(library.name);
  reply.bulkText("engine");
  reply.bulkText(library.engine);
  reply.bulkText("functions");
  reply.arrayHeader(library.functions.length);
  for (const description of library.functions) replyFunction(ctx, description);
  if (withCode) {
    reply.bulkText("library_code");
    reply.bulk(library.code);
  }
}

function storedLibraries(ctx: Context): StoredLibrary[] {
  return libraryNumbers(ctx.keyspace).flatMap((number) => readLibrary(ctx.keyspace, number) ?? []);
}

function handleList(ctx: Context): void {
  const { withCode, pattern } = readOptions(ctx);
  const libraries = storedLibraries(ctx).filter(({ name }) => matches(ctx, pattern, name));
  ctx.reply.arrayHeader(libraries.length);
  for (const library of libraries) replyLibrary(ctx, library, withCode);
}

function replyRunning(ctx: Context, { name, args, durationMs }: RunningScriptInfo): void {
  const { reply } = ctx;
  reply.mapHeader(3);
  reply.bulkText("name");
  reply.bulkText(name);
  reply.bulkText("command");
  reply.arrayHeader(args.length);
  for (const arg of args) reply.bulk(arg);
  reply.bulkText("duration_ms");
  reply.integer(durationMs);
}

function handleStats(ctx: Context): void {
  const { reply } = ctx;
  const running = ctx.server.scripting.running();
  if (running?.isEval === true) throw BUSY_LOCK;
  const libraries = storedLibraries(ctx);
  reply.mapHeader(2);
  reply.bulkText("running_script");
  if (running === null) reply.null();
  else replyRunning(ctx, running);
  reply.bulkText("engines");
  reply.mapHeader(1);
  reply.bulkText("LUA");
  reply.mapHeader(2);
  reply.bulkText("libraries_count");
  reply.integer(libraries.length);
  reply.bulkText("functions_count");
  reply.integer(libraries.reduce((sum, { functions }) => sum + functions.length, 0));
}

export const functionList: CommandSpec = {
  name: "LIST",
  group: "scripting",
  since: "7.0.0",
  summary: "Describes the function libraries.",
  complexity: "O(N) where N is the number of functions",
  arity: -2,
  flags: ["noscript"],
  tips: ["nondeterministic_output_order"],
  access: "read",
  args: [
    { name: "library-name-pattern", type: "string", token: "LIBRARYNAME", flags: ["optional"] },
    optional(token("WITHCODE")),
  ],
  handler: handleList,
};

export const functionStats: CommandSpec = {
  name: "STATS",
  group: "scripting",
  since: "7.0.0",
  summary: "Tells which function is running, and how many there are.",
  complexity: "O(1)",
  arity: 2,
  flags: ["noscript", "allow_busy"],
  tips: ["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
  access: "read",
  handler: handleStats,
};
