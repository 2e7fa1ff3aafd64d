/** FUNCTION: the container of its subcommands, and FUNCTION HELP. */
import type { CommandSpec } from "../../command/command-spec.ts";
import { replyHelp } from "../../command/help-reply.ts";
import { functionDelete, functionFlush } from "./function-flush.ts";
import { functionList, functionStats } from "./function-list.ts";
import { functionDump, functionKill, functionLoad, functionRestore } from "./function-load.ts";

const HELP = [
  "LOAD [REPLACE] <FUNCTION CODE>",
  "    Make a library of the code; its first line names it.",
  "DELETE <LIBRARY NAME>",
  "    Remove a library.",
  "LIST [LIBRARYNAME PATTERN] [WITHCODE]",
  "    Describe the libraries: name, engine, functions, and with WITHCODE the code.",
  "    With LIBRARYNAME only those whose names match the pattern.",
  "STATS",
  "    Tell which function is running: name, command, duration in milliseconds;",
  "    and for each engine the number of libraries and functions.",
  "KILL",
  "    End the function that is running, in whichever process.",
  "FLUSH [ASYNC|SYNC]",
  "    Remove all libraries. Both modes do the same.",
  "DUMP",
  "    Give all libraries in one payload for FUNCTION RESTORE.",
  "RESTORE <PAYLOAD> [FLUSH|APPEND|REPLACE]",
  "    Make the libraries of a payload. What becomes of those that exist (default APPEND):",
  "    * FLUSH: they are removed first.",
  "    * APPEND: they stay; a library with a name that exists is an error.",
  "    * REPLACE: they stay unless the payload has one with the same name.",
];

const functionHelp: CommandSpec = {
  name: "HELP",
  group: "scripting",
  since: "7.0.0",
  summary: "Lists the subcommands.",
  complexity: "O(1)",
  arity: 2,
  flags: ["loading", "stale"],
  handler: (ctx) => replyHelp(ctx, HELP),
};

export const functionContainer: CommandSpec = {
  name: "FUNCTION",
  group: "scripting",
  since: "7.0.0",
  summary: "Holds the commands for function libraries.",
  complexity: "Depends on subcommand.",
  arity: -2,
  flags: [],
  subcommands: [
    functionDelete,
    functionDump,
    functionFlush,
    functionHelp,
    functionKill,
    functionList,
    functionLoad,
    functionRestore,
    functionStats,
  ],
  // Never reached: without a subcommand the arity check answers.
  handler: (ctx) => replyHelp(ctx, HELP),
};
