import { DB_INDEX_OUT_OF_RANGE, SAME_OBJECT } from "../../base/errors.ts";
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";

/** Argument `i` as the index of an existing database. */
export function readDbIndex(ctx: Context, i: number): number {
  const db = ctx.args.int32(i);
  if (db < 0 || db >= ctx.keyspace.databases.count) throw DB_INDEX_OUT_OF_RANGE;
  return db;
}

function handleMove(ctx: Context): void {
  const { args, keyspace, reply } = ctx;
  const b = args.buffer;
  const start = args.start(1);
  const end = args.end(1);
  const from = ctx.client.db;
  const to = readDbIndex(ctx, 2);
  if (to === from) throw SAME_OBJECT;
  if (ctx.lookupWrite(1) === null || keyspace.find(to, b, start, end) !== null) {
    reply.integer(0);
    return;
  }
  const entry = keyspace.find(from, b, start, end);
  if (entry !== null) keyspace.move(from, b, start, end, entry, to, b, start, end);
  ctx.notify(NOTIFY.generic, "move_from", 1);
  ctx.notifyIn(to, NOTIFY.generic, "move_to", 1);
  reply.integer(1);
}

export const move: CommandSpec = {
  name: "MOVE",
  group: "generic",
  since: "1.0.0",
  summary: "Puts a key into another database unless that one has a key of the name.",
  complexity: "O(1)",
  arity: 3,
  flags: ["write", "fast"],
  keys: [keyAt(1, "RW", "access", "update")],
  args: [KEY, { name: "db", type: "integer" }],
  handler: handleMove,
};
