/** XGROUP and its subcommands: consumer groups and their consumers. */

import {
  BUSYGROUP,
  ENTRIESREAD_NEGATIVE,
  noConsumerGroup,
  subcommandSyntax,
  XGROUP_KEY_MISSING,
} from "../../base/errors.ts";
import { KEY, oneOf, optional, token } from "../../command/arg-grammar.ts";
import { type ArgSpec, type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { replyHelp } from "../../command/help-reply.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { STREAM, Stream } from "../../types/stream.ts";
import { type Group, StreamGroups, UNKNOWN } from "../../types/stream-groups.ts";
import { narrow, type WideCount } from "../../types/wide-count.ts";
import { readId, saveStream, textArg } from "./stream-access.ts";

interface GroupOptions {
  readonly mkstream: boolean;
  readonly entriesRead: WideCount;
}

function syntaxError(ctx: Context): Error {
  return subcommandSyntax("XGROUP", textArg(ctx, 1));
}

/** Reads the options of CREATE and SETID, which are read before the key is looked up. */
function readOptions(ctx: Context, isCreate: boolean): GroupOptions {
  const { args } = ctx;
  let mkstream = false;
  let entriesRead: WideCount = UNKNOWN;
  for (let i = 5; i < args.count; i++) {
    if (isCreate && args.is(i, "mkstream")) mkstream = true;
    else if (args.is(i, "entriesread") && i + 1 < args.count) {
      entriesRead = narrow(args.int64(++i));
      if (entriesRead < 0 && entriesRead !== UNKNOWN) throw ENTRIESREAD_NEGATIVE;
    } else throw syntaxError(ctx);
  }
  return { mkstream, entriesRead };
}

interface Target {
  readonly stream: Stream;
  readonly groups: StreamGroups;
}

function findStream(ctx: Context): Target | null {
  const entry = ctx.lookupWrite(2, STREAM);
  if (entry === null) return null;
  const stream = new Stream(ctx.keyspace, entry);
  return { stream, groups: new StreamGroups(stream.rows) };
}

/** The group named by argument 3 of the stream at argument 2; throws when either is missing. */
function openGroup(ctx: Context): Target & { readonly group: Group } {
  const target = findStream(ctx);
  if (target === null) throw XGROUP_KEY_MISSING;
  const group = target.groups.find(ctx.args.copy(3));
  if (group === null) throw noConsumerGroup(textArg(ctx, 3), textArg(ctx, 2));
  return { ...target, group };
}

function handleCreate(ctx: Context): void {
  const { args, keyspace, reply } = ctx;
  const { mkstream, entriesRead } = readOptions(ctx, true);
  const found = findStream(ctx);
  if (found === null && !mkstream) throw XGROUP_KEY_MISSING;
  if (args.count > 8) throw syntaxError(ctx);
  const isLast = args.is(4, "$");
  const given = isLast ? null : readId(ctx, 4);
  const stream = found?.stream ?? new Stream(keyspace, null);
  const groups = found?.groups ?? new StreamGroups(stream.rows);
  const name = args.copy(3);
  if (found !== null && groups.find(name) !== null) throw BUSYGROUP;
  if (found === null) saveStream(ctx, 2, stream);
  groups.create(name, given ?? stream.lastId, entriesRead);
  if (found !== null) keyspace.dirty++;
  ctx.notify(NOTIFY.stream, "xgroup-create", 2);
  reply.ok();
}

function handleSetid(ctx: Context): void {
  const { args, keyspace, reply } = ctx;
  const { entriesRead } = readOptions(ctx, false);
  const { stream, groups, group } = openGroup(ctx);
  if (args.count > 7) throw syntaxError(ctx);
  group.lastId = args.is(4, "$") ? stream.lastId : readId(ctx, 4, true);
  group.entriesRead = entriesRead;
  groups.save(group);
  keyspace.dirty++;
  ctx.notify(NOTIFY.stream, "xgroup-setid", 2);
  reply.ok();
}

function handleDestroy(ctx: Context): void {
  const { args, keyspace, reply } = ctx;
  const target = findStream(ctx);
  if (target === null) throw XGROUP_KEY_MISSING;
  const group = target.groups.find(args.copy(3));
  if (group === null) {
    reply.integer(0);
    return;
  }
  target.groups.destroy(group);
  keyspace.dirty++;
  ctx.notify(NOTIFY.stream, "xgroup-destroy", 2);
  // Clients that wait for the group's entries are told that it is gone.
  keyspace.ready?.note(ctx.db, args.buffer, args.start(2), args.end(2));
  reply.integer(1);
}

function handleCreateconsumer(ctx: Context): void {
  const { args, keyspace, reply } = ctx;
  const { groups, group } = openGroup(ctx);
  const name = args.copy(4);
  if (groups.findConsumer(group, name) !== null) {
    reply.integer(0);
    return;
  }
  groups.createConsumer(group, name);
  groups.save(group);
  keyspace.dirty++;
  ctx.notify(NOTIFY.stream, "xgroup-createconsumer", 2);
  reply.integer(1);
}

function handleDelconsumer(ctx: Context): void {
  const { args, keyspace, reply } = ctx;
  const { groups, group } = openGroup(ctx);
  const consumer = groups.findConsumer(group, args.copy(4));
  if (consumer === null) {
    reply.integer(0);
    return;
  }
  groups.deleteConsumer(group, consumer);
  groups.save(group);
  keyspace.dirty++;
  ctx.notify(NOTIFY.stream, "xgroup-delconsumer", 2);
  reply.integer(consumer.pending);
}

const HELP = [
  "CREATE <key> <groupname> <id|$> [option]",
  "    Create a new consumer group. Options are:",
  "    * MKSTREAM",
  "      Create the empty stream if it does not exist.",
  "    * ENTRIESREAD entries_read",
  "      Set the group's entries_read counter (internal use).",
  "CREATECONSUMER <key> <groupname> <consumer>",
  "    Create a new consumer in the specified group.",
  "DELCONSUMER <key> <groupname> <consumer>",
  "    Remove the specified consumer.",
  "DESTROY <key> <groupname>",
  "    Remove the specified group.",
  "SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
  "    Set the current group ID and entries_read counter.",
];

function handleHelp(ctx: Context): void {
  replyHelp(ctx, HELP);
}

const KEY_AND_GROUP: readonly ArgSpec[] = [KEY, { name: "group", type: "string" }];
const ID_SELECTOR: ArgSpec = oneOf("id-selector", [
  { name: "id", type: "string" },
  { name: "new-id", type: "pure-token", token: "$" },
]);
const CONSUMER: ArgSpec = { name: "consumer", type: "string" };

export const xgroup: CommandSpec = {
  name: "XGROUP",
  group: "stream",
  since: "5.0.0",
  summary: "Container of the commands that manage consumer groups.",
  complexity: "Depends on subcommand.",
  arity: -2,
  flags: [],
  handler: handleHelp,
  subcommands: [
    {
      name: "CREATE",
      group: "stream",
      since: "5.0.0",
      summary: "Makes a consumer group.",
      complexity: "O(1)",
      arity: -5,
      flags: ["write", "denyoom"],
      keys: [keyAt(2, "RW", "insert")],
      history: [["7.0.0", "Added the `entries_read` argument."]],
      args: [
        ...KEY_AND_GROUP,
        ID_SELECTOR,
        optional(token("MKSTREAM")),
        { name: "entries-read", type: "integer", token: "ENTRIESREAD", flags: ["optional"] },
      ],
      handler: handleCreate,
    },
    {
      name: "CREATECONSUMER",
      group: "stream",
      since: "6.2.0",
      summary: "Makes a consumer in a group.",
      complexity: "O(1)",
      arity: 5,
      flags: ["write", "denyoom"],
      keys: [keyAt(2, "RW", "insert")],
      args: [...KEY_AND_GROUP, CONSUMER],
      handler: handleCreateconsumer,
    },
    {
      name: "DELCONSUMER",
      group: "stream",
      since: "5.0.0",
      summary: "Removes a consumer of a group with its pending entries.",
      complexity: "O(N), N being the number of the consumer's pending entries.",
      arity: 5,
      flags: ["write"],
      keys: [keyAt(2, "RW", "delete")],
      args: [...KEY_AND_GROUP, CONSUMER],
      handler: handleDelconsumer,
    },
    {
      name: "DESTROY",
      group: "stream",
      since: "5.0.0",
      summary: "Removes a consumer group.",
      complexity: "O(N), N being the number of the group's pending entries.",
      arity: 4,
      flags: ["write"],
      keys: [keyAt(2, "RW", "delete")],
      args: KEY_AND_GROUP,
      handler: handleDestroy,
    },
    {
      name: "HELP",
      group: "stream",
      since: "5.0.0",
      summary: "Explains the subcommands.",
      complexity: "O(1)",
      arity: 2,
      flags: ["loading", "stale"],
      handler: handleHelp,
    },
    {
      name: "SETID",
      group: "stream",
      since: "5.0.0",
      summary: "Sets the ID behind which a group goes on reading.",
      complexity: "O(1)",
      arity: -5,
      flags: ["write"],
      keys: [keyAt(2, "RW", "update")],
      history: [["7.0.0", "Added the `entries_read` argument."]],
      args: [
        ...KEY_AND_GROUP,
        ID_SELECTOR,
        { name: "entriesread", type: "integer", display: "entries-read", token: "ENTRIESREAD", flags: ["optional"] },
      ],
      handler: handleSetid,
    },
  ],
};
