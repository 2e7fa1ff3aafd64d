/** KeyDB's KEYDB.NHSET; unlike there the value persists, and the command is a write to everybody. */
import { WRONGTYPE } from "../../base/errors.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { NESTED, nestedWith, readNested, saveNested } from "../../types/nested-hash.ts";
import { PATH_NOTES, pathKey, readNestedPath } from "./nested-path.ts";

function handleNhset(ctx: Context): void {
  const { args, keyspace, reply } = ctx;
  const { keyEnd, names } = readNestedPath(ctx, 1);
  const { buffer } = args;
  const start = args.start(1);
  const old = ctx.lookupWriteKey(buffer, start, keyEnd);
  if (old !== null && old.type !== NESTED) throw WRONGTYPE;
  const values: Buffer[] = [];
  for (let i = 2; i < args.count; i++) values.push(args.copy(i));
  const [only] = values;
  const leaf = values.length === 1 && only !== undefined ? only : values;
  const { root, replaced } = nestedWith(old === null ? null : readNested(keyspace, old), names, leaf);
  keyspace.forgetRow();
  saveNested(keyspace, ctx.db, buffer, start, keyEnd, old, root);
  const { events } = ctx.server;
  if (ctx.notifies(NOTIFY.hash)) events.publish("nhset", ctx.db, buffer.subarray(start, keyEnd));
  reply.integer(replaced ? 1 : 0);
}

export const keydbNhset: CommandSpec = {
  name: "KEYDB.NHSET",
  group: "hash",
  since: "6.3.0",
  summary: "Sets a value, or with several values a list, at a path of a nested hash (KeyDB).",
  complexity: "O(N), N being the size of the nested hash.",
  arity: -3,
  flags: ["write", "denyoom", "fast"],
  keys: [{ ...keyAt(1, "RW", "update", "incomplete"), notes: PATH_NOTES }],
  keysBy: (args) => pathKey(args, 1, ["RW", "update"]),
  args: [
    { name: "path", type: "key", keySpecIndex: 0 },
    { name: "value", type: "string", flags: ["multiple"] },
  ],
  handler: handleNhset,
};
