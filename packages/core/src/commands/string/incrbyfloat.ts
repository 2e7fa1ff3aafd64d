/** INCRBYFLOAT. */
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { STRING } from "../../types/string.ts";
import { stringIncrByFloat } from "../../types/string-number.ts";

function handleIncrbyfloat(ctx: Context): void {
  const { args, keyspace } = ctx;
  const old = ctx.lookupWrite(1, STRING);
  const b = args.buffer;
  const db = ctx.client.db;
  const sum = stringIncrByFloat(keyspace, db, b, args.start(1), args.end(1), old, b, args.start(2), args.end(2));
  ctx.reply.bulkText(sum);
  // Floats are not the same everywhere.
  ctx.effects?.replace(["SET", args.bytes(1), sum, "KEEPTTL"]);
  ctx.notify(NOTIFY.string, "incrbyfloat", 1);
}

export const incrbyfloat: CommandSpec = {
  name: "INCRBYFLOAT",
  group: "string",
  since: "2.6.0",
  summary: "Adds to the decimal number stored at a key; a missing key counts as 0.",
  complexity: "O(1)",
  arity: 3,
  flags: ["write", "denyoom", "fast"],
  keys: [keyAt(1, "RW", "access", "update")],
  args: [KEY, { name: "increment", type: "double" }],
  handler: handleIncrbyfloat,
};
