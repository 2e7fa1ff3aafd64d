/** COMMAND GETKEYS and GETKEYSANDFLAGS: the keys of a command line given as arguments. */
import {
  COMMAND_HAS_NO_KEYS,
  GETKEYS_INVALID_ARGUMENTS,
  GETKEYS_INVALID_COMMAND,
  GETKEYS_WRONG_ARITY,
} from "../../base/errors.ts";
import { commandOfRequest } from "../../command/command-lookup.ts";
import type { CommandSpec, KeyReference } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { findKeys, hasKeys, keyBytes } from "../../command/key-extraction.ts";
import { replyKeyFlags } from "./command-info.ts";

/** The keys, as indexes into the whole request. Throws Redis' errors. */
function keysOfGivenCommand(ctx: Context): readonly KeyReference[] {
  const given = ctx.args.from(2);
  const command = commandOfRequest(ctx.server.registry, given);
  if (command === undefined) throw GETKEYS_INVALID_COMMAND;
  if (!hasKeys(command)) throw COMMAND_HAS_NO_KEYS;
  if (given.count < command.minArgs || given.count > command.maxArgs) throw GETKEYS_WRONG_ARITY;
  const keys = findKeys(command, given) ?? [];
  if (keys.length === 0 && !command.spec.flags.includes("no_mandatory_keys")) throw GETKEYS_INVALID_ARGUMENTS;
  return keys.map((key) => ({ ...key, index: key.index + 2 }));
}

function handleGetKeys(ctx: Context): void {
  const keys = keysOfGivenCommand(ctx);
  ctx.reply.arrayHeader(keys.length);
  for (const key of keys) ctx.reply.bulk(keyBytes(ctx.args, key));
}

function handleGetKeysAndFlags(ctx: Context): void {
  const keys = keysOfGivenCommand(ctx);
  ctx.reply.arrayHeader(keys.length);
  for (const key of keys) {
    ctx.reply.arrayHeader(2);
    ctx.reply.bulk(keyBytes(ctx.args, key));
    replyKeyFlags(ctx.reply, key.flags);
  }
}

const COMMON = {
  group: "server",
  complexity: "O(N) where N is the number of arguments to the command",
  arity: -3,
  flags: ["loading", "stale", "sentinel"],
  aclExtra: ["connection"],
  args: [
    { name: "command", type: "string" },
    { name: "arg", type: "string", flags: ["optional", "multiple"] },
  ],
} as const;

export const commandGetKeys: CommandSpec = {
  ...COMMON,
  name: "GETKEYS",
  since: "2.8.13",
  summary: "Tells which words of a whole command line are keys.",
  handler: handleGetKeys,
};

export const commandGetKeysAndFlags: CommandSpec = {
  ...COMMON,
  name: "GETKEYSANDFLAGS",
  since: "7.0.0",
  summary: "Tells the keys of a whole command line and what the command does with each.",
  handler: handleGetKeysAndFlags,
};
