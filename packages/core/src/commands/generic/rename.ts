/** RENAME and RENAMENX. The value's elements stay where they are: O(1) whatever the size. */

import { NO_SUCH_KEY } from "../../base/errors.ts";
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";

/** Renames argument 1 to argument 2; false when `onlyIfNew` and the new name is taken (be it by the key itself). */
function renameGeneric(ctx: Context, onlyIfNew: boolean): boolean {
  const { args, keyspace } = ctx;
  const db = ctx.client.db;
  const b = args.buffer;
  if (ctx.lookupWrite(1) === null) throw NO_SUCH_KEY;
  if (args.bytes(1).equals(args.bytes(2))) return !onlyIfNew;
  const fromHash = keyspace.codec.hashLow;
  const target = ctx.lookupWrite(2);
  const toHash = keyspace.codec.hashLow;
  if (target !== null) {
    if (onlyIfNew) return false;
    keyspace.remove(db, b, args.start(2), args.end(2), target);
  }
  const entry = keyspace.find(db, b, args.start(1), args.end(1));
  if (entry === null) throw NO_SUCH_KEY;
  keyspace.move(db, b, args.start(1), args.end(1), entry, db, b, args.start(2), args.end(2));
  ctx.server.accessClock.transfer(fromHash, toHash);
  ctx.notify(NOTIFY.generic, "rename_from", 1);
  ctx.notify(NOTIFY.generic, "rename_to", 2);
  return true;
}

function handleRename(ctx: Context): void {
  renameGeneric(ctx, false);
  ctx.reply.ok();
}

function handleRenamenx(ctx: Context): void {
  ctx.reply.integer(renameGeneric(ctx, true) ? 1 : 0);
}

const SHARED = {
  group: "generic",
  complexity: "O(1)",
  arity: 3,
  args: [KEY, { name: "newkey", type: "key", keySpecIndex: 1 }],
} as const satisfies Partial<CommandSpec>;

export const rename: CommandSpec = {
  ...SHARED,
  name: "RENAME",
  since: "1.0.0",
  summary: "Gives a key another name, replacing whatever had that name.",
  flags: ["write"],
  keys: [keyAt(1, "RW", "access", "delete"), keyAt(2, "OW", "update")],
  handler: handleRename,
};

export const renamenx: CommandSpec = {
  ...SHARED,
  name: "RENAMENX",
  since: "1.0.0",
  summary: "Gives a key another name unless that name is taken.",
  flags: ["write", "fast"],
  keys: [keyAt(1, "RW", "access", "delete"), keyAt(2, "OW", "insert")],
  history: [["3.2.0", "The command no longer returns an error when source and destination names are the same."]],
  handler: handleRenamenx,
};
