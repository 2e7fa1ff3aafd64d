/**
 * DEBUG: tools for tests and for people who look into a server. Each word of the table is one tool; `access` says which
 * kind of store transaction it needs.
 */
import { subcommandSyntax } from "../../base/errors.ts";
import type { Access, CommandSpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { replyHelp } from "../../command/help-reply.ts";
import type { Args } from "../../resp/args.ts";
import { debugDigest, debugDigestValue } from "./debug-digest.ts";
import { debugHtstats, debugObject, debugPopulate, debugSdslen, debugStore } from "./debug-keyspace.ts";
import { debugListpack, debugPackedThreshold } from "./debug-list.ts";
import {
  debugAllowInScripts,
  debugChangeReplId,
  debugConfigRewrite,
  debugCrash,
  debugError,
  debugLog,
  debugPauseCron,
  debugSetActiveExpire,
  debugSkipChecksum,
  debugSleep,
  debugStringmatchTest,
  prepareConfigRewrite,
} from "./debug-process.ts";
import { debugProtocol } from "./debug-protocol.ts";
import { debugReload } from "./debug-reload.ts";

interface Tool {
  readonly handler: (ctx: Context) => void;
  /** Arguments, DEBUG and the word included. */
  readonly minArgs: number;
  readonly maxArgs: number;
  readonly access: Access;
}

function tool(handler: (ctx: Context) => void, minArgs: number, maxArgs = minArgs, access: Access = "none"): Tool {
  return { handler, minArgs, maxArgs, access };
}

const MANY = Number.MAX_SAFE_INTEGER;

const TOOLS: Readonly<Record<string, Tool>> = {
  assert: tool(debugCrash, 2, MANY),
  "change-repl-id": tool(debugChangeReplId, 2),
  "config-rewrite-force-all": tool(debugConfigRewrite, 2),
  "crash-and-recover": tool(debugCrash, 2, MANY),
  digest: tool(debugDigest, 2, 2, "read"),
  "digest-value": tool(debugDigestValue, 2, MANY, "read"),
  error: tool(debugError, 3),
  help: tool((ctx) => replyHelp(ctx, HELP), 2),
  htstats: tool(debugHtstats, 3, MANY, "read"),
  listpack: tool(debugListpack, 3, 3, "read"),
  loadaof: tool(debugReload, 2, MANY, "write"),
  log: tool(debugLog, 3),
  object: tool(debugObject, 3, 3, "read"),
  oom: tool(debugCrash, 2, MANY),
  panic: tool(debugCrash, 2, MANY),
  "pause-cron": tool(debugPauseCron, 3),
  populate: tool(debugPopulate, 3, 5, "write"),
  protocol: tool(debugProtocol, 3),
  "quicklist-packed-threshold": tool(debugPackedThreshold, 3),
  reload: tool(debugReload, 2, MANY, "write"),
  sdslen: tool(debugSdslen, 3, 3, "read"),
  segfault: tool(debugCrash, 2, MANY),
  "set-active-expire": tool(debugSetActiveExpire, 3),
  "set-disable-deny-scripts": tool(debugAllowInScripts, 3),
  "set-skip-checksum-validation": tool(debugSkipChecksum, 3),
  sleep: tool(debugSleep, 3),
  store: tool(debugStore, 2, 2, "read"),
  "stringmatch-test": tool(debugStringmatchTest, 2),
};

const HELP = [
  "ASSERT, OOM, PANIC, SEGFAULT",
  "    End the process that serves this connection at once. The supervisor starts a new one.",
  "CHANGE-REPL-ID",
  "    Take a new replication ID.",
  "CONFIG-REWRITE-FORCE-ALL",
  "    Write the configuration file with every directive, those at their default included.",
  "CRASH-AND-RECOVER [<milliseconds>]",
  "    End the process that serves this connection after that time; the supervisor starts a new one.",
  "DIGEST",
  "    Tell a signature of all data, equal to that of a Redis server with the same data.",
  "DIGEST-VALUE <key> [<key> ...]",
  "    Tell signatures of the values of these keys.",
  "ERROR <string>",
  "    Answer this text as an error.",
  "HTSTATS <dbid> [full]",
  "    Describe how the keys of a database are stored.",
  "LISTPACK <key>",
  "    Write to the server's log how many entries and bytes the listpack of a small collection has in Redis.",
  "LOADAOF",
  "    As RELOAD.",
  "LOG <message>",
  "    Write a message to the server's log.",
  "OBJECT <key>",
  "    Tell how the value of a key is held.",
  "PAUSE-CRON <0|1>",
  "    Stop the periodic work of every process, or let it go on.",
  "POPULATE <count> [<prefix>] [<size>]",
  '    Create <count> strings named <prefix>:<number> (prefix "key" unless given). Keys that exist stay as they are.',
  "PROTOCOL <type>",
  "    Answer a sample of a reply type: string, integer, double, bignum, null, array, set, map, attrib, push,",
  "    verbatim, true, false.",
  "RELOAD [MERGE] [NOFLUSH] [NOSAVE]",
  "    Read every record of the store from scratch and drop the keys that are due. The data always is in the store,",
  "    so there is nothing to save or to load; the options are accepted for tests.",
  "SDSLEN <key>",
  "    Tell the lengths of a key and its string.",
  "SET-ACTIVE-EXPIRE <0|1>",
  "    Stop deleting due keys in the background, or go on.",
  "SET-DISABLE-DENY-SCRIPTS <0|1>",
  "    Let scripts call every command, or only those that are for scripts.",
  "SET-SKIP-CHECKSUM-VALIDATION <0|1>",
  "    Take payloads with a wrong checksum in RESTORE and FUNCTION RESTORE, or refuse them.",
  "SLEEP <seconds>",
  "    Block the process that serves this connection. Decimals allowed.",
  "STORE",
  "    Describe the store: rows per table, pages, waiting trash, readers.",
  "QUICKLIST-PACKED-THRESHOLD <size>",
  "    Checked, without effect: which elements lie in rows of their own is fixed here.",
  "STRINGMATCH-TEST",
  "    Try the glob matcher with random patterns.",
];

function toolOf(args: Args): Tool | null {
  const word = args.latin1(1).toLowerCase();
  const found = Object.hasOwn(TOOLS, word) ? TOOLS[word] : undefined;
  if (found === undefined || args.count < found.minArgs || args.count > found.maxArgs) return null;
  return found;
}

function handleDebug(ctx: Context): void {
  const found = toolOf(ctx.args);
  if (found === null) throw subcommandSyntax("DEBUG", ctx.args.latin1(1));
  found.handler(ctx);
}

export const debug: CommandSpec = {
  name: "DEBUG",
  group: "server",
  since: "1.0.0",
  summary: "Tools for tests and for looking into the server.",
  complexity: "Depends on subcommand.",
  arity: -2,
  flags: ["admin", "noscript", "loading", "stale", "protected"],
  docFlags: ["syscmd"],
  accessBy: (_client, args) => toolOf(args)?.access ?? "none",
  prepare: prepareConfigRewrite,
  handler: handleDebug,
};
