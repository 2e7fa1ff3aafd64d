/** FUNCTION FLUSH and FUNCTION DELETE. */

import { FUNCTION_FLUSH_MODE, LIBRARY_NOT_FOUND, subcommandSyntax } from "../../base/errors.ts";
import { oneOf, optional, token } from "../../command/arg-grammar.ts";
import type { CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { libraryNumbers, readLibrary, removeAllLibraries, removeLibrary } from "../../keyspace/function-libraries.ts";

const ALL_SHARDS = ["request_policy:all_shards", "response_policy:all_succeeded"];

/** ASYNC and SYNC are the same here: the rows go in this txn, the engines of all processes notice by themselves. */
function handleFlush(ctx: Context): void {
  const { args } = ctx;
  if (args.count > 3) throw subcommandSyntax("FUNCTION", args.latin1(1));
  if (args.count === 3 && !args.is(2, "sync") && !args.is(2, "async")) throw FUNCTION_FLUSH_MODE;
  removeAllLibraries(ctx.keyspace);
  ctx.reply.ok();
}

function handleDelete(ctx: Context): void {
  const name = ctx.args.latin1(2);
  for (const number of libraryNumbers(ctx.keyspace)) {
    if (readLibrary(ctx.keyspace, number)?.name !== name) continue;
    removeLibrary(ctx.keyspace, number);
    ctx.reply.ok();
    return;
  }
  throw LIBRARY_NOT_FOUND;
}

export const functionFlush: CommandSpec = {
  name: "FLUSH",
  group: "scripting",
  since: "7.0.0",
  summary: "Removes all function libraries.",
  complexity: "O(N) where N is the number of functions deleted",
  arity: -2,
  flags: ["noscript", "write"],
  tips: ALL_SHARDS,
  args: [optional(oneOf("flush-type", [token("ASYNC"), token("SYNC")]))],
  handler: handleFlush,
};

export const functionDelete: CommandSpec = {
  name: "DELETE",
  group: "scripting",
  since: "7.0.0",
  summary: "Removes a function library.",
  complexity: "O(1)",
  arity: 3,
  flags: ["noscript", "write"],
  tips: ALL_SHARDS,
  args: [{ name: "library-name", type: "string" }],
  handler: handleDelete,
};
