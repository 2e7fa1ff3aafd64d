/** COMMAND INFO, and the reply that describes one command (also an element of COMMAND's). */
import { commandByName } from "../../command/command-lookup.ts";
import type { AclCategory, CommandFlag, CommandSpec, KeyFlag, KeySpec } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import type { Command } from "../../command/define-command.ts";
import { legacyKeyRange } from "../../command/key-extraction.ts";
import type { ReplyWriter } from "../../resp/reply-writer.ts";

/** In the order in which Redis lists them. The rest of the flags it keeps to itself. */
const SHOWN_FLAGS: readonly CommandFlag[] = [
  "write",
  "readonly",
  "denyoom",
  "admin",
  "pubsub",
  "noscript",
  "blocking",
  "loading",
  "stale",
  "skip_monitor",
  "skip_slowlog",
  "asking",
  "fast",
  "no_auth",
  "no_mandatory_keys",
  "no_async_loading",
  "no_multi",
  "movablekeys",
  "allow_busy",
];

const CATEGORY_ORDER: readonly AclCategory[] = [
  "keyspace",
  "read",
  "write",
  "set",
  "sortedset",
  "list",
  "hash",
  "string",
  "bitmap",
  "hyperloglog",
  "geo",
  "stream",
  "pubsub",
  "admin",
  "fast",
  "slow",
  "blocking",
  "dangerous",
  "connection",
  "transaction",
  "scripting",
];

const KEY_FLAG_ORDER: readonly KeyFlag[] = [
  "RO",
  "RW",
  "OW",
  "RM",
  "access",
  "update",
  "insert",
  "delete",
  "not_key",
  "incomplete",
  "variable_flags",
];

/** A set of status replies. */
function replyWords(reply: ReplyWriter, words: readonly string[]): void {
  reply.setHeader(words.length);
  for (const word of words) reply.simple(word);
}

export function replyKeyFlags(reply: ReplyWriter, flags: readonly KeyFlag[]): void {
  replyWords(
    reply,
    KEY_FLAG_ORDER.filter((flag) => flags.includes(flag)),
  );
}

export function replyCommandInfo(reply: ReplyWriter, command: Command): void {
  const { spec } = command;
  const range = legacyKeyRange(spec.keys ?? []);
  const flags = range.isPartial ? [...spec.flags, "movablekeys"] : spec.flags;
  reply.arrayHeader(10);
  reply.bulkText(command.fullName);
  reply.integer(spec.arity);
  replyWords(
    reply,
    SHOWN_FLAGS.filter((flag) => flags.includes(flag)),
  );
  reply.integer(range.first);
  reply.integer(range.last);
  reply.integer(range.step);
  replyWords(
    reply,
    CATEGORY_ORDER.filter((category) => command.categories.includes(category)).map((category) => `@${category}`),
  );
  const tips = spec.tips ?? [];
  reply.setHeader(tips.length);
  for (const tip of tips) reply.bulkText(tip);
  const keys = spec.keys ?? [];
  reply.setHeader(keys.length);
  for (const key of keys) replyKeySpec(reply, key);
  if (command.subcommands === null) {
    reply.setHeader(0);
    return;
  }
  reply.arrayHeader(command.subcommands.size);
  for (const sub of command.subcommands.values()) replyCommandInfo(reply, sub);
}

function replyKeySpec(reply: ReplyWriter, key: KeySpec): void {
  reply.mapHeader(key.notes === undefined ? 3 : 4);
  if (key.notes !== undefined) {
    reply.bulkText("notes");
    reply.bulkText(key.notes);
  }
  reply.bulkText("flags");
  replyKeyFlags(reply, key.flags);
  const begin = key.beginSearch;
  reply.bulkText("begin_search");
  if (begin.type === "index") replyStep(reply, "index", { index: begin.index });
  else if (begin.type === "keyword")
    replyStep(reply, "keyword", { keyword: begin.keyword, startfrom: begin.startFrom });
  else replyStep(reply, "unknown", {});
  const find = key.findKeys;
  reply.bulkText("find_keys");
  if (find.type === "range") {
    replyStep(reply, "range", { lastkey: find.lastKey, keystep: find.keyStep, limit: find.limit });
  } else if (find.type === "keynum") {
    replyStep(reply, "keynum", { keynumidx: find.keyNumIdx, firstkey: find.firstKey, keystep: find.keyStep });
  } else replyStep(reply, "unknown", {});
}

function replyStep(reply: ReplyWriter, type: string, fields: Readonly<Record<string, string | number>>): void {
  reply.mapHeader(2);
  reply.bulkText("type");
  reply.bulkText(type);
  reply.bulkText("spec");
  const entries = Object.entries(fields);
  reply.mapHeader(entries.length);
  for (const [name, value] of entries) {
    reply.bulkText(name);
    if (typeof value === "number") reply.integer(value);
    else reply.bulkText(value);
  }
}

function handleCommandInfo(ctx: Context): void {
  const { args, reply } = ctx;
  const { registry } = ctx.server;
  if (args.count === 2) {
    reply.arrayHeader(registry.size);
    for (const command of registry.all()) replyCommandInfo(reply, command);
    return;
  }
  reply.arrayHeader(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    const command = commandByName(registry, args.latin1(i));
    if (command === undefined) reply.null();
    else replyCommandInfo(reply, command);
  }
}

export const commandInfo: CommandSpec = {
  name: "INFO",
  group: "server",
  since: "2.8.13",
  summary: "Describes the named commands, or all of them.",
  complexity: "O(N) where N is the number of commands to look up",
  arity: -2,
  flags: ["loading", "stale", "sentinel"],
  aclExtra: ["connection"],
  tips: ["nondeterministic_output_order"],
  history: [["7.0.0", "Allowed to be called with no argument to get info on all commands."]],
  args: [{ name: "command-name", type: "string", flags: ["optional", "multiple"] }],
  handler: handleCommandInfo,
};
