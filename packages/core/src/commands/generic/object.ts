/** OBJECT and its subcommands: looking at a value without using it. */

import { FREQ_WITHOUT_LFU, IDLETIME_UNDER_LFU } from "../../base/errors.ts";
import { parseSafeInt } from "../../base/numbers.ts";
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { replyHelp } from "../../command/help-reply.ts";
import { ENCODING_ID, type Entry, encodingName } from "../../keyspace/entry.ts";

/** Integers that every Redis holds once and never counts the uses of (OBJ_SHARED_INTEGERS, OBJ_SHARED_REFCOUNT). */
const SHARED_INTEGERS = 10000;
const SHARED_REFCOUNT = 2147483647;

function handleEncoding(ctx: Context): void {
  const entry = ctx.lookupReadNoTouch(2);
  if (entry === null) ctx.reply.null();
  else ctx.reply.bulkText(encodingName(entry.encoding));
}

function handleRefcount(ctx: Context): void {
  const entry = ctx.lookupReadNoTouch(2);
  if (entry === null) ctx.reply.null();
  else ctx.reply.integer(isSharedInteger(ctx, entry) ? SHARED_REFCOUNT : 1);
}

/** As Redis: small integers are shared unless a maxmemory policy needs an access time of each. */
function isSharedInteger(ctx: Context, entry: Entry): boolean {
  if (entry.encoding !== ENCODING_ID.int) return false;
  const value = parseSafeInt(ctx.keyspace.store.valueBuffer, entry.payloadStart, entry.payloadEnd);
  if (!(value >= 0 && value < SHARED_INTEGERS)) return false;
  const { config } = ctx.server;
  return config.number("maxmemory") === 0 || !/-l[rf]u$/.test(config.string("maxmemory-policy"));
}

function handleIdletime(ctx: Context): void {
  const { server, keyspace, reply } = ctx;
  if (ctx.lookupReadNoTouch(2) === null) reply.null();
  else if (server.accessClock.lfu) throw IDLETIME_UNDER_LFU;
  else reply.integer(server.accessClock.idleSeconds(keyspace.codec.hashLow, ctx.nowMs));
}

function handleFreq(ctx: Context): void {
  const { server, keyspace, reply } = ctx;
  if (ctx.lookupReadNoTouch(2) === null) reply.null();
  else if (!server.accessClock.lfu) throw FREQ_WITHOUT_LFU;
  else reply.integer(server.accessClock.frequency(keyspace.codec.hashLow, ctx.nowMs));
}

/** KeyDB's: seconds since the record's version stamp (unix ms << 20 | counter). */
function handleLastmodified(ctx: Context): void {
  const entry = ctx.lookupReadNoTouch(2);
  if (entry === null) {
    ctx.reply.null();
    return;
  }
  const modifiedMs = entry.versionHigh * 4096 + (entry.versionLow >>> 20);
  ctx.reply.integer(Math.max(0, Math.floor((ctx.nowMs - modifiedMs) / 1000)));
}

function subcommand(name: string, since: string, summary: string, handler: (ctx: Context) => void): CommandSpec {
  return {
    name,
    group: "generic",
    since,
    summary,
    complexity: "O(1)",
    arity: 3,
    flags: ["readonly"],
    keys: [keyAt(2, "RO")],
    tips: ["nondeterministic_output"],
    args: [KEY],
    handler,
  };
}

const HELP = [
  "ENCODING <key>",
  "    Return the kind of internal representation used in order to store the value",
  "    associated with a <key>.",
  "FREQ <key>",
  "    Return the access frequency index of the <key>. The returned integer is",
  "    proportional to the logarithm of the recent access frequency of the key.",
  "IDLETIME <key>",
  "    Return the idle time of the <key>, that is the approximated number of",
  "    seconds elapsed since the last access to the key.",
  "REFCOUNT <key>",
  "    Return the number of references of the value associated with the specified",
  "    <key>.",
];

function handleHelp(ctx: Context): void {
  replyHelp(ctx, HELP);
}

export const object: CommandSpec = {
  name: "OBJECT",
  group: "generic",
  since: "2.2.3",
  summary: "Container of the commands that look at how a value is held.",
  complexity: "Depends on subcommand.",
  arity: -2,
  flags: [],
  handler: handleHelp,
  subcommands: [
    subcommand("ENCODING", "2.2.3", "Names the internal form of the value at a key.", handleEncoding),
    subcommand("FREQ", "4.0.0", "Tells the logarithmic counter of uses of a key.", handleFreq),
    {
      name: "HELP",
      group: "generic",
      since: "6.2.0",
      summary: "Explains the subcommands.",
      complexity: "O(1)",
      arity: 2,
      flags: ["loading", "stale"],
      handler: handleHelp,
    },
    subcommand("IDLETIME", "2.2.3", "Tells for how many seconds a key was not used.", handleIdletime),
    subcommand("LASTMODIFIED", "5.0.0", "Tells how many seconds ago a key was changed (KeyDB).", handleLastmodified),
    subcommand("REFCOUNT", "2.2.3", "Tells how many references a value has.", handleRefcount),
  ],
};
