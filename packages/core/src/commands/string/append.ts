/** APPEND: touches only the end of a large value. */
import { KEY } from "../../command/arg-grammar.ts";
import { type CommandSpec, keyAt } from "../../command/command-spec.ts";
import type { Context } from "../../command/context.ts";
import { NOTIFY } from "../../command/keyspace-events.ts";
import { NO_EXPIRY, RAW, STRING, setStringRange, stringLength } from "../../types/string.ts";
import { setValue } from "./set.ts";
import { checkStringLength } from "./string-limit.ts";

function handleAppend(ctx: Context): void {
  const { args, keyspace, reply } = ctx;
  const old = ctx.lookupWrite(1, STRING);
  const added = args.length(2);
  if (old === null) {
    setValue(ctx, null, 2, NO_EXPIRY);
    ctx.notify(NOTIFY.string, "append", 1);
    reply.integer(added);
    return;
  }
  const b = args.buffer;
  const db = ctx.client.db;
  const length = stringLength(old);
  checkStringLength(ctx, length + added);
  if (added === 0) {
    // Nothing changes, but it counts as a change, and the value is held as raw from now on.
    keyspace.rewrite(db, b, args.start(1), args.end(1), old, old.expireAtMs, old.generation, old.size, RAW);
  } else {
    setStringRange(keyspace, db, b, args.start(1), args.end(1), old, length, b, args.start(2), args.end(2));
  }
  ctx.notify(NOTIFY.string, "append", 1);
  reply.integer(length + added);
}

export const append: CommandSpec = {
  name: "APPEND",
  group: "string",
  since: "2.0.0",
  summary: "Adds bytes to the end of a string, which is created when missing.",
  complexity: "O(N), N: the bytes added",
  arity: 3,
  flags: ["write", "denyoom", "fast"],
  keys: [keyAt(1, "RW", "insert")],
  args: [KEY, { name: "value", type: "string" }],
  handler: handleAppend,
};
